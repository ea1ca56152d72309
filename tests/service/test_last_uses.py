"""Uses of API tokens are written in groups, and none is lost to a disk that is full for a while."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from companion.core.errors import StorageFailed
from companion.service.last_uses import LastUses

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_many_uses_become_one_group_with_the_newest_of_each() -> None:
    groups: list[Mapping[str, datetime]] = []
    uses = LastUses(groups.append)
    for second in range(100):
        uses.note("a", NOW + timedelta(seconds=second))
    uses.note("b", NOW)
    uses.write()
    uses.write()
    assert groups == [{"a": NOW + timedelta(seconds=99), "b": NOW}]


def test_they_are_written_without_being_asked_for() -> None:
    written = threading.Event()
    uses = LastUses(lambda _group: written.set())
    uses.note("a", NOW)
    assert written.wait(30)


def test_what_could_not_be_written_waits_on_and_newer_uses_win() -> None:
    groups: list[Mapping[str, datetime]] = []
    failing = True

    def store(group: Mapping[str, datetime]) -> None:
        if failing:
            raise StorageFailed("The disk is full.")
        groups.append(group)

    uses = LastUses(store)
    for second in range(100, -1, -1):
        uses.note("a", NOW - timedelta(seconds=second))
    uses.note("b", NOW)
    with pytest.raises(StorageFailed):
        uses.write()
    assert len(uses._groups._waiting) == 2  # one a token, however long the disk is full
    failing = False
    uses.note("a", NOW + timedelta(seconds=1))
    uses.write()
    assert groups == [{"a": NOW + timedelta(seconds=1), "b": NOW}]
