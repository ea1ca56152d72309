"""SQLite: how the file is made, opened and written to."""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
import stat
import struct
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from companion.core.errors import StorageFailed
from companion.private_files import FILE_MODE, make_private_folder, replace_private_file
from companion.storage.failures import storage_failures
from companion.storage.prepared import run_text
from companion.storage.repository import SqlRepository
from companion.storage.sealed import Rewrap
from companion.storage.transactions import WRITES

FILE_NAME = "companion.sqlite3"
# Between that name and the id of the schema, in the name of the copy that is made before a migration.
COPY_MARK = ".before-migration-from-"

# Left in a data folder once its database was made: an empty file in its place is then a loss, and no beginning.
MADE_MARK = "database-made"
# At the end of the name of a copy of a log that could not be read.
DAMAGED_LOG_MARK = ".damaged-log-"

# How long SQLite itself waits for another process's transaction, in seconds. Ours take milliseconds.
_BUSY_SECONDS = 10

_NOT_WRITABLE = {errno.EROFS, errno.EACCES, errno.EPERM}
_LOG_HEAD = 32
_LOOKS_AT_THE_LOG = 5


def database_file(data_dir: Path) -> Path:
    """Return where the database of a data folder is."""
    return data_dir / FILE_NAME


def open_sqlite_repository(
    data_dir: Path, *, folder_id: str | None = None, rewrap: Rewrap | None = None
) -> SqlRepository:
    """Open the database of a data folder, making folder, file and schema where they are missing.

    Args:
        folder_id: the data folder's own id, of `keys.json`. It is written into a new database, and a database with
            another one is refused: it was sealed under the keys of another folder.
        rewrap: as `SqlRepository`.

    Raises:
        StorageFailed: with the cause and what to do; a database of a newer version is left untouched.
        WrongKey: the database belongs to another data folder.
    """
    file = database_file(data_dir)
    where = str(file)
    with storage_failures(where):
        make_private_folder(data_dir)
        _refuse_what_was_lost(data_dir)
        _refuse_damaged_log_once(data_dir)
        is_new, engine = _opened(file)
    repository = SqlRepository(engine, where=where, rewrap=rewrap)
    try:
        if is_new or not repository.is_current():
            _migrate(repository, data_dir)
        if folder_id is not None:
            repository.bind_to_folder(folder_id)
        with storage_failures(where):
            _note_that_it_was_made(data_dir)
    except BaseException:
        repository.close()
        raise
    return repository


def _opened(file: Path) -> tuple[bool, Engine]:
    """Return whether the file is new, and an engine; one that only reads where nothing can be written now."""
    try:
        is_new = _make_private_file(file)
    except OSError as failure:
        if failure.errno not in _NOT_WRITABLE or not os.access(file, os.R_OK):
            raise
        return False, sqlite_engine(file, uri=reading_uri(file))
    engine = sqlite_engine(file)
    if not is_new:
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").close()
        except DBAPIError as failure:
            if lacks_room_for_index(failure.orig) and not _has_log(file):
                engine.dispose()
                return False, sqlite_engine(file, uri=reading_uri(file, without_index=True))
    return is_new, engine


def lacks_room_for_index(failure: BaseException | None) -> bool:
    """Say whether SQLite could not make the index of its log, because the disk is full: nobody has the file open then.

    With a file that is in use the index is there already.
    """
    return getattr(failure, "sqlite_errorcode", None) == sqlite3.SQLITE_IOERR_SHMSIZE


def _has_log(file: Path) -> bool:
    try:
        return file.with_name(f"{file.name}-wal").stat().st_size > 0
    except FileNotFoundError:
        return False


def reading_uri(file: Path, *, without_index: bool = False) -> str:
    """Return the address by which SQLite reads a database, and writes nothing, where it may be.

    It keeps an index of its log beside the file. Where none can be made, and there is no log to read, the file is taken
    for one that nobody can change.

    Args:
        without_index: none can be made.
    """
    fixed = not _has_log(file) and (without_index or not os.access(file.parent, os.W_OK))
    return f"{file.absolute().as_uri()}?mode=ro" + ("&immutable=1" if fixed else "")


def sqlite_engine(file: Path, *, uri: str | None = None) -> Engine:
    """Return an engine whose transactions begin as `BEGIN IMMEDIATE` where they will write.

    A transaction that reads first and writes later fails at once when another process wrote in between, however long
    the busy timeout is; one that takes the write lock first waits its turn.

    Args:
        uri: as `reading_uri`; then nothing can be written.
    """
    # The address goes to SQLite itself: SQLAlchemy would take `mode` and `immutable` for its own.
    connect = {} if uri is None else {"creator": lambda: _connected(uri)}
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(file)),
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
        **connect,
        pool_size=8,
        max_overflow=56,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _connected(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, check_same_thread=False)


def _set_up(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten, not only forgotten
        cursor.execute("PRAGMA trusted_schema = OFF")
    finally:
        cursor.close()


def _begin(connection: Connection) -> None:
    if connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
        return  # `OpenConnections` has begun it
    options: dict[str, Any] = dict(connection.get_execution_options())
    run_text(connection, "BEGIN IMMEDIATE" if options.get(WRITES) else "BEGIN")


def _migrate(repository: SqlRepository, data_dir: Path) -> None:
    from filelock import FileLock, Timeout

    # Also a database that another process is making just now is met here: one makes it, the others wait for it.
    with storage_failures(repository.where):
        try:
            with FileLock(data_dir / ".schema.lock", timeout=60, mode=FILE_MODE):
                older = repository.older_schema()
                if older is not None:
                    _keep_copy(data_dir, older)
                repository.set_journal_mode_wal()
                repository.migrate()
        except Timeout:
            raise StorageFailed(
                f"The storage in {repository.where} is being brought to a new schema by another process.",
                next_step="Wait until it has finished, and try again.",
            ) from None


def was_made(data_dir: Path) -> bool:
    """Say whether the data folder has had a database."""
    return (data_dir / MADE_MARK).exists()


def _note_that_it_was_made(data_dir: Path) -> None:
    mark = data_dir / MADE_MARK
    if not mark.exists():
        try:
            _make_private_file(mark)
        except OSError as failure:
            # Where only reading goes on, that goes on; the next one who can write notes it.
            if failure.errno not in {*_NOT_WRITABLE, errno.ENOSPC, errno.EDQUOT}:
                raise


def _refuse_what_was_lost(data_dir: Path) -> None:
    """Refuse a missing or empty database where there was one: a new one in its place would hide the loss.

    Raises:
        StorageFailed: as it says; nothing was made.
    """
    file, mark = database_file(data_dir), data_dir / MADE_MARK
    if mark.exists() and not (file.exists() and file.stat().st_size):
        raise StorageFailed(
            f"The database {file} is {'empty' if file.exists() else 'missing'}, and this data folder had one.",
            why="All connections were in it. No new one was made in its place.",
            next_step=f"Put the file back from a copy of the data folder. To begin anew, or with `companion restore "
            f"FILE`, remove {mark} first.",
        )


def damaged_log_copies(data_dir: Path) -> list[Path]:
    """Return the copies of logs that could not be read."""
    return sorted(data_dir.glob(f"{FILE_NAME}{DAMAGED_LOG_MARK}*"))


def _refuse_damaged_log_once(data_dir: Path) -> None:
    """Tell, once, of a log whose beginning is not SQLite's: SQLite would pass over it, and what was written last.

    A copy of it is kept, by which it is known the next time; then SQLite goes on with what the database holds.

    Raises:
        StorageFailed: the log is damaged, and nobody was told so far.
    """
    file = database_file(data_dir)
    if not file.exists():
        return
    log = file.with_name(f"{FILE_NAME}-wal")
    try:
        for _ in range(_LOOKS_AT_THE_LOG):  # another process may be about to begin it anew
            with log.open("rb") as opened:
                head = opened.read(_LOG_HEAD)
            if not head or _is_head_of_log(head):
                return
            time.sleep(0.02)
        content = log.read_bytes()
    except FileNotFoundError:  # there is none; or the last process that had it open has just taken it away
        return
    copy = file.with_name(f"{FILE_NAME}{DAMAGED_LOG_MARK}{hashlib.sha256(content).hexdigest()[:12]}")
    if copy.exists():
        return
    replace_private_file(copy, content)
    raise StorageFailed(
        f"The log beside the database {file} is damaged.",
        why=f"What was written last may be missing from the database. A copy of the log was kept as {copy.name}.",
        next_step="Look with `companion list` and `companion audit` whether something is missing, and restore it from "
        "a backup; other commands go on from now on.",
    )


def _is_head_of_log(head: bytes) -> bool:
    """Say whether this is how SQLite begins a log (its file format, section 4.1)."""
    if len(head) < _LOG_HEAD:
        return False
    magic, version = struct.unpack(">II", head[:8])
    if magic not in {0x377F0682, 0x377F0683} or version != 3007000:
        return False
    first, second = 0, 0
    words = struct.unpack(f"{'>' if magic & 1 else '<'}6I", head[:24])
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return struct.unpack(">II", head[24:]) == (first, second)


def _keep_copy(data_dir: Path, schema_id: str) -> None:
    """Copy the database before its schema changes, in place of any copy of an earlier change."""
    file = database_file(data_dir)
    copy = file.with_name(f"{FILE_NAME}{COPY_MARK}{schema_id}")
    unfinished = copy.with_name(f"{copy.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        _make_private_file(unfinished)
        # By SQLite itself: what another process wrote last may still be in the log beside the file.
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(unfinished)) as target:
            target.execute("PRAGMA synchronous = FULL")
            source.backup(target)
        unfinished.replace(copy)
    except sqlite3.Error as failure:
        raise DBAPIError("copy", None, failure) from None
    finally:
        unfinished.unlink(missing_ok=True)
    for earlier in data_dir.glob(f"{FILE_NAME}{COPY_MARK}*"):
        if earlier != copy:
            earlier.unlink()


def _make_private_file(file: Path) -> bool:
    """Make an empty file with mode 0600, whose mode SQLite gives to its WAL too. Returns whether it was empty."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    descriptor = os.open(file, flags, FILE_MODE)
    try:
        status = os.fstat(descriptor)
        if sys.platform != "win32" and stat.S_IMODE(status.st_mode) != FILE_MODE:
            os.fchmod(descriptor, FILE_MODE)
        return status.st_size == 0
    finally:
        os.close(descriptor)
