"""Several clients at once, each with a connection of its own, and how long each of their requests took."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from wire import Wire


@dataclass(frozen=True)
class Hammered:
    """Seconds in all, and those of each request, the shortest first."""

    seconds: float
    each: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.each) / self.seconds

    @property
    def median(self) -> float:
        return statistics.median(self.each)

    @property
    def slowest_hundredth(self) -> float:
        """The quickest of the slowest 1 %."""
        return self.each[-max(1, len(self.each) // 100)]


def hammered(url: str, shares: Sequence[Sequence[bytes]], expected: int = 200) -> Hammered:
    """Send each share over a connection of its own, all at once."""
    begin = threading.Barrier(len(shares) + 1)

    def one(share: Sequence[bytes]) -> list[float]:
        took = []
        with Wire(url) as wire:
            wire.ask(share[0], expected)  # the server has a thread for it now
            begin.wait()
            for request in share[1:]:
                before = time.perf_counter()
                wire.ask(request, expected)
                took.append(time.perf_counter() - before)
        return took

    with ThreadPoolExecutor(len(shares)) as pool:
        running = [pool.submit(one, share) for share in shares]
        begin.wait()
        before = time.perf_counter()
        each = sorted(seconds for done in running for seconds in done.result())
        return Hammered(time.perf_counter() - before, tuple(each))
