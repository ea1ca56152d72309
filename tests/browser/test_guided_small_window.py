"""Guided runs in small windows, as at 200 % zoom: the panel keeps clear of what it speaks of, which is in view."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from guided_runs import GuidedRun
from persons import Person, Seen
from playwright.sync_api import Browser, Page

from simulated_store.state import SimulatedBigCommerce
from simulated_store.variants import Variants

pytestmark = [pytest.mark.browser, pytest.mark.sampled(1, group="small windows")]

MOST_TURNS = 100
"""A page that scrolls is at rest after a few; this only ends a run in which the panel never gives way."""


@dataclass
class Onlooker:
    """Somebody who does nothing as long as they cannot see, or reach, what the panel speaks of."""

    size: tuple[int, int]
    in_vain: int = 0
    focused: list[str] = field(default_factory=list)
    uncovered: list[str] = field(default_factory=list)

    def turn(self, seen: Seen, page: Page) -> bool:
        if page.evaluate("document.activeElement?.localName") == "companion-guide":
            self.focused.append(seen.what)
        for cover in seen.covers:
            if seen.panel is not None and seen.panel.meets(cover):
                self.uncovered.append(f"{seen.panel} over {cover}")
        trouble = self._trouble(seen)
        self.in_vain = self.in_vain + 1 if trouble else 0
        assert self.in_vain < MOST_TURNS, (
            f"{trouble}: {seen.what!r}, ring {seen.ring}, panel {seen.panel} at {page.url}"
        )
        return bool(trouble)

    def _trouble(self, seen: Seen) -> str:
        if seen.ring is None or seen.panel is None:
            return ""
        x, y = seen.ring.middle
        if not (0 < x < self.size[0] and 0 < y < self.size[1]):
            return "out of view"
        return "under the panel" if seen.panel.meets(seen.ring) else ""


@pytest.mark.parametrize("frame", ["content-iframe", "none"])
@pytest.mark.parametrize("size", [(780, 493), (360, 640), (420, 330)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_what_the_panel_speaks_of_can_be_seen_and_reached(
    plain_chromium: Browser, bigcommerce: SimulatedBigCommerce, size: tuple[int, int], frame: str
) -> None:
    bigcommerce.variants = Variants(frame=frame, nav_collapsed=size[0] < 600)
    run = GuidedRun(plain_chromium, bigcommerce, size=size)
    onlooker = Onlooker(size)
    person = Person(run.page, bigcommerce.owner, on_turn=onlooker.turn)
    captured = run.captures(person)
    [account] = bigcommerce.store.api_accounts
    assert captured.access_token.reveal() == account.access_token
    assert onlooker.focused == []
    assert onlooker.uncovered == []


@dataclass
class ShiftedPage:
    """A page that goes back to its top once, while the scopes are pointed at, as where a letter is still typed."""

    onlooker: Onlooker
    shifted: bool = False

    def turn(self, seen: Seen, page: Page) -> bool:
        if "Set both Storefront API scopes" in seen.what and seen.ring is not None and not self.shifted:
            if not self.onlooker.turn(seen, page):
                for frame in page.frames:
                    frame.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
                self.shifted = True
            return True
        return self.onlooker.turn(seen, page)


@pytest.mark.parametrize("frame", ["content-iframe", "none"])
def test_what_the_page_moves_out_of_view_is_brought_back(
    plain_chromium: Browser, bigcommerce: SimulatedBigCommerce, frame: str
) -> None:
    bigcommerce.variants = Variants(frame=frame)
    size = (780, 493)
    run = GuidedRun(plain_chromium, bigcommerce, size=size)
    page = ShiftedPage(Onlooker(size))
    captured = run.captures(Person(run.page, bigcommerce.owner, on_turn=page.turn))
    assert page.shifted
    [account] = bigcommerce.store.api_accounts
    assert captured.access_token.reveal() == account.access_token
