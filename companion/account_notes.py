"""Notes on API accounts that are about to be made, so that a run which is killed leaves none that nothing names.

A run writes its note before “Save” is pressed and removes it once the account is stored with a connection, deleted
again, or named to the user. While it lives it holds a lock beside the note; the operating system lets go of the lock
when the process ends, however it ends. A note whose lock can be had was left by a run that is gone.

    accounts-under-way/0f3c….json   the note: world, store, name of the account; never a secret
    accounts-under-way/0f3c….lock   empty
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from companion.core.errors import StorageFailed
from companion.private_files import FILE_MODE, make_private_folder, replace_private_file

if TYPE_CHECKING:
    from filelock import BaseFileLock

FOLDER = "accounts-under-way"


@dataclass(frozen=True)
class AccountNote:
    """An API account that a run is about to make.

    Attributes:
        world: as `companion.core.connection.World` says.
        name: the whole name, whose end is random.
        command: such as `companion connect shop`.
        written_at: RFC 3339, UTC.
    """

    world: str
    store_hash: str
    name: str
    command: str
    written_at: str


@dataclass(frozen=True)
class LeftNote:
    """A note whose run is gone.

    Attributes:
        note: what it says.
        file: where it stands; who has seen to the account may remove it.
    """

    note: AccountNote
    file: Path

    def drop(self) -> None:
        """Remove it: the account is gone, or something else names it."""
        self.file.unlink(missing_ok=True)
        self.file.with_suffix(".lock").unlink(missing_ok=True)


class HeldNote:
    """The note of a run that lives; nothing is written until `write`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / f"{secrets.token_hex(8)}.json"
        self._lock: BaseFileLock | None = None
        self._written: AccountNote | None = None

    def write(self, note: AccountNote) -> None:
        """Write it, durably, in place of what it said before.

        Raises:
            StorageFailed: it cannot be written.
        """
        from filelock import FileLock, Timeout

        try:
            if self._lock is None:
                make_private_folder(self._file.parent)
                lock = FileLock(self._file.with_suffix(".lock"), mode=FILE_MODE)
                lock.acquire(timeout=0)
                self._lock = lock
            if note != self._written:
                replace_private_file(self._file, json.dumps(asdict(note), ensure_ascii=False).encode() + b"\n")
                self._written = note
        except (OSError, Timeout) as failure:
            raise StorageFailed(
                f"The API account could not be noted in {self._file.parent}, so it was not made.",
                why=getattr(failure, "strerror", None) or type(failure).__name__,
                next_step="Make room, or let this user write there; COMPANION_DATA_DIR chooses the folder.",
            ) from None

    def remove(self) -> None:
        """Remove it, where it was written."""
        if self._lock is None:
            return
        self._file.unlink(missing_ok=True)
        self._lock.release()
        self._file.with_suffix(".lock").unlink(missing_ok=True)
        self._lock = None
        self._written = None


@dataclass(frozen=True)
class AccountNotes:
    """The notes of a data folder."""

    data_dir: Path

    def held(self) -> HeldNote:
        """Return a note for one account to be made."""
        return HeldNote(self.data_dir / FOLDER)

    def left(self, world: str) -> tuple[LeftNote, ...]:
        """Return the notes of this world whose runs are gone, oldest first."""
        return tuple(sorted(self._left(world), key=lambda each: each.note.written_at))

    def _left(self, world: str) -> Iterator[LeftNote]:
        for file in (self.data_dir / FOLDER).glob("*.json"):
            note = _read(file)
            if note is not None and note.world == world and _is_left(file.with_suffix(".lock")):
                yield LeftNote(note, file)


def _read(file: Path) -> AccountNote | None:
    try:
        found = json.loads(file.read_text("utf-8"))
        return AccountNote(**{name: str(found[name]) for name in AccountNote.__dataclass_fields__})
    except (OSError, ValueError, KeyError, TypeError):
        return None  # it was removed meanwhile, or is no note of ours


def _is_left(lock_file: Path) -> bool:
    from filelock import FileLock, Timeout

    lock = FileLock(lock_file, mode=FILE_MODE)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return False
    lock.release()
    return True
