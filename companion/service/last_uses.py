"""When a tool's API token was last used: noted at once, written in groups about a second apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from companion.service.in_groups import InGroups


class LastUses:
    """Collects times of use; safe to share between threads.

    Args:
        store: writes the newest time of each id; may raise `StorageFailed`, after which the group is tried again.
    """

    def __init__(self, store: Callable[[Mapping[str, datetime]], object]) -> None:
        self._groups: InGroups[tuple[str, datetime]] = InGroups(
            lambda group: store(dict(group)), shorten=lambda group: list(dict(group).items())
        )

    def note(self, token_id: str, now: datetime) -> None:
        """Note a use; it is written within about a second, or by the next `write`."""
        self._groups.note((token_id, now))

    def write(self) -> None:
        """Write what waits. Raises `StorageFailed`; what could not be written waits on."""
        self._groups.write()
