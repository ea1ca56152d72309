"""Reads a tab of the browser into plain values."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from automation.core.snapshot import PageSnapshot
from automation.pages.asking import asked_all_for_text

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

_SNAPSHOT = files("automation.pages").joinpath("snapshot.js").read_text("utf-8")


def read_pages(page: Page) -> tuple[PageSnapshot, ...]:
    """Return the documents of a tab, the top one first; one that does not answer now reads as empty and loading."""
    frames = page.frames
    answers = asked_all_for_text(frames, _SNAPSHOT)
    read = tuple(
        _snapshot(frame, number, answer) for number, (frame, answer) in enumerate(zip(frames, answers, strict=True))
    )
    return read if answers[0] else read[:1]  # without the top document nobody can tell what its frames are


def _snapshot(frame: Frame, number: int, answer: str | None) -> PageSnapshot:
    if not answer:
        return PageSnapshot(frame.url, "", number, "", "loading")
    ready, document, html = answer.split("\n", 2)
    return PageSnapshot(frame.url, html, number, document, ready)
