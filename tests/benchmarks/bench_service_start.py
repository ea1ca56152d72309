"""From starting `companion serve` to its answering."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from serving import served_companion
from wire import Wire, spelled

LIMIT = 1.5  # seconds
ROUNDS = 9


def test_the_service_listens_within_a_second_and_a_half(tmp_path: Path) -> None:
    took = []
    for number in range(ROUNDS + 1):
        before = time.perf_counter()
        # The first makes the data folder, the others open it.
        with served_companion(tmp_path) as companion, Wire(companion.url) as wire:
            wire.ask(spelled("GET", companion.url, "/api/v1/health"))
            took.append(time.perf_counter() - before)
        assert not (tmp_path / "data" / "service.json").exists(), number
    again = statistics.median(took[1:])
    print(f"\ncompanion serve answers after {again:.2f} s, with a new data folder after {took[0]:.2f} s")  # noqa: T201
    assert again < LIMIT
