"""Brings what SQLite's log holds into its file, beside those who write.

SQLite lets the commit that makes the log too long do that itself, and whoever waits for this commit waits for a
thousand pages more. Here a thread does most of it beforehand, while others go on to write.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

_WRITES_APART = 32  # each of about a dozen pages, and SQLite's own limit is a thousand


class Checkpoints:
    """Counts what is written, and brings it over now and then; safe to share between threads."""

    def __init__(self, file: Path) -> None:
        """Take the database file; nothing is opened yet."""
        self._file = file
        self._changed = threading.Condition()
        self._written = 0
        self._ended = False
        self._thread: threading.Thread | None = None

    def count(self) -> None:
        """Count one write that is on the disk."""
        with self._changed:
            self._written += 1
            if self._written < _WRITES_APART or self._ended:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="companion-checkpoints", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """End; what the log still holds goes with the last connection."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while self._is_due():
            try:
                with closing(sqlite3.connect(self._file)) as connection:
                    connection.execute("PRAGMA synchronous = FULL")
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").close()
            except sqlite3.Error:
                continue  # a full disk, or another that is at it; the next one brings more over

    def _is_due(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._written >= _WRITES_APART)
            self._written = 0
            return not self._ended
