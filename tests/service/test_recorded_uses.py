"""How a use of a secret is recorded that does not end well, or cannot be recorded now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from repositories import connection
from scripted import Clock

from companion.core.audit import Deed, Told
from companion.core.audit_actions import AuditAction
from companion.core.errors import BigCommerceUnreachable, KeysUnavailable, StorageFailed
from companion.ports.audit import AuditFilter
from companion.service.audit import Recorder, attempted, used
from companion.service.in_groups import InGroups
from companion.service.parts import Parts
from companion.service.unwritten import shortened


@pytest.fixture
def recording(parts: Parts) -> Parts:
    parts.repository.record_with(Recorder(parts.vault, parts.clock, "0" * 32))
    return parts


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [(BigCommerceUnreachable("Maintenance."), "bigcommerce-unreachable"), (KeyError("x"), "unexpected")],
)
def test_a_use_that_fails_is_never_recorded_as_done(recording: Parts, failure: Exception, outcome: str) -> None:
    with pytest.raises(type(failure)), used(recording, AuditAction.GRAPHQL, connection()):
        raise failure
    recording.noted.write()
    [entry] = recording.repository.audit_page(AuditFilter(), limit=10).entries
    assert entry.told.deed.outcome == outcome


@pytest.mark.parametrize("failure", [KeysUnavailable("Locked."), StorageFailed("Full.")])
def test_what_cannot_be_written_now_waits_and_keeps_its_order(failure: Exception) -> None:
    written: list[int] = []
    failures = [failure]

    def store(group: Sequence[int]) -> None:
        if failures:
            raise failures.pop()
        written.extend(group)

    groups: InGroups[int] = InGroups(store)
    groups.note(1)
    with pytest.raises(type(failure)):
        groups.write()
    groups.note(2)
    groups.write()
    assert written == [1, 2]


def test_while_nothing_can_be_recorded_so_many_uses_are_made_and_no_more(
    recording: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, store = [0.0], recording.noted._store
    tried: list[int] = []

    def refuse(told: Sequence[Told]) -> None:
        tried.append(len(told))
        raise StorageFailed("The storage could not be used.", why="The disk is full.", next_step="Free some space.")

    monkeypatch.setattr("companion.service.in_groups.monotonic", lambda: now[0])
    monkeypatch.setattr(recording.noted, "_store", refuse)
    monkeypatch.setattr(recording.noted, "_most", 5)
    monkeypatch.setattr("companion.service.in_groups.SECONDS_APART", 3600.0)  # nothing writes unless it is asked for

    def use() -> None:
        with used(recording, AuditAction.REST, connection(), "GET v2/time"):
            pass

    for _ in range(5):
        use()
    for _ in range(3):
        with pytest.raises(StorageFailed, match=r"could not be recorded.*The disk is full\. Free some space\."):
            use()
    with pytest.raises(StorageFailed), attempted(recording, AuditAction.VERIFY, connection()):
        raise AssertionError("not begun")
    assert tried == [5]  # and not once a call
    monkeypatch.setattr(recording.noted, "_store", store)
    now[0] += 3600.0
    use()
    recording.noted.write()
    entries = recording.repository.audit_page(AuditFilter(), limit=10).entries
    assert [each.told.deed.action for each in entries] == ["rest"] * 6


def test_what_is_cut_off_is_counted_and_told_once(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("companion.service.unwritten.MOST", 3)
    waiting: list[Told] = []
    for number in range(8):
        told = Told(Deed(AuditAction.LOCK, detail=str(number)), "user", clock())
        waiting = shortened([*waiting, told])
        clock.move(timedelta(seconds=1))
    waiting = shortened([*waiting, *waiting])
    assert [each.deed.detail for each in waiting] == ["0", "1", "2", "13 entries since 2026-11-22 12:00:03 UTC"]
    assert (waiting[-1].deed.action, waiting[-1].who) == ("lose", "service")
    assert shortened(waiting[:3]) == waiting[:3]


def test_a_service_whose_keys_are_gone_can_still_be_closed(recording: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(told: Sequence[Told]) -> None:
        raise KeysUnavailable("Locked.")

    monkeypatch.setattr(recording.noted, "_store", refuse)
    with used(recording, AuditAction.GRAPHQL, connection()):
        pass
    recording.close()
