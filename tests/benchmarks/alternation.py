"""Compares two ways of doing the same thing, in alternation, so that a busy machine slows both down alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

Round = Callable[[], object]


def median_ratio(name: str, ours: Round, bare: Round, *, rounds: int) -> float:
    """Return the median over `rounds` of our time by the bare one's of the same round; prints what was measured."""
    ours()  # caches of the disk and the browser are warm for both
    bare()
    pairs: list[tuple[float, float]] = []
    for number in range(rounds):
        # Who goes first changes, for a machine may be getting slower or faster all the while.
        order = (ours, bare) if number % 2 else (bare, ours)
        seconds = {each: _seconds(each) for each in order}
        pairs.append((seconds[ours], seconds[bare]))
    ratio = statistics.median(mine / other for mine, other in pairs)
    our_median, bare_median = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"\n{name}: {our_median * 1000:.0f} ms, bare {bare_median * 1000:.0f} ms, median ratio {ratio:.2f}")  # noqa: T201
    return ratio


def _seconds(done: Round) -> float:
    before = time.perf_counter()
    done()
    return time.perf_counter() - before


def median_rate_ratio(
    name: str, ours: Callable[[], float], other: Callable[[], float], *, rounds: int, beside: str = "bare"
) -> float:
    """Return the median over `rounds` of how many a second we do by what the other does; prints what was measured.

    Args:
        ours, other: does some, and returns how many a second.
    """
    ours()
    other()
    pairs: list[tuple[float, float]] = []
    for number in range(rounds):
        if number % 2:
            mine, theirs = ours(), other()
        else:
            theirs, mine = other(), ours()
        pairs.append((mine, theirs))
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    our_median, other_median = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(  # noqa: T201
        f"\n{name}: {our_median:,.0f} a second, {beside} {other_median:,.0f}, median ratio {ratio:.2f}"
    )
    return ratio
