"""How long a simulated store takes to start, and to answer for the first time; figures, not limits."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

ROUNDS = 9
STORES = 20
PROGRAM = """
import contextlib, json, ssl, sys, time
began = time.perf_counter()
from simulated_store.serving.server import running
from simulated_store.state import SimulatedBigCommerce
imported = time.perf_counter()
with contextlib.ExitStack() as stack:
    first = stack.enter_context(running(SimulatedBigCommerce(seed=7)))
    started = time.perf_counter()
    import http.client, socket
    context = ssl.create_default_context(cafile=first.ca_file)
    connection = http.client.HTTPConnection("login.bigcommerce.com")
    plain = socket.create_connection(("127.0.0.1", first.port))
    connection.sock = context.wrap_socket(plain, server_hostname="login.bigcommerce.com")
    connection.request("GET", "/login")
    assert connection.getresponse().read()
    answered = time.perf_counter()
    connection.request("GET", "/login")
    assert connection.getresponse().read()
    again = time.perf_counter()
    connection.close()
    for number in range(int(sys.argv[1]) - 1):
        stack.enter_context(running(SimulatedBigCommerce(seed=number)))
    all_started = time.perf_counter()
print(json.dumps({
    "import": imported - began,
    "start, authority included": started - imported,
    "first page over TLS, sign-in site included": answered - started,
    "the same page again": again - answered,
    f"start of each of {int(sys.argv[1]) - 1} more": (all_started - again) / (int(sys.argv[1]) - 1),
}))
"""


def test_a_store_starts_at_once():
    rounds = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", PROGRAM, str(STORES)], capture_output=True, text=True, check=True
            ).stdout
        )
        for _ in range(ROUNDS)
    ]
    print(f"\nsimulated store, median of {ROUNDS} fresh processes:")  # noqa: T201
    for name in rounds[0]:
        print(f"  {name}: {statistics.median(each[name] for each in rounds) * 1000:.0f} ms")  # noqa: T201
