"""Reads a tab of the browser into plain values."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from automation.core.snapshot import PageSnapshot
from automation.pages.asking import asked_for_text

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

_SNAPSHOT = files("automation.pages").joinpath("snapshot.js").read_text("utf-8")


def read_pages(page: Page) -> tuple[PageSnapshot, ...]:
    """Return the documents of a tab, the top one first; one that does not answer now reads as empty and loading."""
    top, *inner = page.frames
    read = _read_frame(top, 0)
    if read is None:  # then none of its frames answers either
        return (_unread(top, 0),)
    frames = (_read_frame(frame, number) or _unread(frame, number) for number, frame in enumerate(inner, 1))
    return (read, *frames)


def _read_frame(frame: Frame, number: int) -> PageSnapshot | None:
    from playwright.sync_api import Error

    try:
        answer = asked_for_text(frame, _SNAPSHOT)
        if not answer:
            return None
        ready, document, html = answer.split("\n", 2)
    except Error:
        return None
    return PageSnapshot(frame.url, html, number, document, ready)


def _unread(frame: Frame, number: int) -> PageSnapshot:
    return PageSnapshot(frame.url, "", number, "", "loading")
