"""What a guided run says on the terminal: what no page can show."""

from __future__ import annotations

from collections.abc import Callable

from automation.core.extract.addresses import Place, place_of
from automation.core.guidance import Guidance
from automation.core.snapshot import Tab


class Terminal:
    """Says on the terminal what the panel cannot show, each thing once."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said = ""

    def tell(self, guidance: Guidance, tab: Tab | None) -> None:
        """Say it, unless the tab shows a page on which the panel is drawn."""
        line = " ".join(part for part in (guidance.what, guidance.alert) if part)
        drawn = tab is not None and tab.failure is None and place_of(tab.url) in {Place.SIGN_IN, Place.PANEL}
        if not drawn and line != self._said:
            self._said = line
            self._say(line)
