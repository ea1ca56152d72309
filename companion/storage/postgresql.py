"""PostgreSQL: how it is reached, and the locks that several services on one database share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import Engine, create_engine, event, text, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from companion.core.errors import Conflict, InvalidSetting, StorageFailed
from companion.storage import schema
from companion.storage.failures import storage_failures
from companion.storage.repository import SqlRepository
from companion.storage.sealed import Rewrap
from companion.storage.tables import facts
from companion.storage.transactions import fact, set_fact_once

DRIVER = "postgresql+psycopg"

# Seconds that a server is given to answer when a connection is opened.
_CONNECT_SECONDS = 10
# Longer than one call of BigCommerce may take, in seconds; see `one_at_a_time`.
_LONGEST_WAIT = 90

_LOCK = text("SELECT pg_advisory_xact_lock(:number)")
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:number)")

_KEYS = "keys"  # the fact that is shared of them


def open_postgresql_repository(
    address: str, *, folder_id: str | None = None, rewrap: Rewrap | None = None
) -> PostgresqlRepository:
    """Open a database on a PostgreSQL server, making the schema where it is missing.

    Args:
        address: `postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE`; no error repeats it.
        folder_id: as `open_sqlite_repository`: services on several machines share one data folder's id and keys.
        rewrap: as `SqlRepository`.

    Raises:
        InvalidSetting: the address is none, or the driver is not installed.
        StorageFailed: with the cause and what to do; a database of a newer version is left untouched.
        WrongKey: the database belongs to another data folder.
    """
    url = checked_address(address)
    repository = PostgresqlRepository(postgresql_engine(url), where=where_is(url), rewrap=rewrap)
    try:
        if not repository.is_current():
            repository.migrate()
        if folder_id is not None:
            repository.bind_to_folder(folder_id)
    except BaseException:
        repository.close()
        raise
    return repository


def checked_address(address: str) -> URL:
    """Take the address apart.

    Raises:
        InvalidSetting: it is no address, or of another kind of database; it is not repeated.
    """
    refused = InvalidSetting(
        "COMPANION_DATABASE_URL is not the address of a database that can be used.",
        next_step=f"Set it to {DRIVER}://USER:PASSWORD@HOST:PORT/DATABASE, or unset it to keep connections in SQLite "
        "in the data folder. In a password, write @ as %40, : as %3A, / as %2F and % as %25.",
    )
    try:
        url = make_url(address)
        url.port  # noqa: B018  which is read, and may be none
    except (ArgumentError, ValueError):
        raise refused from None
    if url.drivername != DRIVER or not url.database:
        raise refused
    return url


def where_is(url: URL) -> str:
    """Return what errors call the database: no password, and nothing of the query, which may hold one."""
    return f"the PostgreSQL database {url.database!r} on {url.host or 'this machine'}"


def postgresql_engine(url: URL) -> Engine:
    """Return an engine whose commits are on the server's disk before they return.

    Raises:
        InvalidSetting: the driver is not installed.
    """
    try:
        engine = create_engine(
            url,
            connect_args={"connect_timeout": _CONNECT_SECONDS, "application_name": "bigcommerce-companion"},
            pool_size=8,
            max_overflow=56,
            pool_pre_ping=True,  # a server that was started anew meanwhile is no failure
            hide_parameters=True,
        )
    except ImportError:
        raise InvalidSetting(
            "COMPANION_DATABASE_URL leads to PostgreSQL, and its driver is not installed.",
            next_step="Install it with `pip install 'bigcommerce-companion[postgres]'`.",
        ) from None
    event.listen(engine, "connect", _set_up)
    return engine


def _set_up(connection: Any, _entry: ConnectionPoolEntry) -> None:
    with connection.cursor() as cursor:
        # Where a server answers before its disk has it, this program's own transactions wait all the same.
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
    connection.commit()


class PostgresqlRepository(SqlRepository):
    """The repository on PostgreSQL, with locks that every service on one database shares.

    The server lets go of the locks of a service that died.
    """

    def migrate(self) -> None:
        """See `SqlRepository.migrate`. Of several services that start at once one makes the schema, the others wait."""

        def work(transaction: Transaction) -> None:
            transaction.execute(_LOCK, {"number": lock_number("schema")})
            if not schema.is_current(transaction):
                schema.migrate(transaction, self.where)

        self._write(work)

    def drop_tables(self) -> None:
        """Drop all tables of this program with what is in them, for every service on this database."""

        def work(transaction: Transaction) -> None:
            transaction.execute(_LOCK, {"number": lock_number("schema")})
            schema.drop(transaction)

        self._write(work)

    @contextmanager
    def holding(self, name: str, *, seconds: int) -> Iterator[None]:
        """Wait until no other service is at `name`, and keep them waiting.

        Raises:
            StorageFailed: another one is at it for longer than `seconds`, or the server does not answer.
        """
        # Held by a transaction that does nothing else, so that no way out of here can forget to let go.
        with ExitStack() as stack:
            with storage_failures(self.where):
                transaction = stack.enter_context(self._engine.connect())
                transaction.execute(text(f"SET LOCAL lock_timeout = '{seconds}s'"))
                transaction.execute(_LOCK, {"number": lock_number(name)})
            yield

    @contextmanager
    def changing_keys(self) -> Iterator[None]:
        """Let this service, and no other on this database, change the keys.

        Raises:
            Conflict: another one is at it.
            StorageFailed: the server does not answer.
        """
        with ExitStack() as stack:
            with storage_failures(self.where):
                transaction = stack.enter_context(self._engine.connect())
                transaction.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
                free = transaction.execute(_TRY_LOCK, {"number": lock_number("rotation")}).scalar()
            if not free:
                raise Conflict(
                    f"The keys of {self.where} are being changed by another process, here or on another machine.",
                    next_step="Wait until that has finished.",
                )
            yield

    def shared_keys(self) -> str | None:
        """Return what machines on this database share of their keys; None where nothing was shared yet."""
        return self._read(lambda transaction: fact(transaction, _KEYS))

    def share_keys(self, shared: str, *, only_first: bool = False) -> None:
        """Put it there for the others; with `only_first` where nothing was yet."""

        def work(transaction: Transaction) -> None:
            if set_fact_once(transaction, _KEYS, shared) != shared and not only_first:
                transaction.execute(update(facts).where(facts.c.name == _KEYS).values(value=shared))

        self._write(work)

    def seal_with(self, folder_id: str, rewrap: Rewrap) -> None:
        """As `open_postgresql_repository`, for one that was opened before the keys were. Raises `WrongKey`."""
        self._rewrap = rewrap
        self.bind_to_folder(folder_id)

    @contextmanager
    def one_at_a_time(self, name: str) -> Iterator[None]:
        """Wait until no other service is at `name`; who waits in vain goes on, as `OneAtATime` says."""
        with ExitStack() as stack:
            with suppress(StorageFailed):
                stack.enter_context(self.holding(name, seconds=_LONGEST_WAIT))
            yield


def lock_number(name: str) -> int:
    """Return the number under which the server knows a lock: 64 bits with a sign, as PostgreSQL takes them."""
    return int.from_bytes(sha256(b"companion lock: " + name.encode()).digest()[:8], "big", signed=True)
