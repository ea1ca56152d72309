"""What drivers and the file system raise, as `StorageFailed` with a next step."""

from __future__ import annotations

import errno
import sqlite3
from types import TracebackType

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from companion.core.errors import StorageFailed

_FULL = ("The disk is full.", "Free some space and try again. What was stored before is safe.")
_LINK = (
    "It is a symbolic link, and none is followed: it could lead to a file of somebody else.",
    "Put the file itself there. To keep the data elsewhere, move the whole folder and name it in COMPANION_DATA_DIR.",
)
_NOT_WRITABLE = (
    "Its file or folder cannot be opened or written.",
    "Check that the data folder belongs to you, that it is not read-only and its disk not full, and try again.",
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
    errno.ELOOP: _LINK,
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

# PostgreSQL, appendix A of its manual: the whole code, else its class. Without a code nothing was reached.
_CAUSES_BY_SQLSTATE = {
    "53100": ("The database server's disk is full.", "Free some space there and try again."),
    "53300": ("The database server has no connection left.", "Close other programs that use it, or allow it more."),
    "25006": ("The database can only be read.", "Use the server that takes writes, and try again."),
    "42501": ("The database user may not do that.", "Let it own the database, or give it all rights in its schema."),
    "55P03": _BUSY,
    "57": ("The database server is starting or stopping.", "Try again in a moment."),
    "XX": ("The database is damaged.", "Ask who runs the server; restore it from a backup."),
}
_NO_ANSWER = (
    "The database server cannot be reached, or refuses this user, password or database.",
    "Check that it runs, and COMPANION_DATABASE_URL.",
)
_TRY_AGAIN_SQLSTATES = frozenset({"40001", "40P01"})  # a transaction that stood in another's way was given up


def is_busy(failure: DBAPIError) -> bool:
    """Say whether trying the transaction again can help."""
    if _sqlstate(failure) in _TRY_AGAIN_SQLSTATES:
        return True
    return _sqlite_code(failure) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class UniqueNameViolated(Exception):
    """Another process wrote the name first; caught where it is known whose name it is, so that nobody else sees it."""


class storage_failures:  # noqa: N801  it is called as a function is
    """Raise `StorageFailed`, naming `where`, for what goes wrong inside; statements and their values stay out of it."""

    __slots__ = ("_where",)

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Raise `StorageFailed` for what went wrong."""
        if failure is None:
            return
        match failure:
            case DBAPIError():
                cause = _cause(failure)
            case SQLAlchemyError():
                cause = _unknown(failure)
            case OSError():
                # Without an error number it is one of our own, and its text is the explanation.
                known = _CAUSES_BY_ERRNO.get(failure.errno or 0)
                cause = known or (failure.strerror or str(failure), "Check the data folder, and try again.")
            case ValueError() | TypeError() | LookupError():
                cause = _FOREIGN  # a row that cannot be read back as what it was written from
            case _:
                return
        raise _failed(self._where, *cause) from None


def _failed(where: str, why: str, next_step: str) -> StorageFailed:
    return StorageFailed(f"The storage in {where} could not be used.", why=why, next_step=next_step)


def _cause(failure: DBAPIError) -> tuple[str, str]:
    if getattr(failure.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_IOERR_SHMSIZE:
        return _FULL  # there is no room for the index of the log
    if hasattr(failure.orig, "sqlstate"):
        state = _sqlstate(failure)
        by_class = _CAUSES_BY_SQLSTATE.get(state[:2], _unknown(failure) if state else _NO_ANSWER)
        return _CAUSES_BY_SQLSTATE.get(state, by_class)
    return _CAUSES_BY_SQLITE_CODE.get(_sqlite_code(failure), _unknown(failure))


def _sqlstate(failure: DBAPIError) -> str:
    return getattr(failure.orig, "sqlstate", None) or ""


def _unknown(failure: SQLAlchemyError) -> tuple[str, str]:
    cause = getattr(failure, "orig", None) or failure
    return f"The database reports {type(cause).__name__}.", "Try again; `companion doctor` looks for the cause."


def _sqlite_code(failure: DBAPIError) -> int:
    code = getattr(failure.orig, "sqlite_errorcode", 0)
    return int(code) & 0xFF  # the primary code; the higher bits tell the kind
