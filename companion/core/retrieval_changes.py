"""What changes of a retrieval, numbered, so that who follows it can go on where they were cut off.

Of each thing only its last change is kept: it is enough for who comes late, and does not grow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from companion.core.retrieval import Retrieval


class ChangeKind(StrEnum):
    """What a change is about."""

    STEP = "step"
    NOW = "now"
    STATE = "state"


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes:
        number: 1 is the first of a retrieval.
        step: which step, where it is about one.
        retrieval: as it was from then on.
    """

    number: int
    kind: ChangeKind
    step: str | None
    retrieval: Retrieval


class Changes:
    """The last change of each thing of one retrieval; not for several threads at once."""

    def __init__(self, first: Retrieval) -> None:
        self._number = 0
        self._last: dict[tuple[ChangeKind, str | None], Change] = {}
        self.retrieval = first
        self._put(ChangeKind.STATE, None)

    def become(self, retrieval: Retrieval) -> bool:
        """Take in what the retrieval is from now on; returns whether anything changed."""
        before, self.retrieval = self.retrieval, retrieval
        for old, new in zip(before.steps, retrieval.steps, strict=True):
            if old != new:
                self._put(ChangeKind.STEP, new.id)
        if _now(before) != _now(retrieval):
            self._put(ChangeKind.NOW, None)
        if _state(before) != _state(retrieval):  # last: whoever reads of the end has read all
            self._put(ChangeKind.STATE, None)
        return before != retrieval

    def since(self, number: int) -> list[Change]:
        """Return what has changed after the change with this number, oldest first."""
        return sorted((each for each in self._last.values() if each.number > number), key=lambda each: each.number)

    def _put(self, kind: ChangeKind, step: str | None) -> None:
        self._number += 1
        self._last[kind, step] = Change(self._number, kind, step, self.retrieval)


def _now(retrieval: Retrieval) -> object:
    return (
        retrieval.sees,
        retrieval.to_do,
        retrieval.lines,
        retrieval.paused,
        retrieval.mine,
        retrieval.step_under_way,
        retrieval.state,
    )


def _state(retrieval: Retrieval) -> Retrieval:
    return replace(
        retrieval, sees="", to_do=None, lines=(), paused=False, mine=None, steps=(), step_since=None, may_exist=None
    )
