"""Who could not say who it is, is recorded; however often it is tried, not more than once a minute."""

from __future__ import annotations

from datetime import timedelta

from scripted import Clock

from companion.core.audit import Told
from companion.service.refusals import Refusals


def test_the_first_is_told_at_once_and_those_after_it_together(clock: Clock) -> None:
    told: list[Told] = []
    refusals = Refusals(clock, told.append, "not-authorized")
    for _ in range(1000):
        refusals.count()
        clock.move(timedelta(milliseconds=50))
    assert [each.deed.detail for each in told] == ["a token that is not known"]
    clock.move(timedelta(minutes=1))
    refusals.count()
    refusals.count()
    refusals.flush()
    refusals.flush()
    assert [each.deed.detail for each in told[1:]] == [
        "1000 tokens that are not known, since 2026-11-22 12:00:00 UTC",
        "a token that is not known",
    ]
    assert {(each.who, each.deed.action, each.deed.outcome) for each in told} == {
        ("nobody", "authenticate", "not-authorized")
    }
