"""A POST that seals and commits durably, against a bare insert with `synchronous=FULL` behind the same server."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest
from alternation import median_rate_ratio
from hammer import Hammered, hammered
from serving import Companion, served_bare, served_companion
from stores import form, stored, to_store
from wire import spelled

LIMIT = 0.7
TAIL_LIMIT = 5.0
ROUNDS = 11
TAIL_ROUNDS = 9
REQUESTS = 320

numbers = itertools.count()


@pytest.fixture
def companion(tmp_path: Path) -> Iterator[Companion]:
    with served_companion(tmp_path) as running:
        yield running


def our_posts(companion: Companion, clients: int) -> Hammered:
    each = REQUESTS // clients
    return hammered(companion.url, [to_store(companion, each) for _ in range(clients)], 201)


def bare_posts(url: str, clients: int) -> Hammered:
    def share() -> list[bytes]:
        return [
            spelled("POST", url, "/things", form(), X_Id=f"{next(numbers):035}x") for _ in range(REQUESTS // clients)
        ]

    return hammered(url, [share() for _ in range(clients)], 201)


@pytest.mark.parametrize("clients", [1, 8])
def test_a_connection_is_stored_at_seven_tenths_of_the_rate_of_a_bare_insert(
    companion: Companion, tmp_path: Path, clients: int
) -> None:
    _, row = stored(companion)
    with served_bare(tmp_path, row) as bare:
        ratio = median_rate_ratio(
            f"durable POST, {clients} at once",
            lambda: our_posts(companion, clients).rate,
            lambda: bare_posts(bare, clients).rate,
            rounds=ROUNDS,
        )
    assert ratio >= LIMIT


def test_the_slowest_hundredth_takes_no_more_than_five_times_the_median(companion: Companion) -> None:
    our_posts(companion, 8)
    rounds = [our_posts(companion, 8) for _ in range(TAIL_ROUNDS)]
    medians, tails = ([getattr(each, what) * 1000 for each in rounds] for what in ("median", "slowest_hundredth"))
    ratio = statistics.median(tail / middle for tail, middle in zip(tails, medians, strict=True))
    print(  # noqa: T201
        f"\ndurable POST, 8 at once: median {statistics.median(medians):.1f} ms, slowest hundredth from "
        f"{statistics.median(tails):.1f} ms, slowest of all {max(each.each[-1] for each in rounds) * 1000:.1f} ms, "
        f"median ratio {ratio:.1f}"
    )
    assert ratio <= TAIL_LIMIT
