"""Reads a tab of the browser into plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from automation.core.snapshot import PageSnapshot
from automation.pages.asking import Question, asked_all_for_text, wait_for_answer

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from playwright.sync_api import Frame, Page

_SNAPSHOT = files("automation.pages").joinpath("snapshot.js").read_text("utf-8")
# What the reader in the page answers; a document that has none yet, or no more, says so at once.
_READ_AGAIN = "known => (globalThis[Symbol.for('companion.read')] || (() => ''))(known)"
_CHANGED = "() => (globalThis[Symbol.for('companion.changed')] || (() => ''))()"
# Of a tab beside the one that is worked in, only whether it has come to rest counts.
_OUTLINE = "() => [document.readyState, performance.timeOrigin, document.getElementsByTagName('*').length].join('\\n')"
_BLANK = frozenset({"", "about:blank"})
_BLANK_TAB = (PageSnapshot("about:blank", ""),)


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
        return self.read_all(page, ())[0]

    def read_all(self, page: Page, beside: Sequence[Page]) -> tuple[tuple[PageSnapshot, ...], ...]:
        """Return the documents of a tab as `read` does, and after them those of the tabs beside it.

        Of a tab beside it, only the top document is told of, and nothing of what it shows: a store's page may be large,
        and all that counts is where it is and whether it has come to rest.
        """
        main = [] if _is_blank(page) else page.frames
        others = [each.main_frame for each in beside if not _is_blank(each)]
        answers = asked_all_for_text([*map(self._question, main), *(Question(frame, (_OUTLINE,)) for frame in others)])
        read = tuple(self._snapshot(frame, number, answers[number]) for number, frame in enumerate(main))
        if read and not answers[0]:
            read = read[:1]  # without the top document nobody can tell what its frames are
        outlines = dict(zip(others, answers[len(main) :], strict=True))
        return (read or _BLANK_TAB, *(_outline(each, outlines.get(each.main_frame, "")) for each in beside))

    def wait_for_change(self, page: Page, told: asyncio.Event, *, at_least: float, at_most: float) -> None:
        """Wait until a document of the tab is no more what was read last.

        What changes without an element or a text of it, as what is typed into a field, is seen after the longest time.

        Args:
            told: set where something else ends the waiting.
            at_least, at_most: in seconds.
        """
        frames = () if _is_blank(page) else page.frames
        wait_for_answer(page, frames, _CHANGED, told, at_least=at_least, at_most=at_most)

    def _question(self, frame: Frame) -> Question:
        last = self._last.get(frame)
        if last is None:
            return Question(frame, (_SNAPSHOT,), "")
        return Question(frame, (_READ_AGAIN, _SNAPSHOT), last.mark)

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


def _is_blank(page: Page) -> bool:
    """Whether nothing was loaded in a tab yet; asked, it would first have to be made ready for that."""
    return page.url in _BLANK and len(page.frames) == 1


def _outline(page: Page, answer: str | None) -> tuple[PageSnapshot, ...]:
    if answer == "":
        return (PageSnapshot(page.url, ""),)
    ready, document, size, *_ = answer.split("\n") if answer else ("loading", "", "0")
    return (PageSnapshot(page.url, "", 0, document, ready, int(size) if size.isdecimal() else 0),)
