"""Finds in the browser what was found in a snapshot: by role and name first, else the very element that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from automation.core.extract.document import Control
from automation.pages.reader import asked

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle, Frame, Locator, Page

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
_MS = 3000.0
_BY_REF = "ref => ({found: (globalThis[Symbol.for('companion.refs')] || [])[ref] || null})"
_SAME = "([one, other]) => ({same: one === other})"
_CLICK = """ref => {
    const found = (globalThis[Symbol.for('companion.refs')] || [])[ref];
    if (found) setTimeout(() => found.click());  // later, since a click may open a dialog that holds the page up
    return {clicked: Boolean(found)};
}"""


def locate(page: Page, control: Control) -> Locator | ElementHandle | None:
    """Return what Playwright can act on; None where the page has changed and the control is gone.

    The role locator is taken where it finds exactly the element that was read: it finds it again after a redraw.
    """
    frame = frame_of(page, control)
    answer = asked(frame, _BY_REF, control.ref, milliseconds=_MS) if frame is not None else None
    element = answer.get_property("found").as_element() if answer is not None else None
    if frame is None or element is None:
        return None
    if control.role in _LOCATED_BY_ROLE and control.name and control.shown:
        locator = frame.get_by_role(cast("Any", control.role), name=control.name, exact=True)
        if _is_only(frame, locator, element):
            return locator
    return element


def click_through(page: Page, control: Control) -> bool:
    """Click a control whatever lies over it; False where it is gone, and True where it may have been clicked."""
    frame = frame_of(page, control)
    if frame is None:
        return False
    answer = asked(frame, _CLICK, control.ref, milliseconds=_MS)
    return answer is None or bool(answer.json_value()["clicked"])  # a click that was asked for may come late


def frame_of(page: Page, control: Control) -> Frame | None:
    """Return the frame in which the control was read."""
    frames = page.frames
    return frames[control.frame] if control.frame < len(frames) else None


def _is_only(frame: Frame, locator: Locator, element: ElementHandle) -> bool:
    """Whether the locator finds this element and no other."""
    found = locator.element_handles()
    if len(found) != 1:
        return False
    answer = asked(frame, _SAME, [found[0], element], milliseconds=_MS)
    return answer is not None and bool(answer.json_value()["same"])
