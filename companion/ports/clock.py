"""What time it is."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """What time it is. `lambda: datetime.now(UTC)` is one."""

    def __call__(self) -> datetime:
        """Return the present time: aware, in UTC."""
        ...
