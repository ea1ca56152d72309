"""Finds in the browser what was found in a snapshot: the very element that was read, else one by role and name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from automation.core.extract.element import Control
from automation.pages.asking import asked_for_handle, asked_for_text

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle, Frame, Page

# The roles that Playwright's role locator knows and that are worth looking for by name.
_LOCATED_BY_ROLE = frozenset(
    {
        "button",
        "checkbox",
        "combobox",
        "link",
        "listbox",
        "menuitem",
        "menuitemradio",
        "option",
        "radio",
        "searchbox",
        "switch",
        "tab",
        "textbox",
    }
)
_SECONDS = 3.0
_GONE_MS = 300.0
_ANNOUNCE_SECONDS = 1.0
_BY_REF = """ref => {
    const found = (globalThis[Symbol.for('companion.refs')] || [])[ref];
    return found && found.isConnected ? found : "gone";
}"""
_CLICK = """ref => {
    const found = (globalThis[Symbol.for('companion.refs')] || [])[ref];
    if (found) setTimeout(() => found.click());  // later, since a click may open a dialog that holds the page up
    return found ? "clicked" : "gone";
}"""
_SCROLL = """([ref, to]) => {
    const found = (globalThis[Symbol.for('companion.refs')] || [])[ref];
    if (!found || !found.isConnected) return "gone";
    const box = found === document.body ? document.scrollingElement : found;
    const far = to === "end" ? box.scrollHeight : (to === "up" ? -0.6 : 0.6) * box.clientHeight;
    box.scrollBy({ top: far, behavior: "instant" });
    return "scrolled";
}"""
_ANNOUNCE = """([ref, what]) => {
    const found = ref === null ? document.documentElement : (globalThis[Symbol.for('companion.refs')] || [])[ref];
    if (!found || !found.isConnected) return "gone";
    found.dispatchEvent(new CustomEvent(`companion-guide-${what}`, { bubbles: false, composed: true }));
    return "told";
}"""


def locate(page: Page, control: Control) -> ElementHandle | None:
    """Return what Playwright can act on; None where the page has changed and the control is gone.

    It is the very element that was read; where the page has drawn it anew since, the only one of its role and name.
    """
    from playwright.sync_api import Error

    frame = frame_of(page, control)
    answer = asked_for_handle(frame, _BY_REF, control.ref, seconds=_SECONDS) if frame is not None else None
    if frame is None or answer is None:
        return None
    element = answer.as_element()
    if element is not None:
        return element
    if control.role not in _LOCATED_BY_ROLE or not control.name or not control.shown:
        return None
    try:  # unlike counting, this has a time limit, and fails where there are several
        return frame.get_by_role(cast("Any", control.role), name=control.name, exact=True).element_handle(
            timeout=_GONE_MS
        )
    except Error:
        return None


def click_through(page: Page, control: Control) -> bool:
    """Click a control whatever lies over it; False where it is gone, and True where it may have been clicked."""
    frame = frame_of(page, control)
    if frame is None:
        return False
    answer = asked_for_text(frame, _CLICK, control.ref, seconds=_SECONDS)
    return answer is None or answer == "clicked"  # a click that was asked for may come late


def scroll(page: Page, control: Control, to: str) -> bool:
    """Scroll a box as `actions.Scroll` says; False where it is gone."""
    frame = frame_of(page, control)
    return frame is not None and asked_for_text(frame, _SCROLL, [control.ref, to], seconds=_SECONDS) == "scrolled"


def frame_of(page: Page, control: Control) -> Frame | None:
    """Return the frame in which the control was read."""
    frames = page.frames
    return frames[control.frame] if control.frame < len(frames) else None


def announce(page: Page, control: Control, what: str) -> bool:
    """Tell the panel in the page, by an event on the very element, that it is the target, Save, or the helper's turn.

    Args:
        what: `target`, `save` or `helper`; whoever else hears of it learns no more than that.

    Returns:
        False where the element is gone.
    """
    frame = frame_of(page, control)
    if frame is None:
        return False
    return _announced(frame, control.ref, what)


def announce_at_top(page: Page, what: str) -> bool:
    """Tell the panel in the top document that something is about to happen in one of its frames."""
    return _announced(page.main_frame, None, what)


def _announced(frame: Frame, ref: int | None, what: str) -> bool:
    from playwright.sync_api import Error

    try:
        return asked_for_text(frame, _ANNOUNCE, [ref, what], seconds=_ANNOUNCE_SECONDS) == "told"
    except Error:
        return False  # the page went away meanwhile
