"""What is advised about keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from companion.core.key_usage import (
    ADVISED_AGE,
    ADVISED_ENCRYPTIONS,
    MAX_ENCRYPTIONS,
    Advice,
    KeyState,
    KeyUsage,
    advice_on_keys,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def key(key_id: str = "key-1", *, records: int = 3, encryptions: int = 3, age: timedelta = timedelta()) -> KeyUsage:
    return KeyUsage(key_id, KeyState.ACTIVE, records, encryptions, NOW - age)


def advised(
    *usage: KeyUsage, held: frozenset[str] | None = frozenset({"key-1"}), unfinished: bool = False
) -> list[str]:
    found: tuple[Advice, ...] = advice_on_keys(usage, active="key-1", held=held, unfinished=unfinished, now=NOW)
    return [each.code for each in found]


def test_a_young_key_needs_nothing() -> None:
    assert advised() == advised(key()) == []
    assert advised(key(age=ADVISED_AGE - timedelta(days=1), encryptions=ADVISED_ENCRYPTIONS - 1)) == []


def test_rotation_is_advised_long_before_the_limits() -> None:
    assert advised(key(age=ADVISED_AGE)) == ["key-old"]
    assert advised(key(encryptions=ADVISED_ENCRYPTIONS)) == ["key-much-used"]
    assert ADVISED_ENCRYPTIONS * 4 <= MAX_ENCRYPTIONS == 2**32
    assert timedelta(days=730) >= ADVISED_AGE * 2  # NIST SP 800-57 Part 1, 5.3.6


def test_the_age_of_a_key_that_is_no_longer_active_concerns_nobody() -> None:
    assert advised(key(), key("key-0", records=0, age=ADVISED_AGE), held=None) == []


@pytest.mark.parametrize(("records", "codes"), [(0, []), (1, ["key-missing"]), (7, ["key-missing"])])
def test_records_under_a_key_that_is_not_held_are_told(records: int, codes: list[str]) -> None:
    assert advised(key(), key("key-0", records=records)) == codes
    assert advised(key(), key("key-0", records=records), held=None) == []


def test_an_unfinished_rotation_is_told() -> None:
    assert advised(key(), unfinished=True) == ["rotation-unfinished"]
