"""A page of 50, one GET by id, and the memory of the service: with 1,000,000 connections as with 1,000."""

from __future__ import annotations

import random
from pathlib import Path

import psutil  # type: ignore[import-untyped]
from alternation import median_rate_ratio
from hammer import hammered
from many_connections import fill
from serving import Companion, served_companion
from stores import CONNECTIONS
from wire import spelled

FEW, MANY = 1_000, 1_000_000
TIME_LIMIT = 1.3
MEMORY_LIMIT = 1.2
ROUNDS = 15
REQUESTS = 200


def test_a_million_connections_are_as_quick_as_a_thousand_and_take_as_much_memory(tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    for place in (few, many):
        place.mkdir()
    few_ids, many_ids = fill(few, FEW), fill(many, MANY)
    drawn = random.Random(7)  # noqa: S311  which rows are read is no secret
    with served_companion(few) as small, served_companion(many) as large:

        def by_id(companion: Companion, ids: list[str]) -> float:
            return asked(companion, [f"{CONNECTIONS}/{drawn.choice(ids)}" for _ in range(REQUESTS)])

        def page(companion: Companion, ids: list[str]) -> float:
            return asked(companion, [f"{CONNECTIONS}?limit=50&after={drawn.choice(ids)}" for _ in range(REQUESTS // 4)])

        ratios = {
            name: 1
            / median_rate_ratio(
                f"{name}, of {MANY:,} connections",
                lambda ask=ask: ask(large, many_ids),  # type: ignore[misc]
                lambda ask=ask: ask(small, few_ids),  # type: ignore[misc]
                rounds=ROUNDS,
                beside=f"of {FEW:,}",
            )
            for name, ask in (("GET by id", by_id), ("page of 50", page))
        }
        resident = [psutil.Process(each.pid).memory_info().rss for each in (small, large)]
    memory = resident[1] / resident[0]
    print(  # noqa: T201
        f"\n{MANY:,} connections by {FEW:,}: "
        + ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
        + " times as long; resident memory "
        + f"{resident[1] / 2**20:.0f} MiB by {resident[0] / 2**20:.0f} MiB, {memory:.2f}"
    )
    assert max(ratios.values()) <= TIME_LIMIT
    assert memory <= MEMORY_LIMIT


def asked(companion: Companion, paths: list[str]) -> float:
    requests = [spelled("GET", companion.url, path, Authorization=companion.authorization) for path in paths]
    return hammered(companion.url, [requests]).rate
