"""What the service counts of itself since it began: requests, and how long they took."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper ends of the buckets of durations, in seconds; there is one more for all that take longer."""

Kind = tuple[str, str, int]
"""Of a request: method, route (the rule, never a path) and status."""


@dataclass(frozen=True)
class Durations:
    """How long the requests of one route took.

    Attributes:
        counts: how many fell into each bucket, the last for those above all.
        seconds: the sum.
    """

    counts: tuple[int, ...]
    seconds: float


class Figures:
    """Counts; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[Kind, int] = {}
        self._durations: dict[str, tuple[list[int], list[float]]] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered.

        Args:
            route: of a bounded number, such as the rule of an address.
        """
        kind = (method, route, status)
        with self._lock:
            self._requests[kind] = self._requests.get(kind, 0) + 1
            found = self._durations.get(route)
            if found is None:
                found = self._durations[route] = ([0] * (len(BUCKETS) + 1), [0.0])
            counts, total = found
            counts[bisect_left(BUCKETS, seconds)] += 1
            total[0] += seconds

    def requests(self) -> Mapping[Kind, int]:
        """Return how many there were of each kind."""
        with self._lock:
            return dict(self._requests)

    def durations(self) -> Mapping[str, Durations]:
        """Return how long those of each route took."""
        with self._lock:
            return {route: Durations(tuple(counts), total[0]) for route, (counts, total) in self._durations.items()}
