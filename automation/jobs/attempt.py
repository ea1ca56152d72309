"""One try of a retrieval: the documented way once, the hand-over, and what is taken back where either fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from automation.core.actions import Rehearsed, Removal
from automation.core.decide import current_step, decide
from automation.core.decisions.credentials import after_clean_up
from automation.core.errors import (
    AutomationError,
    Created,
    CredentialsLost,
    Interrupted,
    PanelUnreachable,
    StepFailed,
    Unexpected,
)
from automation.core.evidence import masked_summary
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress
from automation.core.request import Captured
from automation.jobs.account_names import with_another_end
from automation.jobs.hand_over import HandOver
from automation.jobs.interruption import Interruption
from automation.jobs.left_accounts import UnderWay
from automation.jobs.reports import API_ACCOUNT, Record, at_step, step_of
from automation.jobs.run_options import RunOptions
from automation.runners.clean_up import ConfirmingHands, take_back
from automation.runners.loop import Run, StepReport
from companion.core.errors import CompanionError

if TYPE_CHECKING:
    from automation.runners.guided import GuidedHands
    from automation.runners.unattended import UnattendedHands
    from companion.client import ConnectionDocument


class RehearsalOver(Exception):
    """A dry run has come to its end."""

    def __init__(self, rehearsed: Rehearsed) -> None:
        super().__init__()
        self.rehearsed = rehearsed
        self.dealt_with = 0


class TryAgain(Exception):
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


def attempt(
    progress: Progress,
    hands: UnattendedHands | GuidedHands,
    hand_over: HandOver,
    record: Record,
    options: RunOptions,
) -> tuple[Captured, ConnectionDocument]:
    """Go the documented way once and hand over; what was made and cannot be used is taken back.

    Raises:
        RehearsalOver: it was a dry run, and went well.
        TryAgain: the credentials were lost, and a second try may get others.
        CompanionError: what stopped it, with its step and what is left.
    """
    interruption, clock = options.interruption, options.clock

    def interrupted() -> bool:
        hand_over.keep_alive()
        return interruption.requested

    under_way = UnderWay(options.noting, by_person=options.guide is not None)
    run = _run(hands, progress, record, interrupted, under_way, options)
    interruption.at_stake = lambda: _at_stake(run)
    try:
        captured = run.capture()
        if isinstance(captured, Rehearsed):
            raise RehearsalOver(captured)
        if run.progress.request.dry_run:
            raise StepFailed(
                "“Save” was pressed, although it was a dry run.",
                why="The form was saved by hand. Nothing was stored here.",
                next_step="Leave “Save” alone in a dry run.",
                step=StepId.SAVE,
            )
        options.around.before_hand_over(hands, captured)
        before = clock()
        connection = hands.handing_over(lambda: hand_over.deliver(captured))
    except RehearsalOver:
        under_way.settle()
        raise
    except BaseException as failure:  # noqa: BLE001  whatever it is, what was made is taken back and named
        raise _given_up(_known(failure, interruption), run, hands, under_way, interruption) from None
    interruption.at_stake = tuple
    under_way.settle()
    record.add(StepReport(StepId.HAND_OVER, "done", clock() - before))
    return captured, connection


def second_failure(failure: CompanionError, first: CredentialsLost) -> CompanionError:
    """Say what ended the second try, and that it was the second."""
    if not isinstance(failure, Interrupted):
        before = f"It was the second try; of the first, nothing is left. {first.explained.why}"
        why = " ".join(filter(None, (failure.explained.why, before)))
        vars(failure).update(explained=replace(failure.explained, why=why))
    return failure


def _run(
    hands: UnattendedHands | GuidedHands,
    progress: Progress,
    record: Record,
    interrupted: Callable[[], bool],
    under_way: UnderWay,
    options: RunOptions,
) -> Run:
    from automation.runners.unattended import UnattendedHands

    if isinstance(hands, UnattendedHands):
        rule = options.watching(decide)
        return Run(rule, hands, progress, on_step=record.add, interrupted=interrupted, before_act=under_way.look)
    return Run(
        options.watching(hands.decide),
        hands,
        progress,
        on_step=record.add,
        interrupted=interrupted,
        credited=hands.credited,
        before_act=under_way.look,
        clock=options.clock,
    )


def _given_up(
    failure: CompanionError,
    run: Run,
    hands: UnattendedHands | GuidedHands,
    under_way: UnderWay,
    interruption: Interruption,
) -> CompanionError | TryAgain:
    """Take back what was made; returns the failure with its step and what is left, or that it is worth another try."""
    step = step_of(failure) or current_step(run.progress)
    vars(failure).update(evidence=_evidence(run, failure, step))
    kept = _is_to_stay(failure, run, hands, interruption)
    outcome = Removal.LEFT if kept else _clean_up(run, hands)
    left = _at_stake(run) if outcome is Removal.LEFT else ()
    if left:
        under_way.settle_once_told()
    else:
        under_way.settle()
    if isinstance(failure, AutomationError):
        failure = _told_anew(failure, outcome)
    at_step(failure, step_of(failure) or step, left)
    if isinstance(failure, CredentialsLost) and not left and not interruption.requested:
        return TryAgain(failure, run.progress)
    return failure


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
