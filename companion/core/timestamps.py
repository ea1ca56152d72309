"""Moments as everything of ours that is JSON spells them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MOST_SET_BACK = timedelta(minutes=5)
"""What began further ahead than this began before the clock was set back, and has no known age any more.

Services that share a database differ by less, or `companion doctor` complains.
"""


def timestamp(moment: datetime) -> str:
    """Return RFC 3339 in UTC, ending in `Z`."""
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat()[:-6] + "Z"
