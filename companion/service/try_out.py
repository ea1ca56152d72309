"""Trying everything out with a simulated store: one at a time, ended by a button or with the service."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from companion.core.errors import Conflict
from companion.core.secret import Secret

if TYPE_CHECKING:
    from companion.ports.try_out import TryOutProcess, TryOutProcesses


class TryOut:
    """The try-out of this service; none of its connections and keys are this service's."""

    def __init__(self, processes: TryOutProcesses) -> None:
        self._processes = processes
        self._lock = threading.Lock()
        self._running: TryOutProcess | None = None
        self._closed = False

    @property
    def is_there(self) -> bool:
        """Whether one can be started here."""
        return self._processes.is_there

    @property
    def is_running(self) -> bool:
        """Whether one runs now."""
        running = self._running
        return running is not None and running.is_running

    def link(self) -> Secret:
        """Start one where none runs, and return a sign-in link to its page, good once.

        Raises:
            Conflict: the service is being stopped.
            StorageFailed: it cannot be started, or does not answer.
        """
        with self._lock:
            if self._closed:
                raise Conflict("The service is being stopped.", next_step="Start it again with `companion serve`.")
            if self._running is None or not self._running.is_running:
                self._running = self._processes.start()
            try:
                return self._running.link()
            except BaseException:
                self._running.end()
                self._running = None
                raise

    def end(self) -> None:
        """End the one that runs, with all that it made."""
        with self._lock:
            if self._running is not None:
                self._running.end()
                self._running = None

    def close(self) -> None:
        """End the one that runs, and start no more."""
        self._closed = True
        self.end()
