"""Retrievals for the web page: one at a time, in a process that drives a browser, and followed from any number of tabs.

What is known of them lives in memory alone: a retrieval ends with its service.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from companion.core.audit import LONGEST_DETAIL, Deed
from companion.core.audit_actions import AuditAction
from companion.core.errors import (
    Conflict,
    FieldError,
    InvalidInput,
    NoDisplay,
    NotFound,
    NothingToSignInWith,
    RetrievalUnderWay,
    ServiceUnreachable,
)
from companion.core.proof import ProofKey
from companion.core.retrieval import Retrieval, RetrievalState, stopping
from companion.core.retrieval_changes import Change
from companion.core.retrieval_order import (
    OrderWord,
    RetrievalMode,
    RetrievalOrder,
    SignInAtHand,
    TicketGiven,
    WantedRetrieval,
    line_from_order,
)
from companion.core.retrieval_steps import RETRIEVAL_STEP_IDS
from companion.core.secret import Secret
from companion.service import tickets
from companion.service.audit import teller
from companion.service.parts import Parts
from companion.service.retrieval_run import RetrievalRun
from companion.service.wanted_retrieval import checked_wanted, document_of_replaced

if TYPE_CHECKING:
    from companion.ports.browser_jobs import BrowserJobs

LONGEST = {RetrievalMode.GUIDED: 3600.0, RetrievalMode.UNATTENDED: 1200.0}
"""Seconds that a retrieval may take, pauses included."""

STOP_SECONDS = 90.0
_READY_SECONDS = 60.0
_LAST_SECONDS = 20.0
_KEPT = 10
_ID_BYTES = 16
_KEY_BYTES = 32
_INVALID_INPUT = 2


class Retrievals:
    """The retrievals of this service.

    Args:
        sign_in: gives what the service itself can sign in with; that counts as its use.
        can_sign_in: says whether that would be enough for an unattended retrieval, and uses nothing.
        settings: by their names, what the child needs of them.

    Attributes:
        service_url: where this service answers; set once it does.
    """

    def __init__(
        self,
        parts: Parts,
        jobs: BrowserJobs,
        sign_in: Callable[[RetrievalMode], SignInAtHand],
        can_sign_in: Callable[[], bool],
        settings: Mapping[str, str],
    ) -> None:
        self._parts = parts
        self._jobs = jobs
        self._sign_in = sign_in
        self._can_sign_in = can_sign_in
        self._settings = dict(settings)
        self._changed = threading.Condition()
        self._runs: dict[str, RetrievalRun] = {}
        self._starting = False
        self._closing = False
        self.service_url: str | None = None

    @property
    def has_display(self) -> bool:
        """Whether a browser can open a window here, as far as that can be told without trying."""
        return self._jobs.has_display

    def can_sign_in(self) -> bool:
        """Say whether an unattended retrieval has something to sign in with."""
        return self._can_sign_in()

    def start(self, wanted: WantedRetrieval) -> Retrieval:
        """Start a retrieval, and return it once it is known whether it can be done as it is wanted.

        Raises:
            RetrievalUnderWay: there is one at a time.
            NoDisplay: it needs a window, and none can be opened here.
            NothingToSignInWith: it is unattended, and neither a kept session nor the environment signs in.
            InvalidInput: naming each field that is refused.
            NameTaken, WrongWorld, KeysUnavailable: the connection could not be stored.
            StorageFailed: the program that drives the browser cannot be started.
        """
        with self._changed:
            self._refuse_a_second()
            self._starting = True
        try:
            run = self._started(checked_wanted(self._parts, wanted))
        finally:
            with self._changed:
                self._starting = False
        return self._once_ready(run)

    def all(self) -> tuple[Retrieval, ...]:
        """Return the retrievals that are remembered, newest first."""
        with self._changed:
            return tuple(run.retrieval for run in reversed(self._runs.values()))

    def get(self, retrieval_id: str) -> Retrieval:
        """Return one retrieval. Raises `NotFound`."""
        with self._changed:
            return self._run(retrieval_id).retrieval

    def tell(self, retrieval_id: str, word: OrderWord, step: str | None = None) -> Retrieval:
        """Give the retrieval an order; what came of it is seen in its changes.

        Args:
            step: with `mine`, which step; the one that is under way if None.

        Raises:
            NotFound: there is no such retrieval.
            InvalidInput: there is no such step.
            Conflict: it takes no orders any more, or nobody could do a step.
        """
        if word is OrderWord.CANCEL:
            return self.cancel(retrieval_id)
        with self._changed:
            run = self._run(retrieval_id)
            retrieval = run.retrieval
            if retrieval.state not in {RetrievalState.STARTING, RetrievalState.RUNNING} or run.handed_over:
                raise Conflict("The retrieval takes no orders any more.", next_step="Look at what it led to.")
            if word is OrderWord.MINE:
                if not retrieval.wanted.has_window:
                    raise Conflict(
                        "There is no browser window in which to do a step.",
                        why="This retrieval runs without one.",
                        next_step="Cancel it, and start it again with its window shown.",
                    )
                step = step or retrieval.step_under_way
                if step is not None and step not in RETRIEVAL_STEP_IDS:
                    raise InvalidInput("There is no such step.", next_step="Load the page again, and choose one.")
                if step is None or retrieval.status_of(step) not in {"waiting", "running"}:
                    raise Conflict("This step is over.", next_step="Choose one that is not.")
            job = run.job
        if job is not None:
            job.tell(word, step if word is OrderWord.MINE else None)
        return self.get(retrieval_id)

    def cancel(self, retrieval_id: str) -> Retrieval:
        """Let a retrieval stop in order; returns at once. One that is over stays as it is. Raises `NotFound`."""
        with self._changed:
            run = self._run(retrieval_id)
            if run.handed_over is None and not run.retrieval.state.is_over:
                run.become(stopping(run.retrieval))
            job = None if run.handed_over is not None else run.job
        if job is not None:
            job.cancel()
        return self.get(retrieval_id)

    def forget(self, retrieval_id: str) -> bool:
        """Forget a retrieval that is over; returns False for one that is not. Raises `NotFound`."""
        with self._changed:
            if not self._run(retrieval_id).retrieval.state.is_over:
                return False
            del self._runs[retrieval_id]
            self._changed.notify_all()
            return True

    def changes(self, retrieval_id: str, last: int, seconds: float) -> Iterator[Change | None]:
        """Yield what changes after the change `last`, until the retrieval is over or `seconds` have passed.

        Yields:
            None now and then, where nothing changes.

        Raises:
            NotFound: there is no such retrieval; raised before the first is yielded.
        """
        with self._changed:
            run = self._run(retrieval_id)
        return run.followed(lambda: self._closing, last, seconds)

    def proof_key_of(self, retrieval_id: str) -> ProofKey | None:
        """Return what the service proves itself with to the process of a retrieval; None where there is none."""
        with self._changed:
            run = self._runs.get(retrieval_id)
            if run is None or run.retrieval.state.is_over:
                return None
            return ProofKey(retrieval_id, run.proof_key.reveal().encode())

    def close(self) -> None:
        """Let a retrieval that is under way stop in order, and end it where it does not."""
        with self._changed:
            self._closing = True
            jobs = [run.job for run in self._runs.values() if run.job is not None and not run.retrieval.state.is_over]
            for run in self._runs.values():
                if run.handed_over is None:
                    run.become(stopping(run.retrieval))
            self._changed.notify_all()
        for job in jobs:
            job.cancel()
            try:
                if job.wait(STOP_SECONDS):
                    continue
            except KeyboardInterrupt:  # the second wish to stop: only what it may have left is still found out
                job.kill()
                job.wait(_LAST_SECONDS)
                raise
            job.kill()
            job.wait(_LAST_SECONDS)

    # Starting

    def _refuse_a_second(self) -> None:
        under_way = next((run.retrieval for run in self._runs.values() if not run.retrieval.state.is_over), None)
        if self._closing:
            raise ServiceUnreachable(
                "The service is being stopped.", next_step="Start it again with `companion serve`."
            )
        if self._starting or under_way is not None:
            named = f" of {under_way.wanted.name!r}" if under_way is not None else ""
            raise RetrievalUnderWay(
                f"A retrieval{named} is under way.",
                why="There is one at a time.",
                next_step="Wait for its end, or cancel it.",
            )

    def _started(self, wanted: WantedRetrieval) -> RetrievalRun:
        if wanted.attach is None and wanted.shown and not self._jobs.has_display:
            raise NoDisplay(
                "A browser cannot open a window here.",
                why="There is no graphical session: neither DISPLAY nor WAYLAND_DISPLAY is set for the service.",
                next_step="Start the service on the desktop, or retrieve unattended without a window.",
            )
        sign_in = self._sign_in(wanted.mode)
        if wanted.mode is RetrievalMode.UNATTENDED and not sign_in.is_enough:
            raise NothingToSignInWith(
                "The service has nothing to sign in to BigCommerce with.",
                why="No browser session is kept, and BIGCOMMERCE_EMAIL and BIGCOMMERCE_PASSWORD are not set for it. "
                "This page never asks for them.",
                next_step="Choose the guided way, keep a session with `companion connect NAME --remember`, or set the "
                "variables and start the service again.",
            )
        if self.service_url is None:
            raise ServiceUnreachable("The service does not answer yet.", next_step="Try again.")
        issued = tickets.issue_ticket(self._parts, wanted.name, replace=wanted.replace)
        if issued.ticket is None:
            raise RuntimeError("a new ticket has a text")
        account = issued.supersedes
        now = self._parts.clock()
        retrieval = Retrieval(self._parts.entropy(_ID_BYTES).hex(), wanted, now)
        order = RetrievalOrder(
            id=retrieval.id,
            service_url=self.service_url,
            proof_key=Secret(self._parts.entropy(_KEY_BYTES).hex()),
            ticket=TicketGiven(
                issued.id,
                issued.ticket,
                issued.expires_at,
                issued.replaces,
                None if account is None else {"name": account.name, "client_id": account.client_id},
            ),
            wanted=wanted,
            sign_in=sign_in,
            replaced=document_of_replaced(self._parts, issued.replaces),
            settings=self._settings,
        )
        detail = f"{wanted.mode.value}, {wanted.name}"[:LONGEST_DETAIL]
        told = teller(self._parts.clock, Deed(AuditAction.RETRIEVE, issued.replaces, wanted.name, detail=detail))
        run = RetrievalRun(self._parts, self._changed, retrieval, order.proof_key, told, sign_in.email)
        with self._changed:
            self._runs[retrieval.id] = run
            for old in [each for each in self._runs.values() if each.retrieval.state.is_over][:-_KEPT]:
                del self._runs[old.retrieval.id]
        try:
            job = self._jobs.start(
                line_from_order(order),
                on_event=run.heard,
                on_end=run.gone,
                seconds=LONGEST[wanted.mode],
            )
        except BaseException:
            with self._changed:
                del self._runs[retrieval.id]
            raise
        with self._changed:
            run.job = job
            cancelled = run.retrieval.state is RetrievalState.STOPPING
        if cancelled:
            job.cancel()
        return run

    def _once_ready(self, run: RetrievalRun) -> Retrieval:
        """Wait until the child says that it can begin, or why not."""
        with self._changed:
            self._changed.wait_for(lambda: run.retrieval.state is not RetrievalState.STARTING, _READY_SECONDS)
            retrieval = run.retrieval
            failure = retrieval.failure
            if retrieval.api_account is None and failure is not None and failure.exit_code == _INVALID_INPUT:
                self._runs.pop(retrieval.id, None)
                fields = tuple(FieldError(pointer, detail) for pointer, detail in failure.fields)
                raise InvalidInput(failure.what, why=failure.why, next_step=failure.next_step, fields=fields)
            return retrieval

    def _run(self, retrieval_id: str) -> RetrievalRun:
        run = self._runs.get(retrieval_id)
        if run is None:
            raise NotFound(
                "There is no such retrieval.",
                why="The last few are remembered for as long as the service runs.",
                next_step="Start one.",
            )
        return run
