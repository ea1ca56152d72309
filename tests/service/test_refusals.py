"""Who could not say who it is, is recorded; however often it is tried, not more than once a minute."""

from __future__ import annotations

from datetime import timedelta

import pytest
from scripted import Clock

from companion.core.audit import Told
from companion.core.audit_actions import AuditAction
from companion.service.refusals import Refusals


@pytest.mark.parametrize(
    ("action", "kind"), [(AuditAction.AUTHENTICATE, "token"), (AuditAction.SIGN_IN, "sign-in link")]
)
def test_the_first_is_told_at_once_and_those_after_it_together(clock: Clock, action: AuditAction, kind: str) -> None:
    told: list[Told] = []
    refusals = Refusals(clock, told.append, action, kind)
    for _ in range(1000):
        refusals.count()
        clock.move(timedelta(milliseconds=50))
    assert [each.deed.detail for each in told] == [f"a {kind} that is not known"]
    clock.move(timedelta(minutes=1))
    refusals.count()
    refusals.count()
    refusals.flush()
    refusals.flush()
    assert [each.deed.detail for each in told[1:]] == [
        f"1000 {kind}s that are not known, since 2026-11-22 12:00:00 UTC",
        f"a {kind} that is not known",
    ]
    assert {(each.who, each.deed.action, each.deed.outcome) for each in told} == {("nobody", action, "not-authorized")}


def test_a_clock_that_is_set_back_keeps_none_from_being_told(clock: Clock) -> None:
    told: list[Told] = []
    refusals = Refusals(clock, told.append, AuditAction.AUTHENTICATE, "token")
    refusals.count()
    clock.move(timedelta(days=-1))
    refusals.count()
    assert len(told) == 2
