"""What need not be on the disk before an answer: noted at once, written in groups about a second apart.

A request must not wait for the disk because of it. What a kill can lose is the last second of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Generic, TypeVar

from companion.core.errors import CompanionError

SECONDS_APART = 1.0

T = TypeVar("T")


class InGroups(Generic[T]):
    """Collects things, and hands them to `store` a group at a time; safe to share between threads.

    While `store` fails, what is noted waits in memory. `shorten` bounds that; `why_full` lets those be stopped whose
    things it would cut off.

    Args:
        store: writes a group in its order; may raise a `CompanionError`, such as that the storage or the keys cannot be
            reached, after which the group is tried again.
        shorten: makes of what could not be written what is to wait on.
        most: how many may wait before `why_full` tells so.
    """

    def __init__(
        self,
        store: Callable[[Sequence[T]], object],
        *,
        shorten: Callable[[list[T]], list[T]] = lambda things: things,
        most: int | None = None,
    ) -> None:
        self._store = store
        self._shorten = shorten
        self._most = most
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: list[T] = []
        self._timer: threading.Timer | None = None
        self._failed: tuple[float, CompanionError] | None = None

    def note(self, thing: T) -> None:
        """Note a thing; it is written within about a second, or by the next `write`."""
        with self._lock:
            self._waiting.append(thing)
            if self._timer is None:
                self._timer = threading.Timer(SECONDS_APART, self._write_quietly)
                self._timer.daemon = True
                self._timer.start()

    def waiting(self) -> int:
        """Return how many things wait to be written."""
        with self._lock:
            return len(self._waiting)

    def why_full(self) -> CompanionError | None:
        """Return None where another thing may be noted, else why those that wait cannot be written.

        Where as many wait as may, writing is tried first, about once a second however many ask.
        """
        if self._most is None or len(self._waiting) < self._most:
            return None
        failed = self._failed
        if failed is not None and monotonic() - failed[0] < SECONDS_APART:
            return failed[1]
        try:
            self.write()
        except CompanionError as failure:
            return failure
        return None

    def write(self) -> None:
        """Write what waits. Raises what `store` raises; what could not be written waits on."""
        with self._writing:
            with self._lock:
                if self._timer is not None:
                    self._timer.cancel()
                group, self._waiting, self._timer = self._waiting, [], None
            if not group:
                return
            try:
                self._store(group)
            except CompanionError as failure:
                with self._lock:
                    self._waiting = self._shorten(group + self._waiting)
                    self._failed = monotonic(), failure
                raise
            self._failed = None

    def _write_quietly(self) -> None:
        try:
            self.write()
        except CompanionError:
            return  # the next one noted tries again; who asks for a list is told
