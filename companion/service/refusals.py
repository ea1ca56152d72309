"""Who could not say who it is: recorded, and however often it is tried, at most once a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from companion.core.audit import Deed, Told
from companion.core.audit_actions import AuditAction
from companion.ports.clock import Clock

APART = timedelta(minutes=1)
NOBODY = "nobody"


class Refusals:
    """Counts refused credentials; safe to share between threads.

    The first is recorded at once; those within a minute of it are counted, and recorded as one.

    Args:
        note: takes what is to be recorded.
        outcome: what is recorded as the outcome.
    """

    def __init__(self, clock: Clock, note: Callable[[Told], object], outcome: str) -> None:
        self._clock = clock
        self._note = note
        self._outcome = outcome
        self._lock = threading.Lock()
        self._last: datetime | None = None
        self._counted = 0

    def count(self) -> None:
        """Count one that was refused just now."""
        with self._lock:
            now = self._clock()
            self._counted += 1
            if self._last is None or now - self._last >= APART:
                self._tell(now)

    def flush(self) -> None:
        """Record what was only counted so far."""
        with self._lock:
            if self._counted:
                self._tell(self._clock())

    def _tell(self, now: datetime) -> None:
        detail = "a token that is not known" if self._counted == 1 else f"{self._counted} tokens that are not known"
        if self._counted > 1 and self._last is not None:
            detail += f", since {self._last:%Y-%m-%d %H:%M:%S} UTC"
        self._note(Told(Deed(AuditAction.AUTHENTICATE, outcome=self._outcome, detail=detail), NOBODY, now))
        self._last, self._counted = now, 0
