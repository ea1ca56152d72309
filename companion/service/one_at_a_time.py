"""Lets one caller mint and the others get what it minted, in this process and in every other on the same database."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from zlib import crc32

_FILES = 64
# Longer than one call of BigCommerce may take; who waits in vain goes on and mints one more, which harms nobody.
_LONGEST_WAIT = 90.0


class OneAtATime:
    """A lock a connection.

    Args:
        between_processes: a lock that other processes take too, by connection id; None for this process alone.
    """

    def __init__(self, between_processes: Callable[[str], AbstractContextManager[None]] | None = None) -> None:
        self._between_processes = between_processes or (lambda _: contextlib.nullcontext())
        self._lock = threading.Lock()
        self._holders: dict[str, tuple[threading.Lock, int]] = {}

    @contextmanager
    def of(self, connection_id: str) -> Iterator[None]:
        """Wait until nobody else is at this connection."""
        with self._lock:
            mine, waiting = self._holders.get(connection_id, (threading.Lock(), 0))
            self._holders[connection_id] = (mine, waiting + 1)
        try:
            with mine, self._between_processes(connection_id):
                yield
        finally:
            with self._lock:
                mine, waiting = self._holders.pop(connection_id)
                if waiting > 1:
                    self._holders[connection_id] = (mine, waiting - 1)


class FileLocks:
    """Locks between the processes of one data folder.

    Args:
        folder: where they lie, a few files that stay.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def of(self, connection_id: str) -> Iterator[None]:
        """Wait until no other process is at this connection."""
        from filelock import FileLock, Timeout

        lock = FileLock(self._folder / f"{crc32(connection_id.encode()) % _FILES:02}.lock", mode=0o600)
        # A folder that cannot be written is no reason not to mint.
        with contextlib.suppress(Timeout, OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            lock.acquire(timeout=_LONGEST_WAIT)
        try:
            yield
        finally:
            if lock.is_locked:
                lock.release()
