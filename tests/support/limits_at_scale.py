"""Where the limits lie at 10, 1,000 and 100,000 stores: a calculation, whose table stands in `docs/at-scale.md`.

Run as a program, it prints the table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

STORES = (10, 1_000, 100_000)
HOURS = 8
"""Within which all stores are to be connected."""


@dataclass(frozen=True)
class Assumed:
    """What the calculation begins with.

    Attributes:
        stores_a_minute: of one worker: decision record 12, one store at once, each answer after 0.3 seconds.
        worker_mib: Python and browser of one worker, from the same run.
        connection_bytes: measured: 2,000 connections with two tags and an entry of the record each, on PostgreSQL.
        connections_a_second: that one service stored meanwhile, for one caller, on a machine with other work.
        verify_seconds: of one verification: four calls, each answered after 0.3 seconds, as above.
        code_seconds: for which further sign-ins of a user wait, where an authenticator gives the code.
        api_accounts: that a store may have (BigCommerce, “Store-level API accounts”).
    """

    stores_a_minute: float = 10.2
    worker_mib: int = 756
    connection_bytes: int = 1_843
    connections_a_second: float = 46.6
    verify_seconds: float = 1.2
    code_seconds: float = 30.0
    api_accounts: int = 50


def workers_needed(stores: int, assumed: Assumed) -> int:
    """Return how many workers connect so many stores within `HOURS`."""
    return math.ceil(stores / (assumed.stores_a_minute * 60 * HOURS))


def table(assumed: Assumed | None = None) -> str:
    """Return the table, in Markdown."""
    given = assumed or Assumed()
    lines = {
        "connected by one worker": [_span(stores / given.stores_a_minute * 60) for stores in STORES],
        f"workers, to be done in {HOURS} hours": [f"{workers_needed(each, given):,}" for each in STORES],
        "their memory": [f"{workers_needed(each, given) * given.worker_mib / 1024:.1f} GiB" for each in STORES],
        "until the last of them has signed in, with an authenticator": [
            _span((workers_needed(each, given) - 1) * given.code_seconds) for each in STORES
        ],
        "of what one service stores a second, taken up": [
            f"{each / (HOURS * 3600) / given.connections_a_second:.1%}" for each in STORES
        ],
        "database": [_size(each * given.connection_bytes) for each in STORES],
        "verified once, four at once": [_span(each * given.verify_seconds / 4) for each in STORES],
        "API accounts in each store, of 50": ["1, and 2 while it rotates"] * len(STORES),
    }
    heading = "| | " + " | ".join(f"{each:,} stores" for each in STORES) + " |\n" + "| --- " * (len(STORES) + 1) + "|\n"
    return heading + "".join(f"| {name} | {' | '.join(cells)} |\n" for name, cells in lines.items())


def _span(seconds: float) -> str:
    if seconds < 1:
        return "at once"
    for unit, length, most in (("seconds", 1.0, 120.0), ("minutes", 60.0, 7200.0), ("hours", 3600.0, 172800.0)):
        if seconds < most:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 86400:.1f} days"


def _size(count: float) -> str:
    return f"{count / 1024:.0f} KiB" if count < 1024**2 else f"{count / 1024**2:.0f} MiB"


if __name__ == "__main__":
    print(table(), end="")  # noqa: T201  what it is for
