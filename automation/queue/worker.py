"""A worker: takes stores from the queue, one at a time, and connects them in a browser of its own.

Procrastinate hands each store to one worker, notices workers that are gone by their heartbeats, and tries again what
can be tried again. A worker that seemed gone may still be at it, so that two come together; that does no harm: a
connection's name is taken once, and whoever comes second takes their API account back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from automation.core.store_jobs import ANY_USER, TASK, StoreJob, queue_of, store_job_from
from automation.queue.connecting import Connected
from automation.queue.database import QueueDatabase, unreachable
from automation.queue.records import QueueRecords
from companion.core.errors import CompanionError, InvalidInput, StorageFailed

if TYPE_CHECKING:
    from procrastinate import App

MOST_TRIES = 8
LONGEST_WAIT = 300
"""Seconds between two tries at most."""

UPKEEP = "upkeep"
"""The queue of what keeps the others going."""

_LONGEST_STATEMENT = 30.0
"""Seconds that what became of a store waits to be written; after that it is taken up again, and found connected."""

_MOST_FAILURES = 5
"""Times that a worker begins anew without getting to a store: what fails then is not that the server was away."""

_TAKING_UP = 0x74616B65  # the key of an advisory lock

RETRYING, FAILED = "retrying", "failed"

Explain = Callable[[BaseException], dict[str, Any]]


class StoreNotConnected(Exception):
    """A try that failed; holds a code and nothing else, since what a task raises is logged.

    Attributes:
        permanent: whether trying again, unchanged, is of no use.
    """

    def __init__(self, code: str, *, permanent: bool) -> None:
        super().__init__(code)
        self.permanent = permanent


class Unforeseen(CompanionError):
    """Something that nobody thought of; what it said is not kept, since it may hold a secret."""

    code = "retrieval-unexpected"
    permanent = False

    def __init__(self, kind: str) -> None:
        super().__init__(f"Something unexpected happened: {kind}.", next_step="It is tried again.")


@dataclass
class _Run:
    """What is known of one worker of Procrastinate's: there is another one after the database was away."""

    tries: int = 0
    has_failed: bool = False
    is_told_to_stop: bool = False


class Worker:
    """Runs until it is told to stop; then the store under way is finished first.

    Args:
        email: of the user that this worker signs in; it takes their stores, and those that name nobody.
        connect: connects one store; called in a thread.
        explain: what a failure says, as a document.
        lost_after: seconds without a heartbeat after which a worker counts as gone.
        patience: seconds for which a queue that cannot be reached any more is waited for.
        say: called with a line where that happens.
        on_outcome: told of each try that ended, with the job.
    """

    def __init__(
        self,
        database: QueueDatabase,
        *,
        email: str | None,
        connect: Callable[[StoreJob], Connected],
        explain: Explain,
        lost_after: float,
        on_outcome: Callable[[StoreJob, str, dict[str, Any]], None],
        patience: float = 0.0,
        say: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self._database = database
        self._patient = database.patient(patience)
        self._patience = patience
        self._say = say
        self._queues = list(dict.fromkeys((ANY_USER, queue_of(email), UPKEEP)))
        self._connect = connect
        self._explain = explain
        self._lost_after = lost_after
        self._on_outcome = on_outcome

    def run(self, *, wait: bool = True) -> None:
        """Work until a signal, or where `wait` is False until nothing is left to begin with.

        Raises:
            StorageFailed: the queue cannot be reached, or was away for longer than the patience.
        """
        import psycopg
        from procrastinate import exceptions

        # Their lines hold what stands in the queue, and where it is; ours say what became of it.
        for name in ("procrastinate", "psycopg"):
            logging.getLogger(name).addHandler(logging.NullHandler())
            logging.getLogger(name).propagate = False
        with self._database.connected():
            pass  # the pool would try for half a minute
        failed_in_a_row = 0
        while True:
            kind = ""
            under_way = _Run()
            try:
                asyncio.run(self._until_stopped(wait, under_way))
            except (exceptions.ConnectorException, psycopg.Error) as failure:
                kind = type(failure.__cause__ or failure).__name__
            except StorageFailed:
                kind = "an error"
            if not kind and (under_way.is_told_to_stop or not (wait or under_way.has_failed)):
                return
            failed_in_a_row = 0 if under_way.tries else failed_in_a_row + 1
            if under_way.is_told_to_stop or not self._patience or failed_in_a_row > _MOST_FAILURES:
                raise unreachable(kind or "an error")
            self._wait_for_database()

    def _wait_for_database(self) -> None:
        """Wait, as long as the patience lasts. Raises `StorageFailed`."""
        self._say(f"The queue did not answer. It is asked again, for {self._patience:.0f} seconds at most.")
        time.sleep(1)  # one that is about to stop may still answer
        with self._patient.connected():
            self._say("The queue answers. What this worker was at is taken up again.")

    async def _until_stopped(self, wait: bool, under_way: _Run) -> None:
        """Work as one worker of Procrastinate's, until a signal, or a statement of its that failed."""
        from procrastinate import App
        from procrastinate.signals import on_stop

        from automation.queue.telling_connector import TellingConnector

        # What is lost of a task that nobody waits for is taken up again; said here, it would name host and user.
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        is_to_end = asyncio.Event()

        def on_failure() -> None:
            under_way.has_failed = True
            is_to_end.set()

        def on_signal() -> None:
            under_way.is_told_to_stop = True
            is_to_end.set()

        timeout = max(1.0, min(self._patience, _LONGEST_STATEMENT))
        app = App(connector=TellingConnector(self._database.conninfo, timeout=timeout, on_failure=on_failure))
        self._add_tasks(app, under_way)
        async with app.open_async():
            await self._take_up(app)  # what it had itself, where it was away from the queue
            with on_stop(on_signal):
                working = asyncio.create_task(
                    app.run_worker_async(
                        queues=self._queues,
                        wait=wait,
                        concurrency=1,
                        install_signal_handlers=False,
                        fetch_job_polling_interval=min(5.0, self._lost_after / 2),
                        update_heartbeat_interval=self._lost_after / 6,
                        stalled_worker_timeout=self._lost_after,
                    )
                )
                ending = asyncio.create_task(is_to_end.wait())
                await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
                ending.cancel()
                working.cancel()  # where it has not ended: it finishes the store under way first
                with contextlib.suppress(asyncio.CancelledError):
                    await working

    def _add_tasks(self, app: App, under_way: _Run) -> None:
        from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
        from procrastinate.jobs import Job

        class AgainWhereItHelps(BaseRetryStrategy):
            def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
                if job.attempts >= MOST_TRIES or (isinstance(exception, StoreNotConnected) and exception.permanent):
                    return None
                return RetryDecision(retry_in={"seconds": min(2 ** (job.attempts + 1), LONGEST_WAIT)})

        @app.task(name=TASK, pass_context=True, retry=AgainWhereItHelps())
        def connect_store(context: JobContext, /, **arguments: Any) -> None:
            under_way.tries += 1
            self._try(context.job.id or 0, context.job.attempts, arguments)

        # As Procrastinate's documentation has it.
        @app.periodic(cron="* * * * * */10")
        @app.task(name="take-up-again", queue=UPKEEP, queueing_lock=UPKEEP, priority=100)
        async def take_up_again(timestamp: int) -> None:
            del timestamp
            await self._take_up(app)

    async def _take_up(self, app: App) -> None:
        """Give back what workers had that are gone."""
        # Of two at once, the second could give back what a third has taken since. Procrastinate's own lock would stay
        # with a worker that is killed here.
        with self._database.connected() as connection:
            held = connection.execute("SELECT pg_try_advisory_lock(%s) AS held", (_TAKING_UP,)).fetchone()
            if not (held and held["held"]):
                return
            seconds = self._lost_after
            for job in await app.job_manager.get_stalled_jobs(task_name=TASK, seconds_since_heartbeat=seconds):
                await app.job_manager.retry_job(job)
            await app.job_manager.delete_old_jobs(nb_hours=1, queue=UPKEEP, include_failed=True)

    def _try(self, job_id: int, attempts: int, arguments: dict[str, Any]) -> None:
        records = QueueRecords(self._patient)
        failure: CompanionError | None = None
        job: StoreJob | None = None
        try:
            job = store_job_from(arguments)
            done = self._connect(job)
        except CompanionError as stopped:
            failure = stopped
        except Exception as unforeseen:  # noqa: BLE001  whatever happens to one store, the others go on
            failure = Unforeseen(type(unforeseen).__name__)
        if failure is None and job is not None:
            document: dict[str, Any] = {"connection": done.connection, "deleted": list(done.deleted)}
            if done.unverified is not None:
                document |= self._explain(done.unverified)
            records.note_outcome(job_id, done.outcome, document)
            self._on_outcome(job, done.outcome, document)
            return
        if failure is None:
            raise AssertionError("a job that did not fail was done")
        permanent = failure.permanent or isinstance(failure, InvalidInput) or attempts >= MOST_TRIES
        document = self._explain(failure)
        records.note_outcome(job_id, FAILED if permanent else RETRYING, document)
        if job is not None:
            self._on_outcome(job, FAILED if permanent else RETRYING, document)
        # Outside the handler: nothing of what happened is to hang on what is logged.
        raise StoreNotConnected(failure.code, permanent=permanent)
