"""The clock of this machine."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present time: aware, in UTC."""
    return datetime.now(UTC)
