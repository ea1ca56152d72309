"""What the person did and asked for in the page."""

from __future__ import annotations

from automation.core.flows.retrieval import StepId
from automation.core.guidance import Verb
from automation.overlay.calls import COVERED, PRESSED, SAVE_HELD
from automation.overlay.guide import Guide


class Heard:
    """What the person did and asked for since it was last looked at, as the panel in the page tells.

    Attributes:
        save_held: whether they pressed Save, which waits until all is as it must be.
        covered: whether something lies over the control that was shown to them.
    """

    def __init__(self, guide: Guide) -> None:
        self._guide = guide
        self._pressed = False
        self._wishes: list[tuple[Verb, StepId | None]] = []
        self.save_held = False
        self.covered = False

    @property
    def anything(self) -> bool:
        """Whether there is something to see to at once."""
        return self._pressed or bool(self._wishes) or self.save_held

    def listen(self, shown: StepId | None) -> None:
        """Take in what the panel has told since the last time.

        Args:
            shown: the step whose control is shown to them.
        """
        for call in self._guide.heard():
            if call.verb == PRESSED:
                self._pressed = self._pressed or (call.step is not None and call.step is shown)
            elif call.verb == SAVE_HELD:
                self.save_held = True
            elif call.verb == COVERED:
                self.covered = True
            else:
                self._wishes.append((Verb(call.verb), call.step))

    def take_pressed(self) -> bool:
        """Return whether they pressed what was shown to them, once."""
        pressed, self._pressed = self._pressed, False
        return pressed

    def wish(self, step: StepId | None) -> Verb | None:
        """Return what they asked for last; what they asked of another step is void."""
        wishes, self._wishes = self._wishes, []
        fitting = [verb for verb, of in wishes if step is None or of is step or verb in {Verb.STOP, Verb.PAUSE}]
        return fitting[-1] if fitting else None
