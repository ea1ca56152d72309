"""Threads that write to one SQLite file at once: which commits they share, and what each is told."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest
from repositories import TOKEN, connection, sealed
from sqlalchemy import Connection as Transaction
from sqlalchemy import insert

from companion.core.errors import NameTaken, StorageFailed
from companion.storage.repository import SqlRepository
from companion.storage.sqlite import database_file, open_sqlite_repository
from companion.storage.tables import facts

LIMIT = 60.0  # seconds; only reached where something hangs

who: ContextVar[str] = ContextVar("who", default="nobody")


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[SqlRepository]:
    opened = open_sqlite_repository(tmp_path)
    yield opened
    opened.close()


class Crowd:
    """Writes of many threads, all of which come while one is writing already."""

    def __init__(self, repository: SqlRepository) -> None:
        self.repository = repository
        self._go = threading.Event()
        self._pool = ThreadPoolExecutor(20)
        self._queued = 0
        self.commits = 0
        began = threading.Event()

        def first(transaction: Transaction) -> None:
            # The one connection that writes, whoever asked.
            driver: Any = transaction.connection.dbapi_connection
            driver.set_trace_callback(self._count)
            began.set()
            assert self._go.wait(LIMIT)

        self._first = self._pool.submit(repository._write, first)
        assert began.wait(LIMIT)

    def _count(self, statement: str) -> None:
        self.commits += statement == "COMMIT"

    def joins(self, write: Callable[[], object]) -> Future[object]:
        """Let a thread write; it is in the queue when this returns, and in this place."""
        told = self._pool.submit(write)
        self._queued += 1
        ends = time.monotonic() + LIMIT
        assert self.repository._queue is not None
        while len(self.repository._queue._waiting) < self._queued:
            assert time.monotonic() < ends
            time.sleep(0.001)
        return told

    def goes(self) -> None:
        """Let the first one finish, and wait for all."""
        self._go.set()
        self._pool.shutdown()
        self._first.result()


def written(repository: SqlRepository, name: str, value: str = "") -> None:
    repository._write(lambda transaction: transaction.execute(insert(facts).values(name=name, value=value)))


def names(tmp_path: Path) -> list[str]:
    """What another process sees."""
    with closing(sqlite3.connect(database_file(tmp_path))) as file:
        return [row[0] for row in file.execute("SELECT name FROM facts ORDER BY rowid")]


def test_those_who_wait_are_written_in_one_commit_and_in_their_order(repository: SqlRepository, tmp_path: Path) -> None:
    crowd = Crowd(repository)
    for number in range(10):
        crowd.joins(lambda number=number: written(repository, f"fact {number}"))
    crowd.goes()
    assert names(tmp_path) == [f"fact {number}" for number in range(10)]
    assert crowd.commits == 2  # of the first, and of all the others


def test_nobody_is_told_before_it_is_committed(repository: SqlRepository, tmp_path: Path) -> None:
    seen: dict[str, list[str]] = {}

    def write(name: str) -> None:
        written(repository, name)
        seen[name] = names(tmp_path)

    crowd = Crowd(repository)
    for number in range(10):
        crowd.joins(lambda number=number: write(f"fact {number}"))
    crowd.goes()
    assert len(seen) == 10
    assert all(name in there for name, there in seen.items())


def test_what_is_refused_is_undone_alone(repository: SqlRepository) -> None:
    crowd = Crowd(repository)
    told = [
        crowd.joins(lambda name=name: repository.add(connection(name), {TOKEN: sealed()}))
        for name in ("one", "two", "ONE", "three")
    ]
    crowd.goes()
    assert [type(each.exception()) for each in told] == [type(None), type(None), NameTaken, type(None)]
    assert {each.name for each in repository.page(limit=10).connections} == {"one", "two", "three"}
    assert crowd.commits == 2


def test_what_spoils_the_common_transaction_spoils_nobody_else_s(repository: SqlRepository, tmp_path: Path) -> None:
    def breaks() -> None:
        def work(transaction: Transaction) -> None:
            transaction.execute(insert(facts).values(name="half", value=""))
            transaction.exec_driver_sql("SELECT no_such_column FROM facts")

        repository._write(work)

    def rolls_all_back() -> None:
        # As SQLite does by itself when the disk is full.
        def work(transaction: Transaction) -> None:
            transaction.exec_driver_sql("ROLLBACK")
            raise ValueError("made up")

        repository._write(work)

    crowd = Crowd(repository)
    told = [
        crowd.joins(lambda: written(repository, "before")),
        crowd.joins(breaks),
        crowd.joins(rolls_all_back),
        crowd.joins(lambda: written(repository, "after")),
    ]
    crowd.goes()
    assert [type(each.exception()) for each in told][::3] == [type(None), type(None)]
    assert [type(each.exception()) for each in told][1:3] == [StorageFailed, StorageFailed]
    assert names(tmp_path) == ["before", "after"]


def test_each_is_written_as_the_one_who_asked(repository: SqlRepository) -> None:
    def write(name: str) -> str:
        who.set(name)
        return repository._write(lambda _: who.get())

    crowd = Crowd(repository)
    told = [crowd.joins(lambda number=number: write(f"tool {number}")) for number in range(5)]
    crowd.goes()
    assert [each.result() for each in told] == [f"tool {number}" for number in range(5)]


def test_many_threads_at_once_lose_nothing(repository: SqlRepository) -> None:
    def store(thread: int) -> None:
        for number in range(25):
            repository.add(connection(f"shop {thread} {number}"), {TOKEN: sealed()})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(store, range(8)))
    stored = [each.name for page in _pages(repository) for each in page]
    assert sorted(stored) == sorted(f"shop {thread} {number}" for thread in range(8) for number in range(25))
    assert repository.key_usage()[0].encryptions == 200


def _pages(repository: SqlRepository) -> Iterator[list[object]]:
    after = None
    while True:
        page = repository.page(limit=50, after=after)
        yield list(page.connections)
        after = page.after
        if after is None:
            return
