"""The calculation of limits, and that the page shows what it gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from limits_at_scale import Assumed, table, workers_needed

PAGE = Path(__file__).parents[2] / "docs" / "at-scale.md"


def test_the_page_shows_what_it_gives() -> None:
    assert table() in PAGE.read_text("utf-8")


@pytest.mark.parametrize(("stores", "workers"), [(1, 1), (4_800, 1), (4_801, 2), (48_000, 10)])
def test_workers_are_whole(stores: int, workers: int) -> None:
    assert workers_needed(stores, replace(Assumed(), stores_a_minute=10.0)) == workers
