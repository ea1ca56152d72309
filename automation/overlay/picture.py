"""Takes pictures of a page for the guide: what they are about is marked, what nobody may see is covered first."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from automation.core.errors import BrowserUnavailable

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle, Frame, Page

_FILES = files("automation.overlay")
_DRAW = _FILES.joinpath("picture.js").read_text("utf-8")
_STYLE = _FILES.joinpath("picture.css").read_text("utf-8")
_CLEAR = "() => globalThis[Symbol.for('companion.picture')]?.remove()"
_TRIES = 10
_SHOT_MS = 20_000


def take_picture(
    page: Page,
    controls: Sequence[ElementHandle],
    *,
    mark: str,
    hidden: Sequence[str] = (),
    kept: Sequence[str] = (),
    covered: str = "",
    known: Sequence[str] | None = None,
) -> bytes:
    """Return a PNG of what the tab shows; the page is as before afterwards.

    Args:
        controls: are ringed; the first one bears `mark`.
        hidden: texts that are covered, besides all that looks like an e-mail address, a token or a typed value.
        kept: texts that are not.
        covered: a CSS selector of elements whose text is covered whatever it is; empty for none.
        known: all that may be read in the picture besides `kept`; whatever else the page says or draws is covered.
            None where the page is nobody's own.

    Raises:
        BrowserUnavailable: the page never kept still, so that a cover might have been beside what it covers.
    """
    if controls:
        controls[0].scroll_into_view_if_needed(timeout=_SHOT_MS)
    given: dict[str, Any] = {
        "mark": mark,
        "hidden": list(hidden),
        "kept": list(kept),
        "covered": covered,
        "css": _STYLE,
    }
    given["known"] = None if known is None else list(known)
    owners = [each.owner_frame() for each in controls]

    def drawn() -> list[str]:
        return [
            frame.evaluate(_DRAW, {**given, "controls": _of(frame, controls, owners)}) for frame in _seen_frames(page)
        ]

    try:
        for _ in range(_TRIES):
            before = drawn()
            shot = page.screenshot(animations="disabled", caret="hide", timeout=_SHOT_MS)
            if drawn() == before:
                return shot
    finally:
        for frame in page.frames:
            with contextlib.suppress(Exception):  # a frame that is gone has nothing left to clear
                frame.evaluate(_CLEAR)
    raise BrowserUnavailable(
        "No picture could be taken: the page did not keep still.", next_step="Try again.", step=None
    )


def _of(frame: Frame, controls: Sequence[ElementHandle], owners: Sequence[Frame | None]) -> list[ElementHandle]:
    return [control for control, owner in zip(controls, owners, strict=True) if owner == frame]


def _seen_frames(page: Page) -> Iterator[Frame]:
    return (frame for frame in page.frames if not frame.is_detached())
