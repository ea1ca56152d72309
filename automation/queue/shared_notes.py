"""Notes on API accounts that are about to be made, where every worker sees them.

A worker that is killed leaves its note. Whoever takes its job up again holds the lock of the store, so that every note
of that store but its own was left.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from automation.queue.database import QueueDatabase
from companion.account_notes import AccountNote

_COLUMNS = ("world", "store_hash", "name", "command", "written_at")


class SharedHeldNote:
    """The note of a run that lives; nothing is written until `write`."""

    def __init__(self, database: QueueDatabase, note_id: uuid.UUID) -> None:
        self._database = database
        self._id = note_id
        self._written: AccountNote | None = None

    def write(self, note: AccountNote) -> None:
        """Write it, durably, in place of what it said before. Raises `StorageFailed`."""
        if note == self._written:
            return
        with self._database.connected() as connection:
            connection.execute(
                "INSERT INTO companion_accounts_under_way (id, world, store_hash, name, command, written_at) "
                "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET store_hash = excluded.store_hash, "
                "name = excluded.name, written_at = excluded.written_at",
                (self._id, *(getattr(note, column) for column in _COLUMNS)),
            )
        self._written = note

    def remove(self) -> None:
        """Remove it, where it was written."""
        if self._written is not None:
            _drop(self._database, self._id)
            self._written = None


@dataclass(frozen=True)
class SharedLeftNote:
    """A note whose run is gone."""

    note: AccountNote
    database: QueueDatabase
    id: uuid.UUID

    def drop(self) -> None:
        """Remove it: the account is gone, or something else names it."""
        _drop(self.database, self.id)


class SharedNotes:
    """The notes, as the run sees them that holds the lock of one store."""

    def __init__(self, database: QueueDatabase, store_hash: str) -> None:
        self._database = database
        self._store_hash = store_hash
        self._own: set[uuid.UUID] = set()

    def held(self) -> SharedHeldNote:
        """Return a note for one account to be made."""
        note_id = uuid.uuid4()
        self._own.add(note_id)
        return SharedHeldNote(self._database, note_id)

    def left(self, world: str) -> tuple[SharedLeftNote, ...]:
        """Return what earlier runs in this store have left, oldest first. Raises `StorageFailed`."""
        with self._database.connected() as connection:
            rows = connection.execute(
                "SELECT * FROM companion_accounts_under_way WHERE world = %s AND store_hash = %s ORDER BY written_at",
                (world, self._store_hash),
            ).fetchall()
        return tuple(
            SharedLeftNote(AccountNote(*(row[column] for column in _COLUMNS)), self._database, row["id"])
            for row in rows
            if row["id"] not in self._own
        )


def _drop(database: QueueDatabase, note_id: uuid.UUID) -> None:
    with database.connected() as connection:
        connection.execute("DELETE FROM companion_accounts_under_way WHERE id = %s", (note_id,))
