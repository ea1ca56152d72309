"""Reads a tab of the browser into plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from automation.core.snapshot import PageSnapshot
from automation.pages.asking import asked_all_for_text

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

_SNAPSHOT = files("automation.pages").joinpath("snapshot.js").read_text("utf-8")


@dataclass(frozen=True)
class _Reading:
    """What a document was last read as, and the mark by which the page knows it."""

    mark: str
    html: str = field(repr=False)


_NONE = _Reading("", "")


class PageReader:
    """Reads tabs; the markup of a document that is as it was at the last look does not make its long way again."""

    def __init__(self) -> None:
        self._last: WeakKeyDictionary[Frame, _Reading] = WeakKeyDictionary()

    def read(self, page: Page) -> tuple[PageSnapshot, ...]:
        """Return the documents of a tab, the top one first; one that does not answer now reads as empty and loading."""
        frames = page.frames
        marks = [self._last.get(frame, _NONE).mark for frame in frames]
        answers = asked_all_for_text(frames, _SNAPSHOT, marks)
        read = tuple(
            self._snapshot(frame, number, answer)
            for number, (frame, answer) in enumerate(zip(frames, answers, strict=True))
        )
        return read if answers[0] else read[:1]  # without the top document nobody can tell what its frames are

    def _snapshot(self, frame: Frame, number: int, answer: str | None) -> PageSnapshot:
        if not answer:
            return PageSnapshot(frame.url, "", number, "", "loading")
        ready, document, mark, *markup = answer.split("\n", 3)
        reading = _Reading(mark, markup[0]) if markup else self._last.get(frame, _NONE)
        self._last[frame] = reading
        return PageSnapshot(frame.url, reading.html, number, document, ready)


def read_pages(page: Page) -> tuple[PageSnapshot, ...]:
    """Read a tab once, as `PageReader` does."""
    return PageReader().read(page)
