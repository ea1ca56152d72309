"""Questions that the panel asks the person, and that the run waits for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from automation.core.extract.addresses import Place, place_of
from automation.core.guidance import Guidance, Verb
from automation.overlay.guide import Guide
from automation.runners.heard import Heard
from automation.runners.unattended import UnattendedHands

_YES = frozenset({Verb.YES, Verb.DELETE})
_ANSWERS = _YES | {Verb.NO, Verb.KEEP, Verb.STOP}


@dataclass(frozen=True)
class Questions:
    """Asks in the page of the control panel.

    Attributes:
        pause: lets the page go on for a moment, and listens.
        interrupted: whether the run is to end.
    """

    guide: Guide
    heard: Heard
    hands: UnattendedHands
    pause: Callable[[], None]
    interrupted: Callable[[], bool]

    def answer(self, asked: Guidance) -> bool | None:
        """Ask, and wait for the answer; None where there is no page to ask in, or nobody answers."""
        self.heard.wish(None)  # what was asked for before answers nothing
        self.guide.show(asked)
        while self._has_a_page() and not self.interrupted():
            self.pause()
            wish = self.heard.wish(None)
            if wish in _ANSWERS:
                return wish in _YES
        return None

    def _has_a_page(self) -> bool:
        page = self.hands.page(0)
        return page is not None and place_of(page.url) is Place.PANEL
