"""Earlier chapters of an audit record: whole chains that a restored backup brought along.

Two chains are never made one: each keeps its entries, their numbers and its own key. That a chapter was kept, and where
it ended then, is an entry of the chain that goes on; so a chapter that is taken away, cut or exchanged shows there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from companion.core.audit import Anchor, AuditEntry, Deed, anchor_from_text
from companion.core.audit_actions import AuditAction

_KEPT = re.compile(
    r"chapter ([1-9][0-9]{0,8}), which ends at ([0-9]+:[0-9a-f]{64})(?:; chapter ([1-9][0-9]{0,8}) is part of it)?"
)


@dataclass(frozen=True)
class KeptChapter:
    """What an entry says of a chapter.

    Attributes:
        anchor: where the chapter ended when it was kept.
        instead_of: the number of a shorter chapter whose place it took; None where it took none's.
    """

    number: int
    anchor: Anchor
    instead_of: int | None = None


def keeping(chapter: KeptChapter) -> Deed:
    """Return the deed that says that a chapter was kept."""
    place = "" if chapter.instead_of is None else f"; chapter {chapter.instead_of} is part of it"
    return Deed(AuditAction.KEEP_CHAPTER, detail=f"chapter {chapter.number}, which ends at {chapter.anchor}{place}")


def kept_chapter(deed: Deed) -> KeptChapter | None:
    """Return the chapter that a deed is about; None where it is about none."""
    match = _KEPT.fullmatch(deed.detail) if deed.action == AuditAction.KEEP_CHAPTER else None
    if match is None:
        return None
    return KeptChapter(int(match[1]), anchor_from_text(match[2]), None if match[3] is None else int(match[3]))


class Chapters:
    """Which chapters a chain says that there are, and what each must go through."""

    def __init__(self) -> None:
        self._anchors: dict[int, tuple[Anchor, ...]] = {}

    def note(self, entry: AuditEntry) -> None:
        """Take in what an entry says."""
        kept = kept_chapter(entry.told.deed)
        if kept is not None:
            earlier = () if kept.instead_of is None else self._anchors.pop(kept.instead_of, ())
            self._anchors[kept.number] = (*self._anchors.get(kept.number, ()), *earlier, kept.anchor)

    def noting(self, entries: Iterable[AuditEntry]) -> Iterable[AuditEntry]:
        """Pass entries on, and take in what each says."""
        for entry in entries:
            self.note(entry)
            yield entry

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of all chapters, in their order."""
        return tuple(sorted(self._anchors))

    def anchors_of(self, number: int) -> tuple[Anchor, ...]:
        """Return what a chapter must go through; nothing for one that the chain does not know."""
        return self._anchors.get(number, ())
