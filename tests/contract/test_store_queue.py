"""The queue on a real PostgreSQL, with workers that open no browser: who gets what, and what is tried again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from postgresql_server import PostgresqlServer

from automation.core.batch_rows import rows_from_csv
from automation.core.errors import BrowserUnavailable, SignInRefused
from automation.core.store_jobs import StoreJob
from automation.queue import worker as workers
from automation.queue.connecting import CONNECTED, Connected
from automation.queue.database import QueueDatabase
from automation.queue.handing_out import HandedOut
from automation.queue.records import QueueRecords
from automation.queue.shared_notes import SharedNotes
from automation.queue.worker import Worker
from companion.account_notes import AccountNote
from companion.cli.failure import explained_failure
from companion.core.errors import InvalidSetting, StorageFailed

Connect = Callable[[StoreJob], Connected]


@pytest.fixture
def database(postgresql_server: PostgresqlServer) -> QueueDatabase:
    made = QueueDatabase(postgresql_server.new_database(schema=False))
    made.prepare()
    return made


@pytest.fixture
def handed_out(database: QueueDatabase) -> HandedOut:
    return HandedOut(database)


def jobs(*rows: str) -> list[StoreJob]:
    table = "name,store_hash,email\n" + "".join(f"{row}\n" for row in rows)
    return [StoreJob(row, "Companion") for row in rows_from_csv(table)]


def connected(job: StoreJob) -> Connected:
    return Connected(CONNECTED, {"id": f"id of {job.row.name}"})  # type: ignore[typeddict-item]


def work(database: QueueDatabase, connect: Connect, email: str | None = None) -> list[tuple[str, str]]:
    """Run a worker until nothing is left that it could begin with; returns what it tried."""
    tried: list[tuple[str, str]] = []

    def on_outcome(job: StoreJob, outcome: str, document: dict[str, Any]) -> None:
        del document
        tried.append((job.row.name, outcome))

    Worker(
        database,
        email=email,
        connect=connect,
        explain=lambda failure: explained_failure(failure).document,
        lost_after=30,
        on_outcome=on_outcome,
    ).run(wait=False)
    return tried


def test_a_worker_gets_the_stores_of_its_user_and_those_of_nobody(
    database: QueueDatabase, handed_out: HandedOut
) -> None:
    handed_out.add(jobs("one,abc,", "two,abd,ann@example.com", "three,abe,Bob@example.com"))
    assert work(database, connected, "ann@example.com") == [("one", "connected"), ("two", "connected")]
    assert work(database, connected) == []
    assert [each.state for each in handed_out.states()] == ["done", "done", "waiting"]
    assert work(database, connected, "bob@example.com") == [("three", "connected")]


def test_whether_a_worker_is_there_is_known(database: QueueDatabase, handed_out: HandedOut) -> None:
    assert not handed_out.has_workers(within=120)
    with database.connected() as connection:
        connection.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')")
    assert handed_out.has_workers(within=120)
    assert not handed_out.has_workers(within=30)


def test_what_waits_is_not_handed_out_twice(database: QueueDatabase, handed_out: HandedOut) -> None:
    assert len(handed_out.add(jobs("shop,abc,", "other,abd,"))) == 2
    assert [each.row.name for each in handed_out.add(jobs("SHOP,abc,", "third,abe,"))] == ["third"]
    work(database, connected)
    assert len(handed_out.add(jobs("shop,abc,"))) == 1
    assert [each.name for each in handed_out.states()] == ["shop", "other", "third"]


def test_what_can_be_tried_again_is_and_the_rest_waits_for_a_person(
    database: QueueDatabase, handed_out: HandedOut
) -> None:
    failures = {
        "one": BrowserUnavailable("The browser ended.", next_step="Try again."),
        "two": SignInRefused("The sign-in was refused.", next_step="Check the password."),
        "three": RuntimeError("a secret"),
    }

    def connect(job: StoreJob) -> Connected:
        raise failures[job.row.name]

    handed_out.add(jobs("one,abc,", "two,abd,", "three,abe,"))
    assert work(database, connect) == [("one", "retrying"), ("two", "failed"), ("three", "retrying")]
    one, two, three = handed_out.states()
    assert [(each.state, each.tries) for each in (one, two, three)] == [("waiting", 1), ("failed", 1), ("waiting", 1)]
    assert two.document["error"]["code"] == "sign-in-refused"
    assert "a secret" not in str(three.document)
    assert [each.name for each in handed_out.try_again()] == ["two"]
    assert work(database, connected) == [("two", "connected")]
    assert handed_out.try_again() == ()


def test_tries_end(database: QueueDatabase, handed_out: HandedOut, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MOST_TRIES", 1)
    monkeypatch.setattr(workers, "LONGEST_WAIT", 0)

    def connect(_: StoreJob) -> Connected:
        raise BrowserUnavailable("The browser ended.", next_step="Try again.")

    handed_out.add(jobs("one,abc,"))
    assert work(database, connect) == [("one", "retrying"), ("one", "failed")]
    assert [each.state for each in handed_out.states()] == ["failed"]


def test_the_store_of_a_worker_that_is_gone_is_taken_up_again(database: QueueDatabase, handed_out: HandedOut) -> None:
    handed_out.add(jobs("shop,abc,"))
    with database.connected() as connection:
        connection.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')")
        connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)"
        )
        # What every worker hands out from time to time, as it would in a few seconds.
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, attempts, priority) "
            "VALUES ('upkeep', 'take-up-again', '{\"timestamp\": 1}', 'todo', 0, 100)"
        )
    assert work(database, connected) == [("shop", "connected")]
    assert handed_out.states()[0].tries == 2


def test_what_is_no_store_fails_alone(database: QueueDatabase, handed_out: HandedOut) -> None:
    with database.app().open() as app:
        app.configure_task("connect-store", allow_unknown=True, queue="stores").defer(store={"name": "x"})
    handed_out.add(jobs("shop,abc,"))
    assert work(database, connected) == [("shop", "connected")]
    assert [each.name for each in handed_out.states()] == ["shop"]


def test_notes_of_earlier_tries_in_the_same_store_are_seen_and_ones_own_is_not(database: QueueDatabase) -> None:
    def note(store_hash: str, name: str, at: str) -> AccountNote:
        return AccountNote("simulated", store_hash, name, "a worker", at)

    first, second = SharedNotes(database, "abc"), SharedNotes(database, "abc")
    held = first.held()
    held.write(note("abc", "Companion one", "2026-11-27T10:00:00Z"))
    held.write(note("abc", "Companion two", "2026-11-27T10:00:00Z"))  # as a person named it anew
    SharedNotes(database, "abd").held().write(note("abd", "Companion x", "2026-11-27T09:00:00Z"))
    own = second.held()
    own.write(note("abc", "Companion three", "2026-11-27T11:00:00Z"))
    [left] = second.left("simulated")
    assert left.note.name == "Companion two"
    assert second.left("real") == ()
    left.drop()
    own.remove()
    assert SharedNotes(database, "abc").left("simulated") == ()


def test_one_worker_at_a_time_signs_a_user_in(database: QueueDatabase) -> None:
    records = QueueRecords(database)
    first, second, other = (records.one_at_a_time(each) for each in ("ann@example.com", "Ann@example.com", "bob"))
    pauses: list[None] = []

    def taken(lock: Any) -> bool:
        pauses.clear()
        return bool(lock.take(lambda: bool(pauses), lambda: pauses.append(None)))

    assert taken(first)
    assert not taken(second)
    assert taken(other)
    first.let_go()
    assert taken(second)
    second.let_go()
    other.let_go()


def test_a_refusal_counts_for_all_until_it_is_forgiven(database: QueueDatabase) -> None:
    records = QueueRecords(database)
    records.refuse("Ann@example.com", "The sign-in was refused.")
    records.refuse("ann@example.com", "Not tried.")
    assert QueueRecords(database).why_refused("ANN@example.com") == "The sign-in was refused."
    assert records.why_refused("bob@example.com") is None
    records.forgive()
    assert records.why_refused("ann@example.com") is None


def test_preparing_twice_changes_nothing(database: QueueDatabase, handed_out: HandedOut) -> None:
    handed_out.add(jobs("shop,abc,"))
    database.prepare()
    assert len(handed_out.states()) == 1


@pytest.mark.parametrize("address", ["sqlite:///x", "postgresql", "", "mysql://a:made-up@b/c"])
def test_an_address_that_is_none_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        QueueDatabase(address)
    assert "made-up" not in str(refused.value)


def test_a_database_that_is_away_is_said_so_without_its_address() -> None:
    away = QueueDatabase("postgresql://ann:made-up@127.0.0.1:1/queue")
    assert "made-up" not in repr(away)
    for call in (away.prepare, HandedOut(away).states, lambda: work(away, connected)):
        with pytest.raises(StorageFailed) as failed:
            call()  # type: ignore[operator]
        assert "made-up" not in str(failed.value)
        assert failed.value.__context__ is None
