"""How a use of a secret is recorded that does not end well, or cannot be recorded now."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from repositories import connection

from companion.core.audit import Told
from companion.core.audit_actions import AuditAction
from companion.core.errors import BigCommerceUnreachable, KeysUnavailable, StorageFailed
from companion.ports.audit import AuditFilter
from companion.service.audit import Recorder, used
from companion.service.in_groups import InGroups
from companion.service.parts import Parts


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


def test_a_service_whose_keys_are_gone_can_still_be_closed(recording: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(told: Sequence[Told]) -> None:
        raise KeysUnavailable("Locked.")

    monkeypatch.setattr(recording.noted, "_store", refuse)
    with used(recording, AuditAction.GRAPHQL, connection()):
        pass
    recording.close()
