"""Reads a tab of the browser into plain values."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from automation.core.snapshot import PageSnapshot

if TYPE_CHECKING:
    from playwright.sync_api import Frame, JSHandle, Page

_SNAPSHOT = files("automation.pages").joinpath("snapshot.js").read_text("utf-8")
_LOOK_MS = 1500.0


def read_pages(page: Page) -> tuple[PageSnapshot, ...]:
    """Return the documents of a tab, the top one first; one that does not answer now reads as empty and loading."""
    top, *inner = page.frames
    read = _read_frame(top, 0)
    if read is None:  # then none of its frames answers either
        return (_unread(top, 0),)
    frames = (_read_frame(frame, number) or _unread(frame, number) for number, frame in enumerate(inner, 1))
    return (read, *frames)


def asked(frame: Frame, function: str, argument: Any = None, *, milliseconds: float = _LOOK_MS) -> JSHandle | None:
    """Return what a function of the page returns: an element or a string that is not empty; None after the time.

    While a tab waits for the answer to a navigation, Chromium holds back whatever its old document is asked. Plain
    evaluation has no time limit, and would wait as long as a server that never answers. A string comes with the answer
    itself, so that `json_value` asks the page nothing more; an object would be fetched without a limit.
    """
    from playwright.sync_api import TimeoutError as NotInTime

    try:
        return frame.wait_for_function(function, arg=argument, timeout=milliseconds)
    except NotInTime:
        return None


def _read_frame(frame: Frame, number: int) -> PageSnapshot | None:
    from playwright.sync_api import Error

    try:
        handle = asked(frame, _SNAPSHOT)
        if handle is None:
            return None
        ready, document, html = str(handle.json_value()).split("\n", 2)
    except Error:
        return None
    return PageSnapshot(frame.url, html, number, document, ready)


def _unread(frame: Frame, number: int) -> PageSnapshot:
    return PageSnapshot(frame.url, "", number, "", "loading")
