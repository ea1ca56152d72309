"""What stops working or grows old."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from companion.core.deadlines import Due, holds_another_token
from companion.core.paging import DEFAULT_PAGE, MAX_PAGE
from companion.core.timestamps import timestamp
from companion.schemas.connections import ConnectionOut, connection_document
from companion.schemas.fields import Out, Query


class DeadlineQuery(Query):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    after: str | None = Field(None, description="`next` of the page before.")


class DeadlineOut(Out):
    """One thing that stops working or grows old."""

    kind: str
    due_at: str
    message: str
    action: str


class ExportOut(Out):
    """A file for another tool, with a secret in it."""

    path: str
    format: str
    written_at: str
    has_access_token: bool
    is_present: bool = Field(description="Whether the access token in it, if there is one, is still the connection's.")
    storefront_token_ends: str | None


class DueOut(Out):
    """What is due of one connection, and the files that were written of it."""

    connection: ConnectionOut
    deadlines: list[DeadlineOut]
    exports: list[ExportOut]


class DeadlinePageOut(Out):
    """What is due of one page of connections."""

    due: list[DueOut]
    next: str | None


def due_document(due: Due) -> dict[str, Any]:
    """Return what is due of one connection as the API shows it."""
    return {
        "connection": connection_document(due.connection),
        "deadlines": [
            {
                "kind": each.kind.value,
                "due_at": timestamp(each.due_at),
                "message": each.message,
                "action": each.action,
            }
            for each in due.deadlines
        ],
        "exports": [
            {
                "path": each.path,
                "format": each.tool.value,
                "written_at": timestamp(each.written_at),
                "has_access_token": each.has_access_token,
                "is_present": not holds_another_token(due.connection, each),
                "storefront_token_ends": None
                if each.storefront_token_ends is None
                else timestamp(each.storefront_token_ends),
            }
            for each in due.exports
        ],
    }
