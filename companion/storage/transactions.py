"""Transactions, as every part of the repository runs them, and the facts that a database keeps of itself.

Each method of a repository is one transaction. Nothing here knows which database it speaks to; `FOR UPDATE` holds a row
on PostgreSQL and is left out on SQLite, where a writing transaction holds the whole file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection as Transaction
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from companion.core.errors import NameTaken
from companion.storage.checkpoints import Checkpoints
from companion.storage.failures import UniqueNameViolated, is_busy, storage_failures
from companion.storage.open_connections import OpenConnections
from companion.storage.sealed import Rewrap
from companion.storage.tables import facts
from companion.storage.writer_queue import WriterQueue

# Set on a SQLAlchemy connection whose transaction is going to write.
WRITES = "companion_writes"
FOLDER_ID = "folder_id"

_TRIES = 6

_T = TypeVar("_T")


class Transactions:
    """Runs work in transactions; safe to share between threads, and beside other processes."""

    def __init__(self, engine: Engine, *, where: str, rewrap: Rewrap | None = None) -> None:
        """Take over the engine.

        Args:
            where: what errors call the database; no password in it.
            rewrap: brings an envelope under the present key, where its own was rotated away while it was on its way;
                without it that is an error.
        """
        self.where = where
        self._rewrap = rewrap
        self._engine = engine
        is_file = engine.dialect.name == "sqlite"
        self._readers = OpenConnections(engine, begin="BEGIN" if is_file else None)
        self._writing_engine = engine.execution_options(**{WRITES: True})
        self._writers = OpenConnections(self._writing_engine, begin="BEGIN IMMEDIATE" if is_file else None)
        self._queue = WriterQueue(lambda work: self._run(work, self._writers.in_transaction)) if is_file else None
        self._checkpoints = Checkpoints(Path(str(engine.url.database))) if is_file else None

    def close(self) -> None:
        """See `ConnectionRepository.close`."""
        if self._checkpoints is not None:
            self._checkpoints.close()
        self._readers.close()
        self._writers.close()
        self._engine.dispose()

    def _folder_id(self, transaction: Transaction) -> str:
        return fact(transaction, FOLDER_ID) or ""

    @contextmanager
    def _as_of_one_moment(self) -> Iterator[Transaction]:
        """Give a transaction that reads everything as it was when it began."""
        engine = self._engine
        if engine.dialect.name != "sqlite":  # PostgreSQL would else look anew with each statement
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with storage_failures(self.where), engine.begin() as transaction:
            yield transaction

    def _read(self, work: Callable[[Transaction], _T]) -> _T:
        return self._run(work, self._readers.in_transaction)

    def _read_once(self, work: Callable[[Transaction], _T]) -> _T:
        """Do work that is one `Prepared` statement: it sees one moment by itself."""
        return self._run(work, self._readers.with_one_statement)

    def _write(self, work: Callable[[Transaction], _T]) -> _T:
        if self._queue is None or self._checkpoints is None:
            return self._run(work, self._writers.in_transaction)
        result = self._queue.write(work)
        self._checkpoints.count()
        return result

    def _write_named(self, work: Callable[[Transaction], _T], name: str) -> _T:
        try:
            return self._write(work)
        except UniqueNameViolated:
            raise NameTaken(name) from None

    def _run(self, work: Callable[[Transaction], _T], run: Callable[[Callable[[Transaction], _T]], _T]) -> _T:
        with storage_failures(self.where):
            for attempt in range(1, _TRIES + 1):
                try:
                    return run(work)
                except IntegrityError as violation:
                    # Two services on one database may insert one name at once; the later one is told by the constraint.
                    if "name_key" in str(violation.orig):
                        raise UniqueNameViolated from None
                    if attempt == _TRIES:
                        raise  # not because another service wrote the same first: the next try would have seen that
                except DBAPIError as failure:
                    if attempt == _TRIES or not is_busy(failure):
                        raise
        raise AssertionError("the last try returns or raises")


def fact(transaction: Transaction, name: str) -> str | None:
    """Return what the database keeps under this name; None where it keeps nothing."""
    return transaction.execute(select(facts.c.value).where(facts.c.name == name)).scalar()


def set_fact_once(transaction: Transaction, name: str, value: str) -> str:
    """Keep this under a name that has nothing yet; returns what is kept."""
    stored = fact(transaction, name)
    if stored is None:
        transaction.execute(insert(facts).values(name=name, value=value))
    return value if stored is None else stored
