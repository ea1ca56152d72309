"""Many stores in one browser: bounded in number, each in a context of its own, one sign-in for each user.

The session of a user is kept in memory alone, for the contexts of the same run. The first refusal stops every further
row of that user: six refusals lock a user, and an authenticator's code works once.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from automation.core.batch_rows import BatchRow
from automation.core.errors import AutomationError, Created, Interrupted, SignInNeeded, SignInUnanswered
from automation.core.flows.retrieval import StepId
from automation.core.request import RetrievalRequest
from automation.jobs.account_names import api_account_name_from
from automation.jobs.batch_users import User, users_of
from automation.jobs.batch_values import MOST_PARALLEL, BatchRequest, Outcome, RowReport
from automation.jobs.beside import Beside
from automation.jobs.hand_over import WantedConnection
from automation.jobs.interruption import Interruption
from automation.jobs.left_accounts import Noting
from automation.jobs.retrieval import retrieve_and_hand_over
from automation.jobs.run_options import RunOptions
from automation.jobs.shared_browser import ContextOfARow, InterruptionOfARow
from automation.ports import RetrievalService
from automation.runners.loop import StepReport
from automation.runners.unattended import SignIn
from companion.core.errors import CompanionError, NameTaken
from companion.core.exit_codes import ExitCode
from companion.core.secret import Secret

if TYPE_CHECKING:
    from playwright.sync_api import Browser, StorageState

    from automation.browser.session import BrowserSettings

_LOOK_AGAIN = 0.02  # seconds


@dataclass
class Batch:
    """One run over the rows of a file.

    Attributes:
        users: by e-mail address in lower case, empty for the one of the environment: what they sign in with; None where
            nothing is known.
        on_row: called as each row ends.
        noting: as `RunOptions` has it.
        sessions: by the same addresses: a kept session that the user's first rows begin with.
        on_session_over: told whose kept session turned out to have ended.
    """

    rows: Sequence[BatchRow]
    request: BatchRequest
    client: RetrievalService
    settings: BrowserSettings
    users: dict[str, SignIn | None]
    interruption: Interruption
    on_row: Callable[[RowReport], None] = lambda _report: None
    say: Callable[[str], None] = lambda _line: None
    noting: Noting | None = None
    sessions: Mapping[str, Secret] = field(default_factory=dict)
    on_session_over: Callable[[str], None] = lambda _email: None
    reports: dict[int, RowReport] = field(default_factory=dict, init=False)
    _waiting: deque[BatchRow] = field(default_factory=deque, init=False)
    _users: dict[str, User] = field(default_factory=dict, init=False)
    _at_work: dict[int, InterruptionOfARow] = field(default_factory=dict, init=False)

    def run(self) -> tuple[RowReport, ...]:
        """Connect every store that is not connected yet; returns a report for each row, in their order.

        Raises:
            CompanionError: no browser could be started; rows that were connected before are reported all the same.
        """
        self._users = users_of(self.users, self.sessions)
        for row in self.rows:
            known = self._known(row)
            stopped = None if known is not None else self._stopped(row, self._user(row))
            if known is not None:
                self._ended(known)
            elif stopped is not None:  # then no browser has to open for it
                self._ended(RowReport(row, Outcome.NOT_TRIED, failure=stopped))
            else:
                self._waiting.append(row)
        if self._waiting:
            self.interruption.at_stake = self._at_stake
            self._in_one_browser()
        return tuple(self.reports[row.line] for row in self.rows)

    def _in_one_browser(self) -> None:
        from automation.browser.fibers import pause, run_all
        from automation.browser.session import running_browser

        parallel = max(1, min(self.request.parallel, MOST_PARALLEL, len(self._waiting)))
        with (
            running_browser(self.settings, headed=self.request.headed, say=self.say) as browser,
            ThreadPoolExecutor(max_workers=parallel) as pool,
        ):

            def wait() -> None:
                pause(browser, _LOOK_AGAIN)

            beside = Beside(pool, wait)

            def worker() -> None:
                while self._waiting:
                    row = self._next()
                    if row is None:
                        wait()
                    else:
                        self._connect(row, browser, beside)

            run_all([worker] * parallel, wait)

    def _next(self) -> BatchRow | None:
        """Take the first row that can begin now; None where all have to wait for a sign-in of their user."""
        for row in tuple(self._waiting):
            user = self._user(row)
            stopped = self._stopped(row, user)
            if stopped is not None:
                self._waiting.remove(row)
                self._ended(RowReport(row, Outcome.NOT_TRIED, failure=stopped))
            elif user.state is not None or not user.signing_in:
                self._waiting.remove(row)
                return row
        return None

    def _stopped(self, row: BatchRow, user: User) -> CompanionError | None:
        if self.interruption.requested:
            return Interrupted("Interrupted before it began.", next_step="Run it again: it goes on where it stopped.")
        return user.stopped(row.email)

    def _connect(self, row: BatchRow, browser: Browser, beside: Beside) -> None:
        user = self._user(row)
        sign_in = cast("SignIn", user.sign_in)
        state = user.state
        leads = state is None
        if leads:
            user.signing_in = True
        else:
            sign_in = replace(
                sign_in, password=None
            )  # where the session is gone, it is not this row that signs in anew
        around = ContextOfARow(browser, user)
        interruption = self._at_work[row.line] = InterruptionOfARow(self.interruption)
        started = time.monotonic()

        def on_step(report: StepReport) -> None:
            if leads and report.id is StepId.SIGN_IN and report.status == "done":
                around.signed_in()

        try:
            report = retrieve_and_hand_over(
                self._request_of(row),
                WantedConnection(
                    row.name,
                    auth_type=row.auth_type,
                    channel_id=row.channel_id,
                    scopes=row.scopes,
                    tags=row.tags,
                ),
                cast("RetrievalService", beside.all_of(self.client)),
                RunOptions(
                    self.settings,
                    beside.codes_of(sign_in),
                    headed=self.request.headed,
                    on_step=on_step,
                    interruption=interruption,
                    around=around,
                    noting=self.noting,
                ),
            )
        except CompanionError as failure:
            seconds = time.monotonic() - started
            if not leads and isinstance(failure, SignInNeeded) and not self.interruption.requested:
                self._session_ended(row, user, state)
                self._waiting.appendleft(row)  # the session has ended: one row of this user signs in again
                return
            # What was not answered may have been a refusal.
            if leads and (failure.exit_code == ExitCode.SIGN_IN_NEEDED or isinstance(failure, SignInUnanswered)):
                user.refused = failure
            self._ended(RowReport(row, Outcome.FAILED, failure=failure, seconds=seconds))
        except Exception as failure:  # noqa: BLE001  whatever happens to one row, the others go on
            self._ended(RowReport(row, Outcome.FAILED, failure=_unforeseen(failure)))
        else:
            self._ended(RowReport(row, Outcome.CONNECTED, report.connection, None, report.unverified, report.seconds))
        finally:
            del self._at_work[row.line]
            if leads:
                user.signing_in = False

    def _session_ended(self, row: BatchRow, user: User, state: StorageState | None) -> None:
        """Forget a session that was refused; another row of this user may have signed in anew meanwhile."""
        if user.state is state:
            user.state = None
        if user.begins_with is not None and user.begins_with is state:
            user.begins_with = None
            self.on_session_over((row.email or "").lower())

    def _request_of(self, row: BatchRow) -> RetrievalRequest:
        return RetrievalRequest(
            api_account_name_from(self.request.account_prefix),
            store_hash=row.store_hash,
            channel_id=row.channel_id,
            scopes=self.request.scopes,
            patience=self.request.patience,
            subdomain=row.subdomain,
        )

    def _known(self, row: BatchRow) -> RowReport | None:
        """What an earlier run left: a connection of this name to this store needs nothing."""
        found = self.client.connections(name=row.name)["connections"]
        if not found:
            return None
        if found[0]["store_hash"] == row.store_hash:
            return RowReport(row, Outcome.ALREADY, found[0])
        return RowReport(row, Outcome.FAILED, failure=NameTaken(row.name))

    def _user(self, row: BatchRow) -> User:
        return self._users[(row.email or "").lower()]

    def _ended(self, report: RowReport) -> None:
        self.reports[report.row.line] = report
        self.on_row(report)

    def _at_stake(self) -> tuple[Created, ...]:
        return tuple(made for each in self._at_work.values() for made in each.at_stake())


def _unforeseen(failure: Exception) -> AutomationError:
    from automation.core.errors import Unexpected

    return Unexpected(
        f"Something unexpected happened: {type(failure).__name__}.",
        why="What it said is not shown, since it may hold a secret.",
        next_step="Run it again: it goes on where it stopped.",
    )
