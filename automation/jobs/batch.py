"""Many stores in one browser: bounded in number, each in a context of its own, one sign-in for each user.

The session of a user is kept in memory alone, for the contexts of the same run. The first refusal stops every further
row of that user: six refusals lock a user, and an authenticator's code works once.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from automation.browser.closing import close_in_time
from automation.core.batch_rows import BatchRow
from automation.core.errors import AutomationError, Created, Interrupted, SignInNeeded, SignInUnanswered
from automation.core.flows.retrieval import StepId
from automation.core.request import RetrievalRequest, WantedScope
from automation.core.session_cookies import cookies_of
from automation.jobs.account_names import api_account_name_from
from automation.jobs.beside import Beside
from automation.jobs.hand_over import WantedConnection
from automation.jobs.interruption import Interruption
from automation.jobs.left_accounts import Noting
from automation.jobs.retrieval import retrieve_and_hand_over
from automation.jobs.run_options import Around, RunOptions
from automation.ports import RetrievalService
from automation.runners.loop import StepReport
from automation.runners.unattended import SignIn
from companion.core.errors import CompanionError, NameTaken
from companion.core.exit_codes import ExitCode
from companion.core.secret import Secret

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, StorageState

    from automation.browser.downloads import Downloads
    from automation.browser.session import BrowserSettings
    from companion.client import ConnectionDocument

DEFAULT_PARALLEL = 2
MOST_PARALLEL = 16
_LOOK_AGAIN_MS = 20.0


class Outcome(StrEnum):
    """What became of a row."""

    CONNECTED = "connected"
    ALREADY = "already"
    FAILED = "failed"
    NOT_TRIED = "not_tried"


@dataclass(frozen=True)
class RowReport:
    """What became of a row.

    Attributes:
        connection: as the API shows it; None where there is none.
        failure: why it failed, or was not tried.
        unverified: why a stored connection could not be verified now.
        seconds: how long it took.
    """

    row: BatchRow
    outcome: Outcome
    connection: ConnectionDocument | None = None
    failure: CompanionError | None = None
    unverified: CompanionError | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class BatchRequest:
    """What holds for every row.

    Attributes:
        account_prefix: how the names of the new API accounts begin.
        parallel: how many contexts at most.
    """

    account_prefix: str
    scopes: tuple[WantedScope, ...]
    patience: float = 60.0
    parallel: int = DEFAULT_PARALLEL
    headed: bool = False


@dataclass
class _User:
    """One user, and what is known of their session.

    Attributes:
        state: the cookies of their session; in memory alone.
        signing_in: whether one of their rows is at it; the others wait.
        begins_with: the state of a kept session, until it turns out to have ended.
        refused: the failure that stops every further row of theirs.
    """

    sign_in: SignIn | None
    state: StorageState | None = None
    signing_in: bool = False
    begins_with: StorageState | None = None
    refused: CompanionError | None = None


class _OfARow(Interruption):
    """The wish of the whole run, as one row sees it; signals are not its own matter."""

    def __init__(self, whole: Interruption) -> None:
        self._whole = whole
        super().__init__()

    @property
    def requested(self) -> bool:
        return self._whole.requested

    @requested.setter
    def requested(self, _value: bool) -> None:
        return

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        yield  # breaking off by an exception would hit whichever row has its turn


class _Shared(Around):
    """A row's context in the browser of all."""

    def __init__(self, browser: Browser, user: _User) -> None:
        self._browser = browser
        self._user = user
        self._context: BrowserContext | None = None

    @contextlib.contextmanager
    def session(
        self,
        settings: BrowserSettings,
        *,
        headed: bool,
        downloads: Downloads,
        say: Callable[[str], None],
    ) -> Iterator[BrowserContext]:

        from automation.browser.session import new_context

        del settings, say
        self._context = new_context(self._browser, headed=headed, storage_state=self._user.state)
        downloads.watch(self._context)
        try:
            yield self._context
        finally:
            close_in_time(self._context)

    def signed_in(self) -> None:
        """Keep the session for the other rows of this user."""
        if self._context is not None:
            self._user.state = self._context.storage_state()
            self._user.signing_in = False


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
    _users: dict[str, _User] = field(default_factory=dict, init=False)
    _at_work: dict[int, _OfARow] = field(default_factory=dict, init=False)

    def run(self) -> tuple[RowReport, ...]:
        """Connect every store that is not connected yet; returns a report for each row, in their order.

        Raises:
            CompanionError: no browser could be started; rows that were connected before are reported all the same.
        """
        self._users = {email: self._user_of(email, sign_in) for email, sign_in in self.users.items()}
        own = self.users.get("")
        if own is not None and own.email is not None and own.email.lower() in self._users:
            self._users[""] = self._users[own.email.lower()]  # named in some rows and not in others
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
        from automation.browser.fibers import run_all
        from automation.browser.session import new_context, running_browser

        parallel = max(1, min(self.request.parallel, MOST_PARALLEL, len(self._waiting)))
        with (
            running_browser(self.settings, headed=self.request.headed, say=self.say) as browser,
            ThreadPoolExecutor(max_workers=parallel) as pool,
        ):
            clock = new_context(browser, headed=False).new_page()

            def pause() -> None:
                clock.wait_for_timeout(_LOOK_AGAIN_MS)

            beside = Beside(pool, pause)

            def worker() -> None:
                while self._waiting:
                    row = self._next()
                    if row is None:
                        pause()
                    else:
                        self._connect(row, browser, beside)

            run_all([worker] * parallel, pause)

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

    def _stopped(self, row: BatchRow, user: _User) -> CompanionError | None:
        if self.interruption.requested:
            return Interrupted("Interrupted before it began.", next_step="Run it again: it goes on where it stopped.")
        if user.refused is not None:
            return SignInNeeded(
                "Not tried: an earlier sign-in of this user was refused, or not answered.",
                why="Six refusals lock a user.",
                next_step="Mend what that row says, and run it again: it goes on where it stopped.",
                step=StepId.SIGN_IN,
            )
        if user.sign_in is None:
            return SignInNeeded(
                f"There is nothing to sign in with for {row.email or 'this row'}.",
                next_step="Set BIGCOMMERCE_EMAIL and BIGCOMMERCE_PASSWORD for this user, and run it again: rows that "
                "are connected are not touched.",
                step=StepId.SIGN_IN,
            )
        return None

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
        around = _Shared(browser, user)
        interruption = self._at_work[row.line] = _OfARow(self.interruption)
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

    def _user_of(self, email: str, sign_in: SignIn | None) -> _User:
        session = self.sessions.get(email)
        if session is None:
            return _User(sign_in)
        state: Any = {"cookies": cookies_of(session), "origins": []}
        return _User(sign_in or SignIn(email or None, None), state, begins_with=state)

    def _session_ended(self, row: BatchRow, user: _User, state: StorageState | None) -> None:
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

    def _user(self, row: BatchRow) -> _User:
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
