"""Many stores in one browser: stores a minute, and memory, for one, two, four and eight at once.

Printed, not judged: how far it scales depends on the cores, and on what else the machine does. The simulated store runs
on the same machine and takes its share.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from programs import Program, ended

from simulated_store.serving.server import RunningStore, running
from simulated_store.state import SimulatedBigCommerce

STORES = 8
MIB = 1024 * 1024


@pytest.fixture
def served() -> Iterator[RunningStore]:
    world = SimulatedBigCommerce()
    for _ in range(STORES - 1):
        world.add_store(launched=True)
    world.owner.stores = list(world.stores)
    with running(world) as store:
        yield store


class Memory:
    """The most that a process and all below it took at any moment, shared pages counted once, in MiB."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.most = 0.0

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            self.most = max(self.most, self._now())

    def _now(self) -> float:
        total = 0
        try:
            for process in (self._process, *self._process.children(recursive=True)):
                taken = process.memory_full_info()
                total += getattr(taken, "pss", taken.rss)
        except psutil.Error:
            return 0.0
        return total / MIB


@pytest.mark.parametrize("parallel", [1, 2, 4, 8])
def test_stores_a_minute_and_memory(served: RunningStore, parallel: int, capsys: pytest.CaptureFixture[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        program = Program(served, Path(place))
        file = program.place / "stores.csv"
        rows = "".join(f"shop {number},{each}\n" for number, each in enumerate(served.state.stores))
        file.write_text("name,store_hash\n" + rows)
        before = time.monotonic()
        process = program.start("connect", "--batch", str(file), "--parallel", str(parallel), "--json")
        with Memory(process.pid) as memory:
            code, document, said = ended(process)
        seconds = time.monotonic() - before
    assert (code, document["totals"]) == (0, {"connected": STORES}), said
    with capsys.disabled():
        print(  # noqa: T201  what a benchmark is for
            f"\n{parallel} at once: {60 * STORES / seconds:.1f} stores a minute, {memory.most:.0f} MiB at most"
        )
