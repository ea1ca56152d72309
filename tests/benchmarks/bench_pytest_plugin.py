"""How long a test waits for a ready connection, and what the plugin costs who does not use it; figures, not limits."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

ROUNDS = 5
CONNECTIONS = 15
PROGRAM = """
import json, sys, time
began = time.perf_counter()
import simulated_store.pytest_plugin
plugin = time.perf_counter() - began
from simulated_store.sandbox import running_sandbox
from simulated_store.state import SimulatedBigCommerce
from simulated_store.testing.connection import connect
from simulated_store.testing.marks import Wanted
from simulated_store.testing.sandbox import sandbox_of_test
from simulated_store.testing.service import service_of_test

ready, gone = [], []
with running_sandbox(SimulatedBigCommerce()) as running:
    for number in range(int(sys.argv[1])):
        before = time.perf_counter()
        with sandbox_of_test(running, None, f"test {number}", Wanted(), hold_back=True) as sandbox:
            with service_of_test(sandbox) as service:
                connection = connect(service, (), in_browser=False)
                ready.append(time.perf_counter() - (before if number else began))
                assert connection.status == "ready"
                before = time.perf_counter()
        gone.append(time.perf_counter() - before)
print(json.dumps({"plugin": plugin, "first": ready[0], "ready": ready[1:], "gone": gone}))
"""


def test_a_connection_is_ready_at_once():
    rounds = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", "import pytest\n" + PROGRAM, str(CONNECTIONS)],
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
    for name, seconds in figures.items():
        print(f"  {name}: {statistics.median(seconds) * 1000:.0f} ms")  # noqa: T201
