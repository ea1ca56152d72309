"""Observe, decide, act: one loop for every kind of hands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from automation.core.actions import (
    Action,
    Choose,
    Command,
    Do,
    Done,
    Listed,
    Open,
    Press,
    Rehearsed,
    Removed,
    Stop,
    Surveyed,
    Type,
    Wait,
)
from automation.core.errors import Interrupted
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress
from automation.core.request import Captured
from automation.core.snapshot import Observation

Decide = Callable[[Progress, Observation], tuple[Progress, Command]]


class Hands(Protocol):
    """What carries out decisions: clicking, or showing a person what to click."""

    def observe(self) -> Observation:
        """Return what the browser shows now."""
        ...

    def act(self, step: StepId, action: Action) -> bool:
        """Carry out one action; what it led to is seen in the next observation.

        Returns:
            False where it was only shown to a person, who has all the time in the world: an observation tells when
            they have done it, and until then it counts as not asked for.

        Raises:
            AutomationError: where it can never be carried out, as a code that nobody can give.
        """
        ...

    def wait(self) -> None:
        """Return when something may have changed."""
        ...


@dataclass(frozen=True)
class StepReport:
    """One step of a run.

    Attributes:
        status: `done`, `by-user`, `skipped` or `failed`; None while it has not begun.
        seconds: how long it took.
        found_by: how the control was found that was used last, as `Way` says; None where none was.
    """

    id: StepId
    status: str | None
    seconds: float
    found_by: str | None = None


class Run:
    """One run of a job; keeps what is known, so that a failure can be cleaned up after."""

    def __init__(
        self,
        decide: Decide,
        hands: Hands,
        progress: Progress,
        *,
        on_step: Callable[[StepReport], None] = lambda _report: None,
        interrupted: Callable[[], bool] = lambda: False,
        credited: Callable[[StepId, str], str] = lambda _step, status: status,
        before_act: Callable[[Progress], None] = lambda _progress: None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        """Prepare a run.

        Args:
            credited: gives the status of a step that is over, where a person may have done it.
            before_act: told what is known before each action; what it raises stops the run.
            clock: for the seconds of the steps; None takes the observations' clock.
        """
        self._decide = decide
        self._hands = hands
        self._on_step = on_step
        self._interrupted = interrupted
        self._credited = credited
        self._before_act = before_act
        self._clock = clock
        self._marked_at: float | None = None if clock is None else clock()
        self._shown: Progress | None = None
        self._found_by: dict[StepId, str] = {}
        self.progress = progress
        self.last_seen: Observation | None = None
        """What the browser showed last; it may hold secrets."""
        self.reports: dict[StepId, StepReport] = {}

    def capture(self) -> Captured | Rehearsed:
        """Run until everything is captured, or, in a dry run, could be made.

        Raises:
            AutomationError: what stopped it; `progress` and `reports` say how far it came.
        """
        observation: Observation | None = None
        while True:
            if self._interrupted():
                raise Interrupted("The retrieval was interrupted.", next_step="Start it again when you are ready.")
            observation = self.last_seen = observation or self._hands.observe()
            if observation.done_by_person and self._shown is not None:
                self.progress = self._shown
            self._shown, before = None, self.progress
            self.progress, command = self._decide(before, observation)
            self._report(observation.at if self._clock is None else self._clock())
            match command:
                case Do(step, action, look):
                    self._note_way(step, action)
                    self._before_act(self.progress)
                    if not self._hands.act(step, action):
                        self._shown, self.progress = self.progress, self.progress.not_tried(before)
                        look = True
                    observation = None if look else observation
                case Wait():
                    self._hands.wait()
                    observation = None
                case Stop(error):
                    raise error
                case Done(captured):
                    return captured
                case Rehearsed():
                    return command
                case Removed() | Listed() | Surveyed():
                    raise TypeError("a retrieval does not end with this")

    def _note_way(self, step: StepId, action: Action) -> None:
        match action:
            case Press(control) | Type(control) | Choose(control):
                self._found_by[step] = control.way
            case Open() if step in {StepId.OPEN_STOREFRONT, StepId.OPEN_API_ACCOUNTS, StepId.CREATE_API_ACCOUNT}:
                self._found_by[step] = "deep-link"

    def _report(self, now: float) -> None:
        if self._marked_at is None:
            self._marked_at = now
        new = [(step, status) for step, status in self.progress.steps if step not in self.reports]
        for number, (step, status) in enumerate(new):
            # Steps that are over at the same look are one page's work; the first one took the time.
            seconds = now - self._marked_at if number == 0 else 0.0
            report = StepReport(step, self._credited(step, status), seconds, self._found_by.get(step))
            self.reports[step] = report
            self._on_step(report)
        if new:
            self._marked_at = now
