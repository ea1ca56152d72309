"""Who could not say who it is: recorded, and however often it is tried, at most once a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from companion.core.audit import Deed, Told
from companion.core.audit_actions import AuditAction
from companion.core.errors import NotAuthorized
from companion.ports.clock import Clock

APART = timedelta(minutes=1)
NOBODY = "nobody"


class Refusals:
    """Counts refused credentials of one kind; safe to share between threads.

    The first is recorded at once; those within a minute of it are counted, and recorded as one: who holds no
    credential must not be able to fill the disk with the record of it.

    Args:
        note: takes what is to be recorded.
        action: what they were for.
        kind: what they are called, such as `token`.
    """

    def __init__(self, clock: Clock, note: Callable[[Told], object], action: AuditAction, kind: str) -> None:
        self._clock = clock
        self._note = note
        self._action = action
        self._kind = kind
        self._lock = threading.Lock()
        self._last: datetime | None = None
        self._counted = 0

    def count(self) -> None:
        """Count one that was refused just now."""
        with self._lock:
            now = self._clock()
            self._counted += 1
            if self._last is None or abs(now - self._last) >= APART:  # a clock may be set back
                self._tell(now)

    def flush(self) -> None:
        """Record what was only counted so far."""
        with self._lock:
            if self._counted:
                self._tell(self._clock())

    def _tell(self, now: datetime) -> None:
        one, many = f"a {self._kind} that is not known", f"{self._counted} {self._kind}s that are not known"
        detail = one if self._counted == 1 else many
        if self._counted > 1 and self._last is not None:
            detail += f", since {self._last:%Y-%m-%d %H:%M:%S} UTC"
        self._note(Told(Deed(self._action, outcome=NotAuthorized.code, detail=detail), NOBODY, now))
        self._last, self._counted = now, 0
