"""What is wrong with a page for who cannot see, hear or point as others do, and for narrow windows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# All that axe knows of WCAG 2.2 A and AA, and its own best practices.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
AXE = Axe()


def wrong_with(page: Page) -> list[str]:
    """Return what axe finds, and how far something sticks out at the side."""
    found = AXE.run(page, options=RULES).response["violations"]
    told = [f"{each['id']}: {[node['html'][:160] for node in each['nodes'][:3]]}" for each in found]
    return [*told, *([f"{wide} pixels too wide"] if (wide := sticks_out(page)) > 0 else [])]


def sticks_out(page: Page) -> int:
    """Return by how many pixels a screen is wider than its window."""
    page.wait_for_load_state()  # a form's answer is there before its style is
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def cut_off(page: Page) -> list[str]:
    """Return what holds more text than it shows and cannot be scrolled to the rest of it."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter(each => each.checkVisibility() && each.clientWidth > 1 && each.innerText?.trim())
            .filter(each => ['hidden', 'clip'].includes(getComputedStyle(each).overflowX)
                && (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1))
            .map(each => 'cut off: ' + each.outerHTML.slice(0, 160))"""
    )
    return found


@contextmanager
def twice_the_text(page: Page) -> Iterator[None]:
    """Show all text at 200 %, as a person's setting of the browser does (WCAG 1.4.4)."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    try:
        yield
    finally:
        devtools.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
        devtools.detach()
