"""Lets one caller mint and the others get what it minted, in this process and in every other of the data folder."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

_FILES = 64
# Longer than one call of BigCommerce may take; who waits in vain goes on and mints one more, which harms nobody.
_LONGEST_WAIT = 90.0


class OneAtATime:
    """A lock a connection.

    Args:
        folder: where the locks between processes lie, a few files that stay; None for this process alone.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
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

    @contextmanager
    def _between_processes(self, connection_id: str) -> Iterator[None]:
        if self._folder is None:
            yield
            return
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
