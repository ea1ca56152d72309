"""Which tabs of the browser belong to a guided run, and which are the person's own."""

from __future__ import annotations

from automation.core.extract.addresses import Place, place_of
from automation.core.snapshot import Tab
from automation.runners.unattended import UnattendedHands
from companion.core.store_urls import store_host_from_url


class TabsOfTheRun:
    """The tab that the run works in, and storefronts that were opened out of it."""

    def __init__(self, hands: UnattendedHands) -> None:
        self._hands = hands
        self._hidden: set[int] = set()

    def hide(self, tab: int) -> None:
        """Leave a tab to the person from now on."""
        self._hidden.add(tab)

    def has(self, tab: Tab, *, storefront_opened: bool) -> bool:
        """Whether a tab belongs to the run.

        Args:
            storefront_opened: whether the storefront was opened already, by whomever.
        """
        if tab.number == 0:
            return True
        if tab.number in self._hidden or not self._hands.came_of_the_run(tab.number):
            return False
        if place_of(tab.url) is not Place.STOREFRONT or store_host_from_url(tab.url) is not None:
            return True
        # On a domain of its own it could be any page that was opened out of the panel, such as a help text.
        return storefront_opened
