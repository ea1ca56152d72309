"""The audit record."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from companion.core.audit import AuditEntry
from companion.core.audit_actions import AuditAction
from companion.core.paging import DEFAULT_PAGE, MAX_PAGE
from companion.core.timestamps import timestamp
from companion.schemas.fields import Out, Query


class AuditQuery(Query):
    """Which entries of the audit record."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    before: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = Field(None, description="`next` of the page before.")
    connection: str | None = Field(None, description="Only what was done to the connection with this id.")
    action: Literal[*AuditAction] | None = Field(None, description="Only this action.")  # type: ignore[valid-type]
    who: str | None = Field(None, description="Only this caller, such as `user` or `tool NAME`.")
    chapter: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description="Of this earlier chapter, which a restored backup brought along."
    )


class AuditStateQuery(Query):
    """What the audit record must go through."""

    anchor: str | None = Field(None, description="What `anchor` was at an earlier time.")


class AuditConnectionOut(Out):
    """The connection that something was done to, as it was called then."""

    id: str | None
    name: str | None


class AuditEntryOut(Out):
    """One entry of the audit record."""

    number: int
    at: str
    who: str
    action: str
    connection: AuditConnectionOut | None
    outcome: str
    detail: str


class AuditOut(Out):
    """One page of the audit record, newest first."""

    entries: list[AuditEntryOut]
    next: int | None


class AuditChapterOut(Out):
    """Whether an earlier chapter of the audit record, which a restored backup brought along, is whole."""

    chapter: int
    restored_at: str | None
    intact: bool
    entries: int
    anchor: str
    broken_at: int | None
    why: str | None


class AuditStateOut(Out):
    """Whether the audit record and its earlier chapters are whole, and where it ends."""

    intact: bool
    entries: int
    anchor: str
    broken_at: int | None
    why: str | None
    chapters: list[AuditChapterOut]


def audit_entry_document(entry: AuditEntry) -> dict[str, Any]:
    """Return an entry of the audit record as the API shows it."""
    deed = entry.told.deed
    to_none = deed.connection_id is None and deed.connection_name is None
    return {
        "number": entry.number,
        "at": timestamp(entry.told.at),
        "who": entry.told.who,
        "action": str(deed.action),
        "connection": None if to_none else {"id": deed.connection_id, "name": deed.connection_name},
        "outcome": deed.outcome,
        "detail": deed.detail,
    }
