"""A worker whose queue goes away and comes back: it goes on by itself, and no store is left under way."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from postgresql_server import PostgresqlServer

from automation.core.batch_rows import rows_from_csv
from automation.core.store_jobs import StoreJob
from automation.queue.connecting import CONNECTED, Connected
from automation.queue.database import QueueDatabase
from automation.queue.handing_out import HandedOut
from automation.queue.records import QueueRecords
from automation.queue.worker import Worker
from companion.cli.failure import explained_failure
from companion.core.errors import StorageFailed


@pytest.fixture
def database(stoppable_server: PostgresqlServer) -> QueueDatabase:
    made = QueueDatabase(stoppable_server.new_database(schema=False))
    made.prepare()
    return made


def connected(job: StoreJob) -> Connected:
    return Connected(CONNECTED, {"id": f"id of {job.row.name}"})  # type: ignore[typeddict-item]


def test_a_worker_goes_on_once_the_queue_is_back(database: QueueDatabase, stoppable_server: PostgresqlServer) -> None:
    HandedOut(database).add([StoreJob(row, "Companion") for row in rows_from_csv("name,store_hash\na,aaa\nb,bbb\n")])
    said: list[str] = []
    outcomes: list[tuple[str, str]] = []

    def connect(job: StoreJob) -> Connected:
        if not said and job.row.name == "a":
            stoppable_server.stop()
            # It comes back while what became of the store is being written.
            threading.Timer(4, stoppable_server.start).start()
        return connected(job)

    def on_outcome(job: StoreJob, outcome: str, document: dict[str, Any]) -> None:
        del document
        outcomes.append((job.row.name, outcome))

    Worker(
        database,
        email=None,
        connect=connect,
        explain=lambda failure: explained_failure(failure).document,
        lost_after=6,
        on_outcome=on_outcome,
        patience=60,
        say=said.append,
    ).run(wait=False)
    states = HandedOut(database).states()
    assert [(each.name, each.state, each.outcome) for each in states] == [
        ("a", "done", "connected"),
        ("b", "done", "connected"),
    ]
    assert set(outcomes) == {("a", "connected"), ("b", "connected")}


def test_one_that_stays_away_is_an_error_at_last(database: QueueDatabase, stoppable_server: PostgresqlServer) -> None:
    HandedOut(database).add([StoreJob(row, "Companion") for row in rows_from_csv("name,store_hash\na,aaa\n")])

    def connect(job: StoreJob) -> Connected:
        stoppable_server.stop()
        return connected(job)

    said: list[str] = []
    worker = Worker(
        database,
        email=None,
        connect=connect,
        explain=lambda failure: explained_failure(failure).document,
        lost_after=6,
        on_outcome=lambda *_: None,
        patience=1,
        say=said.append,
    )
    with pytest.raises(StorageFailed):
        worker.run()
    assert said == ["The queue did not answer. It is asked again, for 1 seconds at most."]


def test_a_lock_that_went_with_the_server_is_let_go_of_in_order(
    database: QueueDatabase, stoppable_server: PostgresqlServer
) -> None:
    lock = QueueRecords(database).one_at_a_time("ann@example.com")
    assert lock.take(lambda: False, lambda: None)
    stoppable_server.stop()
    stoppable_server.start()
    lock.let_go()
    again = QueueRecords(database).one_at_a_time("ann@example.com")
    assert again.take(lambda: False, lambda: None)
    stoppable_server.stop()
    with pytest.raises(StorageFailed):
        QueueRecords(database).one_at_a_time("bob@example.com").take(lambda: False, lambda: None)
    again.let_go()
    stoppable_server.start()
