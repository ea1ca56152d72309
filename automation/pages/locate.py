"""Finds in the browser what was found in a snapshot: by role and name first, else the very element that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from automation.core.extract.document import Control

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
_SAME = "(found, ref) => found.length === 1 && found[0] === (globalThis[Symbol.for('companion.refs')] || [])[ref]"
_BY_REF = "ref => (globalThis[Symbol.for('companion.refs')] || [])[ref] || null"


def locate(page: Page, control: Control) -> Locator | ElementHandle | None:
    """Return what Playwright can act on; None where the page has changed and the control is gone.

    The role locator is taken where it finds exactly the element that was read: it finds it again after a redraw.
    """
    frame = frame_of(page, control)
    if frame is None:
        return None
    if control.role in _LOCATED_BY_ROLE and control.name and control.shown:
        locator = frame.get_by_role(cast("Any", control.role), name=control.name, exact=True)
        if locator.evaluate_all(_SAME, control.ref):
            return locator
    return frame.evaluate_handle(_BY_REF, control.ref).as_element()


def frame_of(page: Page, control: Control) -> Frame | None:
    """Return the frame in which the control was read."""
    frames = page.frames
    return frames[control.frame] if control.frame < len(frames) else None
