"""Reads a tab of the browser into plain values."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from automation.core.snapshot import PageSnapshot

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

_SNAPSHOT = files("automation.pages").joinpath("snapshot.js").read_text("utf-8")


def read_pages(page: Page) -> tuple[PageSnapshot, ...]:
    """Return the documents of a tab, the top one first; one that is being replaced reads as empty and loading."""
    return tuple(_read_frame(frame, number) for number, frame in enumerate(page.frames))


def _read_frame(frame: Frame, number: int) -> PageSnapshot:
    from playwright.sync_api import Error

    try:
        seen = frame.evaluate(_SNAPSHOT)
    except Error:
        return PageSnapshot(frame.url, "", number, "", "loading")
    return PageSnapshot(frame.url, seen["html"], number, seen["document"], seen["ready"])
