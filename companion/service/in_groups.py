"""What need not be on the disk before an answer: noted at once, written in groups about a second apart.

A request must not wait for the disk because of it. What a kill can lose is the last second of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from companion.core.errors import CompanionError

SECONDS_APART = 1.0

T = TypeVar("T")


class InGroups(Generic[T]):
    """Collects things, and hands them to `store` a group at a time; safe to share between threads.

    Args:
        store: writes a group in its order; may raise a `CompanionError`, such as that the storage or the keys cannot be
            reached, after which the group is tried again.
    """

    def __init__(self, store: Callable[[Sequence[T]], object]) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: list[T] = []
        self._timer: threading.Timer | None = None

    def note(self, thing: T) -> None:
        """Note a thing; it is written within about a second, or by the next `write`."""
        with self._lock:
            self._waiting.append(thing)
            if self._timer is None:
                self._timer = threading.Timer(SECONDS_APART, self._write_quietly)
                self._timer.daemon = True
                self._timer.start()

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
            except CompanionError:
                with self._lock:
                    self._waiting = group + self._waiting
                raise

    def _write_quietly(self) -> None:
        try:
            self.write()
        except CompanionError:
            return  # the next one noted tries again; who asks for a list is told
