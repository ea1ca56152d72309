"""Entries and heads of audit chains as rows, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping, Select, select

from companion.core.audit import AuditEntry, Deed, Head, Told
from companion.ports.audit import StoredChapter
from companion.storage.tables import audit_chapter_entries, audit_chapters

_AT_A_TIME = 500


def head_of(row: RowMapping) -> Head:
    """Return what the row of a head says."""
    return Head(row["count"], bytes(row["mac"]), bytes(row["seal"]))


def row_of(entry: AuditEntry) -> dict[str, object]:
    """Return the columns of an entry."""
    told, deed = entry.told, entry.told.deed
    return {
        "number": entry.number,
        "at": told.at,
        "who": told.who,
        "action": str(deed.action),
        "connection_id": deed.connection_id,
        "connection_name": deed.connection_name,
        "outcome": deed.outcome,
        "detail": deed.detail,
        "mac": entry.mac,
    }


def entry_of(row: RowMapping) -> AuditEntry:
    """Return what a row holds."""
    deed = Deed(row["action"], row["connection_id"], row["connection_name"], row["outcome"], row["detail"])
    return AuditEntry(row["number"], Told(deed, row["who"], row["at"]), bytes(row["mac"]))


def entries_of(transaction: Transaction, query: Select[Any]) -> Iterator[AuditEntry]:
    """Yield the entries that a query selects; they are read while they are asked for."""
    rows = transaction.execution_options(yield_per=_AT_A_TIME).execute(query)
    with closing(rows):  # who finds a break reads no further
        yield from map(entry_of, rows.mappings())


def stored_chapters(transaction: Transaction, open_key: Callable[[bytes, int], bytes]) -> Iterator[StoredChapter]:
    """Yield the earlier chapters in the order of their numbers.

    Args:
        open_key: an envelope and the number of its chapter -> the chapter's key.
    """
    for row in transaction.execute(select(audit_chapters).order_by(audit_chapters.c.number)).mappings().all():
        number, envelope = row["number"], bytes(row["envelope"])
        there = audit_chapter_entries.c
        query = select(audit_chapter_entries).where(there.chapter == number).order_by(there.number)
        yield StoredChapter(
            number,
            row["restored_at"],
            head_of(row),
            lambda number=number, envelope=envelope: open_key(envelope, number),  # type: ignore[misc]
            entries_of(transaction, query),
        )
