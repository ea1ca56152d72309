"""One retrieval from end to end: ticket, browser, the 13 steps, hand-over, verification."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from automation.core.actions import Rehearsed, Removal
from automation.core.decide import current_step, decide
from automation.core.decisions.credentials import after_clean_up
from automation.core.errors import (
    AutomationError,
    BrowserUnavailable,
    Created,
    CredentialsLost,
    Interrupted,
    PanelUnreachable,
    StepFailed,
    Unexpected,
)
from automation.core.evidence import masked_summary
from automation.core.extract.document import forget_documents
from automation.core.flows.retrieval import STEPS, StepId
from automation.core.progress import Progress
from automation.core.request import Captured, RetrievalRequest
from automation.jobs.account_names import with_another_end
from automation.jobs.hand_over import HandOver, WantedConnection
from automation.jobs.interruption import Interruption
from automation.ports import RetrievalService
from automation.runners.clean_up import ConfirmingHands, take_back
from automation.runners.loop import Run, StepReport
from companion.core.errors import BigCommerceUnreachable, CompanionError
from companion.core.host_map import HostMap

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from automation.browser.downloads import Downloads
    from automation.browser.session import BrowserSettings
    from automation.runners.guided import GuidedHands
    from automation.runners.unattended import SignIn, UnattendedHands
    from companion.client import ApiAccountDocument, ConnectionDocument

API_ACCOUNT = "api-account"

OnStep = Callable[[StepReport], None]


class Around:
    """What another job does around a retrieval, in the same browser; by itself nothing."""

    def session(
        self,
        settings: BrowserSettings,
        *,
        headed: bool,
        downloads: Downloads,
        say: Callable[[str], None],
    ) -> AbstractContextManager[BrowserContext]:
        """Give the browser context of the retrieval; a fresh browser of its own unless another job has one."""
        from automation.browser.session import browser_session

        return browser_session(settings, headed=headed, downloads=downloads, say=say)

    def begin(self, hands: ConfirmingHands, request: RetrievalRequest) -> RetrievalRequest:
        """Do what comes first; returns the request as it is known then."""
        del hands
        return request

    def before_hand_over(self, hands: ConfirmingHands, captured: Captured) -> None:
        """Judge what was captured; what this raises takes the new API account back."""

    def end(self, hands: ConfirmingHands) -> None:
        """Do what comes last. The connection is stored: this raises nothing."""


@dataclass(frozen=True)
class GuideSettings:
    """How a person is guided.

    Attributes:
        cover: whether the values in the credentials window are covered while it is open.
    """

    cover: bool = True


@dataclass(frozen=True)
class RetrievalReport:
    """What a retrieval led to.

    Attributes:
        connection: as the API shows it.
        steps: all 13, in their order.
        seconds: from the start to the end, the browser's start included.
        created: what now exists at BigCommerce because of the run.
        superseded: the API account of the connection that was replaced; it stays alive at BigCommerce.
        unverified: why the connection could not be verified now; None where it was.
        dealt_with: how many codes, choices and challenges of the sign-in a person dealt with.
    """

    connection: ConnectionDocument
    steps: tuple[StepReport, ...]
    seconds: float
    created: tuple[Created, ...]
    superseded: ApiAccountDocument | None = None
    unverified: CompanionError | None = None
    dealt_with: int = 0

    @property
    def human_actions(self) -> int:
        """How many steps a person did, and codes, choices and challenges they dealt with."""
        return _human_actions(self.steps, self.dealt_with)

    def document(self) -> dict[str, Any]:
        """Return the document of `connect --json` and `demo --json`."""
        superseded = {} if self.superseded is None else {"superseded": self.superseded}
        return {
            "connection": self.connection,
            "steps": steps_document(self.steps),
            "human_actions": self.human_actions,
            "seconds": round(self.seconds, 3),
            "created": created_document(self.created),
            **superseded,
        }


@dataclass
class _Record:
    """The steps as they end; tells a listener of each, once."""

    on_step: OnStep
    reports: dict[StepId, StepReport] = field(default_factory=dict)
    dealt_with: int = 0

    def add(self, report: StepReport) -> None:
        self.reports[report.id] = report
        self.on_step(report)

    def all_steps(self) -> tuple[StepReport, ...]:
        return tuple(self.reports.get(step.id) or StepReport(step.id, "skipped", 0.0) for step in STEPS)


def retrieve_and_hand_over(
    request: RetrievalRequest,
    wanted: WantedConnection,
    client: RetrievalService,
    settings: BrowserSettings,
    sign_in: SignIn,
    *,
    headed: bool = False,
    guide: GuideSettings | None = None,
    attach: str | None = None,
    on_step: OnStep = lambda _report: None,
    say: Callable[[str], None] = lambda _line: None,
    interruption: Interruption | None = None,
    clock: Callable[[], float] = time.monotonic,
    around: Around | None = None,
) -> RetrievalReport:
    """Retrieve credentials in a browser, store the connection and verify it.

    Args:
        request: what to retrieve; channel and store of a replaced connection count where it names none.
        wanted: the connection it is for.
        guide: how a person is guided who does it, or leaves it to the helper; None for an unattended run.
        attach: the address of a running browser to join; None starts one.
        on_step: called as each step ends.
        say: called with a line where something takes long, as installing a browser.
        interruption: an entered one, where signals are to stop the run in order.
        around: what else is done in the same browser.

    Raises:
        CompanionError: what stopped it. It carries `step`, `created` and `document` (the steps), whatever its class.
    """
    interruption = interruption or Interruption()
    started = clock()
    record = _Record(on_step)
    hand_over = HandOver(client, wanted, interruption.is_requested, say)
    made: tuple[Created, ...] = ()
    try:
        hand_over.prepare()
        request = _completed(request, wanted, hand_over)
        captured, connection = _retrieve(
            request,
            hand_over,
            settings,
            sign_in,
            record,
            interruption,
            headed=headed,
            guide=guide,
            attach=attach,
            say=say,
            clock=clock,
            around=around or Around(),
        )
        made = (Created(API_ACCOUNT, captured.api_account_name),)
        connection, unverified = _verify(client, hand_over, captured, connection, record, interruption, clock)
    except CompanionError as failure:
        raise _annotated(failure, record, made, clock() - started) from None
    return RetrievalReport(
        connection,
        record.all_steps(),
        clock() - started,
        made,
        hand_over.superseded,
        unverified,
        record.dealt_with,
    )


def _human_actions(steps: Iterable[StepReport], dealt_with: int) -> int:
    return sum(report.status == "by-user" for report in steps) + dealt_with


@dataclass(frozen=True)
class RehearsalReport:
    """What a dry run led to; nothing was made.

    Attributes:
        steps: all 13, in their order; those from Save on were skipped.
    """

    rehearsed: Rehearsed
    request: RetrievalRequest
    steps: tuple[StepReport, ...]
    seconds: float
    dealt_with: int = 0

    def document(self) -> dict[str, Any]:
        """Return the document of `connect --dry-run --json`."""
        return {
            "dry_run": True,
            "connection": None,
            "would_make": {
                "store_hash": self.rehearsed.store_hash,
                "subdomain": self.rehearsed.subdomain,
                "channel_id": self.request.channel_id,
                "api_account": {"name": self.request.api_account_name},
                "oauth_scopes": list(self.rehearsed.oauth_scopes),
            },
            "steps": steps_document(self.steps),
            "human_actions": _human_actions(self.steps, self.dealt_with),
            "seconds": round(self.seconds, 3),
            "created": [],
        }


def rehearse(
    request: RetrievalRequest,
    wanted: WantedConnection,
    client: RetrievalService,
    settings: BrowserSettings,
    sign_in: SignIn,
    *,
    headed: bool = False,
    guide: GuideSettings | None = None,
    attach: str | None = None,
    on_step: OnStep = lambda _report: None,
    say: Callable[[str], None] = lambda _line: None,
    interruption: Interruption | None = None,
    clock: Callable[[], float] = time.monotonic,
    around: Around | None = None,
) -> RehearsalReport:
    """Do every step up to Save, and leave the form: nothing is made at BigCommerce, and nothing is stored.

    Raises:
        CompanionError: as `retrieve_and_hand_over`.
    """
    started = clock()
    record = _Record(on_step)
    request = replace(request, dry_run=True)
    try:
        retrieve_and_hand_over(
            request,
            wanted,
            client,
            settings,
            sign_in,
            headed=headed,
            guide=guide,
            attach=attach,
            on_step=record.add,
            say=say,
            interruption=interruption,
            clock=clock,
            around=around,
        )
    except _RehearsalOver as over:
        for step in (StepId.SAVE, StepId.READ_CREDENTIALS, StepId.HAND_OVER, StepId.VERIFY):
            record.add(StepReport(step, "skipped", 0.0))
        return RehearsalReport(over.rehearsed, request, record.all_steps(), clock() - started, over.dealt_with)
    raise TypeError("a dry run ends with a rehearsal")


def steps_document(steps: Iterable[StepReport]) -> list[dict[str, Any]]:
    """Return the steps as the JSON documents show them."""
    return [
        {"id": str(each.id), "status": each.status, "seconds": round(each.seconds, 3)}
        | ({} if each.found_by is None else {"found_by": each.found_by})
        for each in steps
    ]


def created_document(created: Iterable[Created]) -> list[dict[str, str]]:
    """Return what was created as the JSON documents show it."""
    return [{"kind": each.kind, "name": each.name} for each in created]


def with_steps(failure: CompanionError) -> CompanionError:
    """Give a failure that came before the first step what a failure's document has to hold."""
    return failure if hasattr(failure, "document") else _annotated(failure, _Record(lambda _report: None), (), 0.0)


def _completed(request: RetrievalRequest, wanted: WantedConnection, hand_over: HandOver) -> RetrievalRequest:
    """A replaced connection stays one of its store and its channel, unless others are named."""
    old = hand_over.replaces
    channel_id = request.channel_id if wanted.channel_id is None and old is None else hand_over.channel_id
    store_hash = request.store_hash or (old["store_hash"] if old is not None else None)
    return replace(request, channel_id=channel_id, store_hash=store_hash)


def _retrieve(
    request: RetrievalRequest,
    hand_over: HandOver,
    settings: BrowserSettings,
    sign_in: SignIn,
    record: _Record,
    interruption: Interruption,
    *,
    headed: bool,
    guide: GuideSettings | None,
    attach: str | None,
    say: Callable[[str], None],
    clock: Callable[[], float],
    around: Around,
) -> tuple[Captured, ConnectionDocument]:
    from playwright.sync_api import Error

    from automation.browser.attach import attached_session
    from automation.browser.downloads import Downloads
    from automation.browser.servers import ServerCheck
    from automation.runners.guided import GuidedHands
    from automation.runners.unattended import UnattendedHands

    downloads = Downloads()
    servers = ServerCheck(settings.host_map if attach else HostMap())
    options: dict[str, Any] = {
        "check_before_save": hand_over.check_before_save,
        "own_tab": attach is not None,
        "check_page": servers.check,
    }

    def attempt(progress: Progress) -> tuple[Captured, ConnectionDocument]:
        try:
            stored = _attempt(progress, hands, hand_over, record, interruption, clock, around)
        except _RehearsalOver as over:
            over.dealt_with = hands.dealt_with if isinstance(hands, GuidedHands) else 0
            raise
        finally:
            record.dealt_with = hands.dealt_with if isinstance(hands, GuidedHands) else 0
        around.end(hands)
        return stored

    try:
        with (
            (
                around.session(settings, headed=headed, downloads=downloads, say=say)
                if attach is None
                else attached_session(attach, downloads=downloads, say=say)
            ) as context,
            contextlib.ExitStack() as at_the_end,
        ):
            servers.watch(context)
            hands: UnattendedHands | GuidedHands
            if guide is None:
                hands = UnattendedHands(context, downloads, sign_in, **options)
            else:
                hands = GuidedHands(context, downloads, sign_in, cover=guide.cover, say=say, **options)
            if attach is not None:
                at_the_end.callback(hands.leave)
            request = around.begin(hands, request)
            try:
                return attempt(Progress(request))
            except _TryAgain as lost:
                say(f"{lost.failure.explained.what} Nothing is left of that API account; trying once more.")
                downloads.forget()  # they are of the account that is gone
                hands.confirms = False
                try:
                    return attempt(lost.anew)
                except _TryAgain as second:
                    raise _second_failure(second.failure, lost.failure) from None
                except CompanionError as second:
                    raise _second_failure(second, lost.failure) from None
    except Error:
        raise BrowserUnavailable(
            "The browser ended before the retrieval was done.", next_step="Try again.", step=None
        ) from None
    finally:
        downloads.forget()
        forget_documents()


class _RehearsalOver(Exception):
    """A dry run has come to its end."""

    def __init__(self, rehearsed: Rehearsed) -> None:
        super().__init__()
        self.rehearsed = rehearsed
        self.dealt_with = 0


class _TryAgain(Exception):
    """The credentials were lost, and nothing is left of their API account.

    Attributes:
        anew: what a second try begins with, in the same browser; the password is not tried again where it was refused.
    """

    def __init__(self, failure: CredentialsLost, progress: Progress) -> None:
        super().__init__()
        self.failure = failure
        request = replace(
            progress.request,
            api_account_name=with_another_end(progress.request.api_account_name),
            store_hash=progress.store_hash,
        )
        self.anew = Progress(request, submitted=progress.submitted, panel_seen=True)


def _attempt(
    progress: Progress,
    hands: UnattendedHands | GuidedHands,
    hand_over: HandOver,
    record: _Record,
    interruption: Interruption,
    clock: Callable[[], float],
    around: Around,
) -> tuple[Captured, ConnectionDocument]:
    """Go the documented way once and hand over; what was made and cannot be used is taken back.

    Raises:
        CompanionError: what stopped it, with its step and what is left.
    """

    def interrupted() -> bool:
        hand_over.keep_alive()
        return interruption.requested

    run = _run(hands, progress, record, interrupted, clock)
    interruption.at_stake = lambda: _at_stake(run)
    step = StepId.HAND_OVER
    try:
        captured = run.capture()
        if isinstance(captured, Rehearsed):
            raise _RehearsalOver(captured)
        if run.progress.request.dry_run:
            raise StepFailed(
                "“Save” was pressed, although it was a dry run.",
                why="The form was saved by hand. Nothing was stored here.",
                next_step="Leave “Save” alone in a dry run.",
                step=StepId.SAVE,
            )
        around.before_hand_over(hands, captured)
        before = clock()
        connection = hand_over.deliver(captured)
    except _RehearsalOver:
        raise
    except BaseException as failure:
        failure = _known(failure, interruption)
        step = _step_of(failure) or current_step(run.progress)
        vars(failure).update(evidence=_evidence(run, failure, step))
        kept = _is_to_stay(failure, run, hands, interruption)
        outcome = Removal.LEFT if kept else _clean_up(run, hands)
        left = _at_stake(run) if outcome is Removal.LEFT else ()
        if isinstance(failure, AutomationError):
            failure = _told_anew(failure, outcome)
        _at(failure, _step_of(failure) or step, left)
        if isinstance(failure, CredentialsLost) and not left and not interruption.requested:
            raise _TryAgain(failure, run.progress) from None
        raise failure from None
    interruption.at_stake = tuple
    record.add(StepReport(step, "done", clock() - before))
    return captured, connection


def _run(
    hands: UnattendedHands | GuidedHands,
    progress: Progress,
    record: _Record,
    interrupted: Callable[[], bool],
    clock: Callable[[], float],
) -> Run:
    from automation.runners.unattended import UnattendedHands

    if isinstance(hands, UnattendedHands):
        return Run(decide, hands, progress, on_step=record.add, interrupted=interrupted)
    return Run(
        hands.decide,
        hands,
        progress,
        on_step=record.add,
        interrupted=interrupted,
        credited=hands.credited,
        clock=clock,
    )


def _is_to_stay(
    failure: CompanionError, run: Run, hands: UnattendedHands | GuidedHands, interruption: Interruption
) -> bool:
    """Whether a person wants to keep an account whose credentials are lost, rather than have it deleted."""
    from playwright.sync_api import Error

    from automation.runners.guided import GuidedHands

    if not isinstance(hands, GuidedHands) or not isinstance(failure, CredentialsLost):
        return False
    account = run.progress.request.api_account_name
    try:
        return not hands.agrees_to_delete(failure, account, interruption.is_requested)
    except Error:
        return False  # the browser is gone, and with it who could be asked


def _second_failure(failure: CompanionError, first: CredentialsLost) -> CompanionError:
    """Say what ended the second try, and that it was the second."""
    if not isinstance(failure, Interrupted):
        before = f"It was the second try; of the first, nothing is left. {first.explained.why}"
        why = " ".join(filter(None, (failure.explained.why, before)))
        vars(failure).update(explained=replace(failure.explained, why=why))
    return failure


def _verify(
    client: RetrievalService,
    hand_over: HandOver,
    captured: Captured,
    connection: ConnectionDocument,
    record: _Record,
    interruption: Interruption,
    clock: Callable[[], float],
) -> tuple[ConnectionDocument, CompanionError | None]:
    from automation.jobs.storefront_lookup import with_subdomain

    before = clock()
    unverified: CompanionError | None = None
    try:
        with interruption.at_once():
            if captured.subdomain is None:
                connection = with_subdomain(client, hand_over, captured, connection)
            connection = client.verify(connection["id"])
    except BigCommerceUnreachable as failure:
        unverified = failure
    except CompanionError as failure:
        raise _at(failure, StepId.VERIFY, ()) from None
    except KeyboardInterrupt:
        raise Interrupted(
            f"Interrupted: the connection {connection['name']!r} is stored, but was not verified.",
            next_step=f"Verify it with `companion verify {connection['name']}`.",
            step=StepId.VERIFY,
        ) from None
    failed = unverified is not None or connection["status"] == "broken"
    record.add(StepReport(StepId.VERIFY, "failed" if failed else "done", clock() - before))
    return connection, unverified


def _told_anew(failure: AutomationError, outcome: Removal) -> AutomationError:
    """The failure in the light of what was found in the list; what was seen when it came goes with it."""
    told = after_clean_up(failure, outcome)
    if told is not failure:
        vars(told).update(evidence=vars(failure).get("evidence"))
    return told


def _clean_up(run: Run, hands: ConfirmingHands) -> Removal:
    """Remove what the run made in the control panel."""
    from playwright.sync_api import Error

    try:
        return take_back(hands, run.progress)
    except Error:
        return Removal.LEFT  # the browser is gone, so what it made has to be named


def _at_stake(run: Run) -> tuple[Created, ...]:
    """What exists by now, or may exist, at BigCommerce."""
    progress = run.progress
    if progress.save_pressed_at is None and not progress.may_exist:
        return ()
    return (Created(API_ACCOUNT, progress.request.api_account_name),)


def _known(failure: BaseException, interruption: Interruption) -> CompanionError:
    """Every failure as one of ours: an interrupted run was interrupted, whatever broke off because of it."""
    if isinstance(failure, Interrupted):
        return failure
    if interruption.requested or isinstance(failure, KeyboardInterrupt):
        return Interrupted("The retrieval was interrupted.", next_step="Start it again when you are ready.")
    if isinstance(failure, CompanionError):
        return failure
    return Unexpected(
        f"Something unexpected happened: {type(failure).__name__}.",
        why="What it said is not shown, since it may hold a secret.",
        next_step="Try again; if it stays, `companion doctor` checks what is set up.",
    )


def _evidence(run: Run, failure: CompanionError, step: StepId) -> str | None:
    """What the pages looked like, masked; None where they are not what failed."""
    seen, run.last_seen = run.last_seen, None  # the failure outlives the run, and what was seen may hold secrets
    if seen is None or not isinstance(failure, StepFailed | PanelUnreachable):
        return None
    progress = run.progress
    storefront = progress.storefront
    private = (
        progress.store_hash or "",
        progress.request.store_hash or "",
        progress.request.api_account_name,
        *((storefront.subdomain or "", storefront.host or "") if storefront is not None else ()),
    )
    return masked_summary(seen, code=failure.code, step=str(step), private=private)


def _step_of(failure: CompanionError) -> StepId | None:
    step = getattr(failure, "step", None)
    return None if step is None else StepId(step)


def _at(failure: CompanionError, step: StepId, left: tuple[Created, ...]) -> CompanionError:
    # Errors of the companion know neither steps nor what was created: they gain both here, and keep their class.
    vars(failure).update(step=str(step), created=left)
    return failure


def _annotated(failure: CompanionError, record: _Record, made: tuple[Created, ...], seconds: float) -> CompanionError:
    step = _step_of(failure)
    if step is not None:
        known = record.reports.get(step)
        record.add(StepReport(step, "failed", known.seconds if known else 0.0))
    steps = record.all_steps()
    document = {
        "steps": steps_document(steps),
        "human_actions": _human_actions(steps, record.dealt_with),
        "seconds": round(seconds, 3),
    }
    created = getattr(failure, "created", ()) or made
    vars(failure).update(step=None if step is None else str(step), created=created, document=document)
    return failure
