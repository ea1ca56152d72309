"""Hands stores out, says what became of them, and lets those that failed be tried again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from automation.core.store_jobs import TASK, StoreJob, store_job_from
from automation.queue.database import QueueDatabase, unreachable
from automation.queue.records import QueueRecords
from companion.core.errors import InvalidInput

if TYPE_CHECKING:
    from procrastinate import App

WAITING, UNDER_WAY, DONE, FAILED, CANCELLED = "waiting", "under way", "done", "failed", "cancelled"

_STATES = {
    "todo": WAITING,
    "doing": UNDER_WAY,
    "succeeded": DONE,
    "failed": FAILED,
    "cancelled": CANCELLED,
    "aborting": UNDER_WAY,
    "aborted": CANCELLED,
}


@dataclass(frozen=True)
class JobState:
    """A store that was handed out.

    Attributes:
        key: as `StoreJob.key`.
        email: whose worker it waits for; None where any will do.
        state: what the queue says of it.
        outcome: what the last try said: `connected`, `already`, `retrying`, `failed`; None where none has ended.
        document: what the last try said of it: `connection` and `deleted`, or `error` and `created`.
        tries: how many have ended, in whatever way.
    """

    id: int
    key: str
    name: str
    store_hash: str
    email: str | None
    state: str
    outcome: str | None
    tries: int
    document: dict[str, Any] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether no worker will do anything more about it."""
        return self.state not in {WAITING, UNDER_WAY}


class HandedOut:
    """The stores of a queue; every method raises `StorageFailed` where it cannot be reached."""

    def __init__(self, database: QueueDatabase) -> None:
        self._database = database

    def add(self, jobs: Sequence[StoreJob]) -> tuple[StoreJob, ...]:
        """Hand stores out; returns those that were: not what waits, or is under way, already."""
        there = {each.key for each in self.states() if not each.is_over}
        added = tuple(job for job in jobs if job.key not in there)
        with self._opened() as app:
            for job in added:
                # No queueing lock: one that is given back could not wait while another of its name does.
                app.configure_task(TASK, allow_unknown=True, queue=job.queue, lock=job.lock).defer(**job.arguments())
        return added

    def states(self) -> tuple[JobState, ...]:
        """Return what became of each store, in the order in which they were handed out; of one connection the last."""
        self._database.prepare()
        outcomes = QueueRecords(self._database).outcomes()
        found: dict[str, JobState] = {}
        with self._opened() as app:
            for job in sorted(app.job_manager.list_jobs(task=TASK), key=lambda each: each.id or 0):
                outcome, document = outcomes.get(job.id or 0, (None, {}))
                try:
                    wanted = store_job_from(job.task_kwargs)
                except InvalidInput:
                    continue  # no worker takes it for one either
                state = _STATES.get(job.status or "", WAITING)
                found[wanted.key] = JobState(
                    job.id or 0,
                    wanted.key,
                    wanted.row.name,
                    wanted.row.store_hash,
                    wanted.row.email,
                    state,
                    outcome,
                    job.attempts,
                    document,
                )
        return tuple(found.values())

    def has_workers(self, *, within: float) -> bool:
        """Say whether any worker has given a sign of life.

        Args:
            within: the last so many seconds.
        """
        with self._database.connected() as connection:
            row = connection.execute(
                "SELECT count(*) AS alive FROM procrastinate_workers "
                "WHERE last_heartbeat > now() - make_interval(secs => %s)",
                (within,),
            ).fetchone()
        return bool(row and row["alive"])

    def try_again(self) -> tuple[JobState, ...]:
        """Hand out again what failed, and let users sign in again whose sign-in was refused; returns what it was."""
        failed = tuple(each for each in self.states() if each.state == FAILED)
        QueueRecords(self._database).forgive()
        with self._opened() as app:
            for each in failed:
                app.job_manager.retry_job_by_id(each.id, retry_at=datetime.now(UTC))
        return failed

    @contextmanager
    def _opened(self) -> Iterator[App]:
        import psycopg
        from procrastinate.exceptions import ConnectorException

        kind = ""
        try:
            with self._database.app().open() as app:
                yield app
        except (ConnectorException, psycopg.Error) as failure:
            kind = type(failure.__cause__ or failure).__name__
        if kind:
            raise unreachable(kind)
