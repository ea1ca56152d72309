"""How long a batch will still take, from how fast its rows end of late; pure."""

from __future__ import annotations

from collections import deque

LOOKED_AT = 20
"""Rows whose pace counts: a batch that BigCommerce slows down is soon seen to be slower."""

FEWEST = 3
"""Rows before which nothing is said: the first ones wait for the sign-in."""


class TimeLeft:
    """Notes when rows end, and says when all will have ended.

    Rows that took no time, since an earlier run had done them, say nothing of the pace.

    Args:
        rows: how many there are.
    """

    def __init__(self, rows: int) -> None:
        self._left = rows
        self._ends: deque[float] = deque(maxlen=LOOKED_AT)
        self._began: float | None = None

    def begin(self, now: float) -> None:
        """Note that the first rows begin."""
        self._began = now

    def ended(self, now: float, *, took_time: bool) -> None:
        """Note that a row has ended.

        Args:
            now: seconds of a clock that only goes on.
            took_time: whether it took the time that others will take.
        """
        self._left -= 1
        if took_time:
            self._ends.append(now)

    def seconds(self, now: float) -> float | None:
        """Return how long it will still take; None where that is not known yet.

        While nothing ends, it grows: a batch that waits is not nearly done.
        """
        if self._left <= 0:
            return 0.0
        if len(self._ends) < FEWEST:
            return None
        # The first of those looked at has only ended the time before; where all are looked at, that began with the run.
        if self._began is not None and len(self._ends) < LOOKED_AT:
            since, counted = self._began, len(self._ends)
        else:
            since, counted = self._ends[0], len(self._ends) - 1
        return (now - since) / counted * self._left


def time_left_text(seconds: float | None) -> str:
    """Return it as a person says it, no more exact than it is known."""
    if seconds is None:
        return "time left: not known yet"
    if seconds < 90:
        return f"about {max(10, round(seconds / 10) * 10)} seconds left" if seconds > 0 else "done"
    if seconds < 90 * 60:
        return f"about {round(seconds / 60)} minutes left"
    return f"about {seconds / 3600:.1f} hours left"
