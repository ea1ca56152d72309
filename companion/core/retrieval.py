"""A retrieval as who watches it sees it: a value, and how each event changes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from companion.core.retrieval_events import (
    Ended,
    Event,
    Failure,
    Heeds,
    MayExist,
    Ready,
    Says,
    Sees,
    StepOver,
    ToDo,
)
from companion.core.retrieval_order import RetrievalMode, WantedRetrieval
from companion.core.retrieval_steps import HAND_OVER, RETRIEVAL_STEP_IDS, VERIFY

WAITING, RUNNING = "waiting", "running"
CANCELLED = "interrupted"
"""The code of the failure of a retrieval that was told to stop."""

_MOST_LINES = 50
_CLOSED = "The browser is closed."


class RetrievalState(StrEnum):
    """How far a retrieval is."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing of it goes on any more."""
        return self in {RetrievalState.DONE, RetrievalState.FAILED, RetrievalState.CANCELLED}


@dataclass(frozen=True)
class StepState:
    """One of the 13 steps.

    Attributes:
        status: `waiting`, `running`, `done`, `by-user`, `skipped` or `failed`.
        seconds: how long it took; None while it is not over.
    """

    id: str
    status: str = WAITING
    seconds: float | None = None


@dataclass(frozen=True)
class Retrieval:
    """What is known of a retrieval.

    Attributes:
        id: 32 hexadecimal digits.
        steps: all 13, in their order.
        step_since: when the step that is running began.
        sees: what the helper sees, in words.
        to_do: what the person at the browser is told there; None where they are told nothing.
        lines: what was said beside the steps, oldest first.
        mine: the step that is left to the person.
        api_account: the name of the API account to be made; None before it is known.
        oauth_scopes: what that is granted.
        created: names of API accounts that exist now because of the retrieval.
        may_exist: the name of one that exists if the retrieval is killed now.
        connection_id: of the connection that was stored.
        failure: what ended it; None where nothing did.
    """

    id: str
    wanted: WantedRetrieval
    started_at: datetime
    state: RetrievalState = RetrievalState.STARTING
    steps: tuple[StepState, ...] = tuple(StepState(step) for step in RETRIEVAL_STEP_IDS)
    step_since: datetime | None = None
    sees: str = ""
    to_do: ToDo | None = None
    lines: tuple[str, ...] = ()
    paused: bool = False
    mine: str | None = None
    api_account: str | None = None
    oauth_scopes: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    may_exist: str | None = None
    connection_id: str | None = None
    failure: Failure | None = None
    human_actions: int = 0
    ended_at: datetime | None = None

    @property
    def step_under_way(self) -> str | None:
        """The step that is running; None where none is."""
        return next((step.id for step in self.steps if step.status == RUNNING), None)

    def status_of(self, step_id: str) -> str:
        """Return the status of a step."""
        return next(step.status for step in self.steps if step.id == step_id)


def after(retrieval: Retrieval, event: Event, at: datetime) -> Retrieval:
    """Return the retrieval with what an event tells; nothing changes one that is over."""
    if retrieval.state.is_over:
        return retrieval
    match event:
        case Ready(api_account, oauth_scopes):
            begun = replace(retrieval, api_account=api_account, oauth_scopes=oauth_scopes)
            return begun if begun.state is RetrievalState.STOPPING else replace(begun, state=RetrievalState.RUNNING)
        case StepOver(step_id, status, seconds):
            steps = tuple(
                StepState(step_id, status, seconds) if step.id == step_id else step for step in retrieval.steps
            )
            mine = None if retrieval.mine == step_id else retrieval.mine
            return _next_running(
                replace(retrieval, steps=steps, mine=mine, to_do=_unless(retrieval.to_do, step_id)), at
            )
        case Sees(step, words):
            seen = replace(retrieval, sees=words)
            return seen if seen.step_under_way is not None else _running(seen, step, at)
        case ToDo():
            return replace(retrieval, to_do=event)
        case Says(line):
            return replace(retrieval, lines=(*retrieval.lines, line)[-_MOST_LINES:])
        case Heeds(paused, mine):
            return replace(retrieval, paused=paused, mine=mine)
        case MayExist(name):
            return replace(retrieval, may_exist=name)
        case Ended():
            return _ended(retrieval, event, at)


def stopping(retrieval: Retrieval) -> Retrieval:
    """Return the retrieval as it is from the moment it is told to stop."""
    return retrieval if retrieval.state.is_over else replace(retrieval, state=RetrievalState.STOPPING, paused=False)


def over(retrieval: Retrieval, at: datetime, failure: Failure | None = None) -> Retrieval:
    """Return the retrieval at its end; what is not over by then is skipped, or failed where it was running.

    Args:
        failure: what ended it, unless it is known by now.
    """
    failure = failure or retrieval.failure
    state = RetrievalState.DONE
    if failure is not None:
        state = RetrievalState.CANCELLED if failure.code == CANCELLED else RetrievalState.FAILED
    steps = tuple(
        replace(step, status="failed" if step.status == RUNNING and failure is not None else "skipped")
        if step.status in {WAITING, RUNNING}
        else step
        for step in retrieval.steps
    )
    return replace(
        retrieval,
        state=state,
        steps=steps,
        failure=failure,
        ended_at=at,
        sees=_CLOSED,
        to_do=None,
        paused=False,
        mine=None,
    )


def lost(retrieval: Retrieval) -> Failure:
    """Return the failure of a retrieval whose process ended without a word."""
    left = retrieval.may_exist
    if left is None:
        why, next_step = "Nothing was made at BigCommerce by then.", "Start it again."
    else:
        why = f"By then the API account {left!r} may have been made; nothing else names it."
        next_step = (
            "Delete it in the control panel, under Settings > API > Store-level API accounts, if it is there; "
            "`companion connect` in this store does that by itself."
        )
    return Failure("retrieval-lost", "The process that drives the browser ended before it was done.", why, next_step)


def _ended(retrieval: Retrieval, event: Ended, at: datetime) -> Retrieval:
    known = replace(
        retrieval,
        created=event.created,
        may_exist=None,
        connection_id=event.connection_id,
        human_actions=event.human_actions,
        sees=_CLOSED,
        to_do=None,
    )
    if event.failure is not None:
        if event.step is not None:
            known = _running(known, event.step, at)
        return over(known, at, event.failure)
    return _running(known, VERIFY, at)


def _running(retrieval: Retrieval, step_id: str, at: datetime) -> Retrieval:
    """Let a step be the one that is running, unless it is over."""
    if retrieval.step_under_way == step_id or retrieval.status_of(step_id) != WAITING:
        return retrieval
    steps = tuple(
        replace(step, status=RUNNING)
        if step.id == step_id
        else (replace(step, status=WAITING) if step.status == RUNNING else step)
        for step in retrieval.steps
    )
    return replace(retrieval, steps=steps, step_since=at)


def _next_running(retrieval: Retrieval, at: datetime) -> Retrieval:
    """Let the first step that has not begun be the running one, until something else is seen."""
    waiting = next((step.id for step in retrieval.steps if step.status in {WAITING, RUNNING}), None)
    if waiting is None or (waiting == VERIFY and retrieval.status_of(HAND_OVER) == WAITING):
        return retrieval
    return _running(retrieval, waiting, at)


def _unless(to_do: ToDo | None, step_id: str) -> ToDo | None:
    return None if to_do is not None and to_do.step == step_id else to_do


def what_to_do(retrieval: Retrieval) -> str:
    """Return in a sentence or two what the person should do now."""
    match retrieval.state:
        case RetrievalState.STARTING:
            return "Wait a moment: the browser is being started."
        case RetrievalState.STOPPING:
            return "Nothing. It is stopping; what it made at BigCommerce is taken back first."
        case RetrievalState.DONE:
            return "Nothing. The connection is stored."
        case RetrievalState.FAILED | RetrievalState.CANCELLED:
            return retrieval.failure.next_step if retrieval.failure is not None else ""
        case _:
            return _while_running(retrieval)


def _while_running(retrieval: Retrieval) -> str:
    if retrieval.paused:
        return "It is paused: nothing is pressed or typed until you resume it."
    told = retrieval.to_do
    if retrieval.status_of(VERIFY) == RUNNING:
        return "Nothing. The connection is stored, and is being proven."
    if told is not None:
        return " ".join(part for part in (told.alert, told.what, told.why) if part)
    if retrieval.wanted.mode is RetrievalMode.UNATTENDED:
        return "Nothing. It signs in, and presses and types everything by itself."
    return "Keep the browser window open, and look there."
