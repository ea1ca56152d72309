"""One store from the queue: connected, if it is not yet, and what earlier tries have left in it deleted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from automation.core.errors import BrowserUnavailable, Interrupted, SignInNeeded, SignInUnanswered
from automation.core.flows.retrieval import StepId
from automation.core.oauth_scopes import wanted_scopes
from automation.core.progress import Progress
from automation.core.request import RetrievalRequest
from automation.core.store_jobs import StoreJob
from automation.jobs.account_names import api_account_name_from
from automation.jobs.hand_over import PATIENCE, WantedConnection
from automation.jobs.interruption import Interruption
from automation.jobs.left_accounts import Noting, accounts_in_use, forget_named, remove_left
from automation.jobs.retrieval import retrieve_and_hand_over
from automation.jobs.run_options import RunOptions, making_nothing
from automation.ports import RetrievalService, WorkerService
from automation.queue.database import QueueDatabase
from automation.queue.kept_browser import ContextInKeptBrowser, KeptBrowser
from automation.queue.records import QueueRecords
from automation.queue.shared_notes import SharedNotes
from automation.runners.listing import list_accounts
from automation.runners.loop import StepReport
from automation.runners.unattended import SignIn
from companion.account_notes import AccountNote
from companion.core.errors import CompanionError, NameTaken, ServiceUnreachable, StorageFailed
from companion.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from playwright.sync_api import StorageState

    from automation.browser.session import BrowserSettings
    from companion.client import ConnectionDocument

T = TypeVar("T")

CONNECTED, ALREADY = "connected", "already"

_LOOK_AGAIN = 0.5
_CODE_LASTS = 30.0
"""Seconds after which an authenticator's code is another one, whatever its period."""


@dataclass(frozen=True)
class Connected:
    """What became of a store.

    Attributes:
        outcome: `connected`, or `already` where an earlier try had done it.
        deleted: names of API accounts that tries which were killed had left, deleted now.
        unverified: why it could not be verified now.
    """

    outcome: str
    connection: ConnectionDocument
    deleted: tuple[str, ...] = ()
    unverified: CompanionError | None = None


@dataclass
class StoreConnector:
    """Connects stores of one user, one after the other, in the thread of the kept browser.

    Attributes:
        open_service: opens a client of the service for one store.
        sign_in: what the user of this worker's environment signs in with.
        world: whose notes count.
    """

    settings: BrowserSettings
    open_service: Callable[[], AbstractContextManager[WorkerService]]
    sign_in: SignIn
    database: QueueDatabase
    kept: KeptBrowser
    world: str
    interruption: Interruption
    say: Callable[[str], None]
    pause: Callable[[float], None]
    headed: bool = False
    _state: StorageState | None = field(default=None, init=False)

    def connect(self, job: StoreJob) -> Connected:
        """Connect a store that is not connected yet.

        Raises:
            CompanionError: what stopped it; the note of an API account that is left stays, and the next try sees to it.
        """
        deleted: list[str] = []

        command = f"a worker for {job.row.name}"
        notes = SharedNotes(self.database, job.row.store_hash)
        with self.open_service() as service:

            def on_deleted(note: AccountNote) -> None:
                deleted.append(note.name)
                _record(note, service)

            noting = Noting(notes, self.world, command, on_deleted, keeps_named=True)
            found = self._known(job, service)
            if found is None:
                return replace(self._retrieved(job, service, noting), deleted=tuple(deleted))
            left = noting.left(job.row.store_hash)
            if left and forget_named(left, accounts_in_use(service)):
                self._signed_in(lambda options: self._cleaned(job, service, options, noting))
            return Connected(ALREADY, found, tuple(deleted))

    def _known(self, job: StoreJob, service: RetrievalService) -> ConnectionDocument | None:
        found = service.connections(name=job.row.name)["connections"]
        if found and found[0]["store_hash"] != job.row.store_hash:
            raise NameTaken(job.row.name)
        return found[0] if found else None

    def _retrieved(self, job: StoreJob, service: RetrievalService, noting: Noting) -> Connected:
        row = job.row
        wanted = WantedConnection(
            row.name, auth_type=row.auth_type, channel_id=row.channel_id, scopes=row.scopes, tags=row.tags
        )

        def run(options: RunOptions) -> Connected:
            request = RetrievalRequest(
                api_account_name_from(job.account_prefix),
                store_hash=row.store_hash,
                channel_id=row.channel_id,
                scopes=wanted_scopes(job.oauth_scopes),
                patience=job.patience,
                subdomain=row.subdomain,
            )
            report = retrieve_and_hand_over(request, wanted, service, replace(options, noting=noting))
            return Connected(CONNECTED, report.connection, unverified=report.unverified)

        return self._signed_in(run)

    def _cleaned(self, job: StoreJob, service: RetrievalService, options: RunOptions, noting: Noting) -> None:
        from playwright.sync_api import Error

        store_hash = job.row.store_hash
        request = RetrievalRequest(job.account_prefix, store_hash=store_hash, patience=job.patience)
        try:
            with making_nothing(options, request) as hands:
                list_accounts(hands, Progress(request), interrupted=options.interruption.is_requested)
                remove_left(hands, store_hash, noting, service, agreed=lambda _name: True, say=self.say)
        except Error:
            raise BrowserUnavailable(
                "The browser ended before what earlier tries left was deleted.", next_step="It is tried again."
            ) from None

    def _signed_in(self, run: Callable[[RunOptions], T]) -> T:
        """Run with the user's session; where there is none, or it has ended, sign in: one worker at a time."""
        if self._state is not None:
            around = ContextInKeptBrowser(self.kept, self._state)
            try:
                return run(self._options(around, replace(self.sign_in, password=None)))
            except SignInNeeded:
                self._state = None
        email = self.sign_in.email or ""
        records = QueueRecords(self.database)
        lock = records.one_at_a_time(email)
        around = ContextInKeptBrowser(self.kept, None)

        def let_go() -> None:
            lock.let_go(after=_CODE_LASTS if self.sign_in.authenticator_code is not None else 0.0)

        def on_step(report: StepReport) -> None:
            if report.id is StepId.SIGN_IN and report.status == "done":
                around.signed_in()
                self._state = around.state
                let_go()

        if not lock.take(self.interruption.is_requested, lambda: self.pause(_LOOK_AGAIN)):
            raise Interrupted("Interrupted while another worker signed in.", next_step="It is tried again.")
        try:
            self._refuse_the_refused(records, email)
            return run(self._options(around, self.sign_in, on_step))
        except CompanionError as failure:
            # What was not answered may have been a refusal.
            if self._state is None and (
                failure.exit_code == ExitCode.SIGN_IN_NEEDED or isinstance(failure, SignInUnanswered)
            ):
                records.refuse(email, failure.explained.what)
            raise
        finally:
            if self._state is None:
                lock.let_go()

    def _options(
        self, around: ContextInKeptBrowser, sign_in: SignIn, on_step: Callable[[StepReport], None] = lambda _: None
    ) -> RunOptions:
        return RunOptions(
            self.settings,
            sign_in,
            headed=self.headed,
            on_step=on_step,
            say=self.say,
            interruption=self.interruption,
            around=around,
            looks_subdomain_up=False,
        )

    def _refuse_the_refused(self, records: QueueRecords, email: str) -> None:
        why = records.why_refused(email)
        if why is not None:
            raise SignInNeeded(
                "Not tried: an earlier sign-in of this user was refused, or not answered.",
                why=f"Six refusals lock a user. It said: {why}",
                next_step="Mend that, restart the workers where what they sign in with has changed, and run "
                "`companion jobs retry`.",
                step=StepId.SIGN_IN,
            )


def _record(note: AccountNote, service: WorkerService) -> None:
    """Record that an account which was left is deleted; the account is gone, so that no later try would."""
    import stamina
    from stamina.instrumentation import set_on_retry_hooks

    set_on_retry_hooks([])  # they would log to standard output
    for attempt in stamina.retry_context(
        on=(ServiceUnreachable, StorageFailed), attempts=None, timeout=PATIENCE, wait_initial=0.2, wait_max=2.0
    ):
        with attempt:
            service.record_left_account(note.name, note.store_hash, note.command)
