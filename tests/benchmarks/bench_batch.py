"""Many stores in one browser: stores a minute, and memory, for one, two, four and eight at once.

Printed, not judged: how far it scales depends on the cores, and on what else the machine does. The simulated store runs
on the same machine and takes its share. Beside it, what a bare script gets out of the same browser that clicks through
the same stores at once by the asynchronous API, and neither checks nor stores nor verifies anything.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from chromium import chromium_path, flags_for
from programs import Program, ended

from simulated_store.serving.server import RunningStore, running
from simulated_store.state import SimulatedBigCommerce

STORES = 8
BARE = Path(__file__).with_name("bare_batch.py")
MIB = 1024 * 1024


@pytest.fixture
def served() -> Iterator[RunningStore]:
    world = SimulatedBigCommerce()
    for _ in range(STORES - 1):
        world.add_store(launched=True)
    world.owner.stores = list(world.stores)
    with running(world) as store:
        yield store


class Watch:
    """What a process and all below it take.

    Attributes:
        most: the most memory at any moment, shared pages counted once, in MiB.
        own_seconds: processor time of the process itself, which does all of Python's work.
        busy: how much of all the machine's processors was at work, 0 to 1; what else runs there counts, too.
    """

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.most = self.own_seconds = self.busy = 0.0

    def __enter__(self) -> Watch:
        psutil.cpu_percent()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.busy = psutil.cpu_percent() / 100

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            try:
                own = self._process.cpu_times()
                self.own_seconds = own.user + own.system
                self.most = max(self.most, self._memory())
            except psutil.Error:
                continue

    def _memory(self) -> float:
        total = 0
        for process in (self._process, *self._process.children(recursive=True)):
            taken = process.memory_full_info()
            total += getattr(taken, "pss", taken.rss)
        return total / MIB


@pytest.mark.parametrize("parallel", [1, 2, 4, 8])
@pytest.mark.parametrize("delay", [0.0, 0.3], ids=["near", "far"])
def test_stores_a_minute_and_memory(
    served: RunningStore, parallel: int, delay: float, capsys: pytest.CaptureFixture[str]
) -> None:
    if delay:
        for site in ("login:*", "panel:*", "storefront:*"):
            served.state.faults.add(site, delay=delay, times=None)
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        program = Program(served, Path(place))
        file = program.place / "stores.csv"
        rows = "".join(f"shop {number},{each}\n" for number, each in enumerate(served.state.stores))
        file.write_text("name,store_hash\n" + rows)
        before = time.monotonic()
        process = program.start("connect", "--batch", str(file), "--parallel", str(parallel), "--json")
        with Watch(process.pid) as watch:
            code, document, said = ended(process)
        seconds = time.monotonic() - before
    assert (code, document["totals"]) == (0, {"connected": STORES}), said
    for store in served.state.stores.values():
        for account in list(store.api_accounts):
            store.delete_api_account(account.client_id)
    bare = bare_seconds(served, parallel)
    with capsys.disabled():
        print(  # noqa: T201  what a benchmark is for
            f"\n{parallel} at once, each answer after {delay:.1f} s: {60 * STORES / seconds:.1f} stores a minute, "
            f"{watch.most:.0f} MiB at most, processors {watch.busy:.0%} busy, Python itself {watch.own_seconds:.1f} of "
            f"{seconds:.1f} s; a bare script {60 * STORES / bare:.1f} stores a minute"
        )


def bare_seconds(served: RunningStore, parallel: int) -> float:
    """How long a bare script takes for the same stores, from its start to its end."""
    owner = served.state.owner
    wanted = {
        "program": chromium_path(), "flags": flags_for(served), "email": owner.email, "password": owner.password,
        "stores": list(served.state.stores), "parallel": parallel,
    }  # fmt: skip
    before = time.monotonic()
    subprocess.run([sys.executable, str(BARE)], input=json.dumps(wanted), text=True, check=True)
    assert [len(store.api_accounts) for store in served.state.stores.values()] == [1] * STORES
    return time.monotonic() - before
