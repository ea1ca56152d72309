"""The database of the queue: how it is reached, and how its schema comes about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from companion.core.errors import InvalidSetting, StorageFailed

if TYPE_CHECKING:
    import psycopg
    from procrastinate import App

AWAY = 120.0
"""Seconds that a worker waits for a server that is away: as long as one takes to be started anew, or replaced."""

_SETTING_UP = 0x636F6D70  # the key of an advisory lock: one process at a time makes the tables
_CONNECT_SECONDS = 10

# Beside Procrastinate's own tables. None of them holds a secret.
_TABLES = """
CREATE TABLE IF NOT EXISTS companion_accounts_under_way (
    id uuid PRIMARY KEY, world text NOT NULL, store_hash text NOT NULL, name text NOT NULL, command text NOT NULL,
    written_at text NOT NULL
);
CREATE TABLE IF NOT EXISTS companion_outcomes (
    job_id bigint PRIMARY KEY, outcome text NOT NULL, document jsonb NOT NULL, at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS companion_refused_users (
    email text PRIMARY KEY, why text NOT NULL, at timestamptz NOT NULL DEFAULT now()
);
"""


class QueueDatabase:
    """A PostgreSQL database with a queue in it.

    Args:
        address: `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`, or the same with `postgresql+psycopg`; no error
            repeats it.
        patience: seconds for which a server that cannot be reached is asked again.

    Raises:
        InvalidSetting: it is none, or what is needed is not installed.
    """

    def __init__(self, address: str, *, patience: float = 0.0) -> None:
        if not re.match(r"postgres(ql)?(\+psycopg)?://", address):
            raise InvalidSetting(
                "COMPANION_QUEUE_URL is not the address of a PostgreSQL database.",
                next_step="Set it to postgresql://USER:PASSWORD@HOST:PORT/DATABASE.",
            )
        try:
            import procrastinate  # noqa: F401
            import psycopg  # noqa: F401
        except ImportError:
            raise InvalidSetting(
                "What hands stores out to workers is not installed.",
                next_step="Install it: `pipx install 'bigcommerce-companion[at-scale]'`.",
            ) from None
        self.conninfo = address.replace("+psycopg", "", 1)
        self._patience = patience

    def __repr__(self) -> str:
        return "QueueDatabase(…)"

    def patient(self, seconds: float) -> QueueDatabase:
        """Return the same database, asked again for so long where it cannot be reached."""
        return QueueDatabase(self.conninfo, patience=seconds)

    @contextmanager
    def connected(self) -> Iterator[psycopg.Connection[dict[str, Any]]]:
        """Give a connection of its own, each statement a transaction.

        Raises:
            StorageFailed: it cannot be reached, or a statement failed; says nothing of the address.
        """
        import psycopg

        kind = ""
        try:
            with self._connection() as connection:
                yield connection
        except psycopg.Error as failure:
            kind = type(failure).__name__
        if kind:
            # Outside the handler: the library's error names host and user.
            raise unreachable(kind)

    def _connection(self) -> psycopg.Connection[dict[str, Any]]:
        import psycopg
        import stamina
        from psycopg.rows import dict_row
        from stamina.instrumentation import set_on_retry_hooks

        set_on_retry_hooks([])  # they would log what the library's error says: host and user
        for attempt in stamina.retry_context(
            on=psycopg.OperationalError,
            attempts=None if self._patience else 1,
            timeout=self._patience or None,
            wait_initial=0.2,
            wait_max=2.0,
        ):
            with attempt:
                return psycopg.connect(
                    self.conninfo, autocommit=True, row_factory=dict_row, connect_timeout=_CONNECT_SECONDS
                )
        raise AssertionError("stamina raises the last failure")

    def app(self) -> App:
        """Return Procrastinate's application for commands, which are synchronous; not opened."""
        from procrastinate import App, SyncPsycopgConnector

        return App(connector=SyncPsycopgConnector(conninfo=self.conninfo, timeout=_CONNECT_SECONDS, min_size=1))

    def prepare(self) -> None:
        """Make the tables where they are missing. Raises `StorageFailed`."""
        with self.connected() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_SETTING_UP,))
            found = connection.execute("SELECT to_regclass('procrastinate_jobs') IS NOT NULL AS there").fetchone()
            if not (found and found["there"]):
                from procrastinate.schema import SchemaManager

                connection.execute(SchemaManager.get_schema())
            connection.execute(_TABLES)


def unreachable(kind: str) -> StorageFailed:
    """Return the error for a queue that cannot be read or written."""
    return StorageFailed(
        "The queue could not be read or written.",
        why=f"The call ended with {kind}.",
        next_step="Check that PostgreSQL runs, and that COMPANION_QUEUE_URL leads to it.",
    )
