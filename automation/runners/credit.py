"""Who did what in a guided run: what was shown to the person, what they did of it, what the helper did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from automation.core.actions import Action, ByHand, Choose, EnterCode, EnterSignIn, Press, Type
from automation.core.errors import StoreChoiceNeeded
from automation.core.flows.retrieval import STEPS, StepId
from automation.core.guidance import control_of
from automation.core.guided import credited

_ORDER = tuple(step.id for step in STEPS)


@dataclass
class Credit:
    """What is known of it by now.

    Attributes:
        asked: the steps that the person was asked to do.
        helper, person: the steps for which each of them did something.
        dealt_with: how many codes, choices and challenges of the sign-in the person dealt with.
        shown_aside: whether what is shown is no part of a step, but puts aside what lies in the way.
    """

    asked: set[StepId] = field(default_factory=set)
    helper: set[StepId] = field(default_factory=set)
    person: set[StepId] = field(default_factory=set)
    dealt_with: int = 0
    shown_aside: bool = False
    _shown: tuple[StepId, Any] | None = None
    _facing: str | None = None

    @property
    def shown_step(self) -> StepId | None:
        """The step of which something is shown now."""
        return None if self._shown is None else self._shown[0]

    def status(self, step: StepId, status: str) -> str:
        """Return the status of a step that is over: `by-user` where the person had a hand in it."""
        return credited(
            step,
            status,
            asked=frozenset(self.asked),
            helper=frozenset(self.helper),
            person=frozenset(self.person),
        )

    def turn_to(self, step: StepId, action: Action) -> bool:
        """Note what is asked for now; what was shown before and is no longer asked for, the person has done.

        Returns:
            Whether it is something else than before.
        """
        shown = (step, _what_is_asked(step, action))
        if shown == self._shown:
            return False
        if self._shown is not None and _ORDER.index(step) >= _ORDER.index(self._shown[0]):
            self.the_person()
        self.turn_from(_kind(step, action))
        self._shown = shown
        self.shown_aside = isinstance(action, Press) and action.aside
        return True

    def the_person(self) -> None:
        """Credit the person with what is shown."""
        if self._shown is not None and not self.shown_aside:
            self.person.add(self._shown[0])

    def turn_from(self, kind: str | None) -> None:
        """Count what the person faced of the sign-in, once something else comes."""
        if self._facing is not None and kind != self._facing:
            self.dealt_with += 1
        self._facing = kind

    def nothing_shown(self) -> None:
        """The helper does something: what was shown before is nobody's any more."""
        self._shown, self._facing = None, None


def _what_is_asked(step: StepId, action: Action) -> tuple[Any, ...]:
    """What tells one thing that is asked of a person from the next, however often the page is drawn anew."""
    control = control_of(action)
    about = (control.role, control.name) if control is not None else ()
    match action:
        case Type():
            return (step, "type", about)
        case Choose(_, option):
            return (step, "choose", option, about)
        case ByHand(error):
            return (step, "by hand", error.code)
        case _:
            return (step, type(action).__name__, about)


def _kind(step: StepId, action: Action) -> str | None:
    """What of a sign-in counts as a person's action of its own."""
    if step is not StepId.SIGN_IN:
        return None
    match action:
        case EnterCode():
            return "code"
        case EnterSignIn():
            return None
        case ByHand(error) if not isinstance(error, StoreChoiceNeeded):
            return "challenge" if error.code in {"step-failed", "person-needed"} else None
        case Press(aside=True):
            return None
        case ByHand() | Press() | Choose():
            return "choice"
        case _:
            return "challenge"
