"""How long a test waits for a ready connection, and what the plugin costs who does not use it; figures, not limits.

Of a busy machine the processor's share tells more than the clock on the wall.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

ROUNDS = 3
CONNECTIONS = 15
PROGRAM = """
import json, sys, time
import pytest

def now():
    return time.perf_counter(), time.process_time()

def since(before):
    return [end - start for start, end in zip(before, now())]

began = now()
import simulated_store.pytest_plugin
plugin = since(began)
from simulated_store.sandbox import running_sandbox
from simulated_store.state import SimulatedBigCommerce
from simulated_store.testing.connection import connect
from simulated_store.testing.marks import Wanted
from simulated_store.testing.sandbox import sandbox_of_test
from simulated_store.testing.service import service_of_test

ready, gone = [], []
with running_sandbox(SimulatedBigCommerce()) as running:
    for number in range(int(sys.argv[1])):
        before = now() if number else began
        with sandbox_of_test(running, None, f"test {number}", Wanted(), hold_back=True) as sandbox:
            with service_of_test(sandbox) as service:
                assert connect(service, (), in_browser=False).status == "ready"
                ready.append(since(before))
                before = now()
        gone.append(since(before))
print(json.dumps({"plugin": plugin, "first": ready[0], "ready": ready[1:], "gone": gone}))
"""


def test_a_connection_is_ready_at_once():
    rounds = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", PROGRAM, str(CONNECTIONS)],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for _ in range(ROUNDS)
    ]
    figures = {
        "loading the plugin, in every run of pytest": [each["plugin"] for each in rounds],
        "the first ready connection of a process, all imports included": [each["first"] for each in rounds],
        "each further one, store and service of its own": [ready for each in rounds for ready in each["ready"]],
        "all of it gone again": [gone for each in rounds for gone in each["gone"]],
    }
    print(f"\npytest plugin, median of {ROUNDS} fresh processes with {CONNECTIONS} connections each:")  # noqa: T201
    for name, measured in figures.items():
        wall, processor = (statistics.median(column) * 1000 for column in zip(*measured, strict=True))
        print(f"  {name}: {wall:.0f} ms, {processor:.0f} ms of them at work")  # noqa: T201
