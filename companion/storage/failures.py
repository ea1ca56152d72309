"""What drivers and the file system raise, as `StorageFailed` with a next step."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from companion.core.errors import StorageFailed

_FULL = ("The disk is full.", "Free some space and try again. What was stored before is safe.")
_NOT_WRITABLE = (
    "Its file or folder cannot be opened or written.",
    "Check that the data folder belongs to you, that it is not read-only, and try again.",
)
_DAMAGED = (
    "Its file is damaged, or is not a database.",
    "Put the file back from a backup; until then keep it, for nothing was changed.",
)
_FOREIGN = (
    "It holds a value that this program does not write.",
    "Put the file back from a backup, or undo what another program changed in it.",
)
_BUSY = ("Another program holds it for too long.", "Close the program that has the file open, and try again.")

_CAUSES_BY_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _NOT_WRITABLE,
    errno.EPERM: _NOT_WRITABLE,
    errno.EROFS: _NOT_WRITABLE,
}
_CAUSES_BY_SQLITE_CODE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _NOT_WRITABLE,
    sqlite3.SQLITE_CANTOPEN: _NOT_WRITABLE,
    sqlite3.SQLITE_PERM: _NOT_WRITABLE,
    sqlite3.SQLITE_AUTH: _NOT_WRITABLE,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_IOERR: ("The disk reports an error.", "Check the disk and its free space, and try again."),
}


def is_busy(failure: DBAPIError) -> bool:
    """Say whether trying the transaction again can help."""
    return _sqlite_code(failure) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class UniqueNameViolated(Exception):
    """Another process wrote the name first; caught where it is known whose name it is, so that nobody else sees it."""


@contextmanager
def storage_failures(where: str) -> Iterator[None]:
    """Raise `StorageFailed`, naming `where`, for what goes wrong inside; statements and their values stay out of it."""
    try:
        yield
    except DBAPIError as failure:
        raise _failed(where, *_CAUSES_BY_SQLITE_CODE.get(_sqlite_code(failure), _unknown(failure))) from None
    except SQLAlchemyError as failure:
        raise _failed(where, *_unknown(failure)) from None
    except OSError as failure:
        # Without an error number it is one of our own, and its text is the explanation.
        known = _CAUSES_BY_ERRNO.get(failure.errno or 0)
        why, next_step = known or (failure.strerror or str(failure), "Check the data folder, and try again.")
        raise _failed(where, why, next_step) from None
    except (ValueError, TypeError, LookupError):  # a row that cannot be read back as what it was written from
        raise _failed(where, *_FOREIGN) from None


def _failed(where: str, why: str, next_step: str) -> StorageFailed:
    return StorageFailed(f"The storage in {where} could not be used.", why=why, next_step=next_step)


def _unknown(failure: SQLAlchemyError) -> tuple[str, str]:
    cause = getattr(failure, "orig", None) or failure
    return f"The database reports {type(cause).__name__}.", "Try again; `companion doctor` looks for the cause."


def _sqlite_code(failure: DBAPIError) -> int:
    code = getattr(failure.orig, "sqlite_errorcode", 0)
    return int(code) & 0xFF  # the primary code; the higher bits tell the kind
