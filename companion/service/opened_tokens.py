"""Private tokens that were opened a moment ago, for whoever asks for the same one again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from companion.core.secret import Secret

SECONDS_KEPT = 60.0
_MOST = 256


@dataclass(frozen=True)
class StorefrontToken:
    """A private token and what it was minted for.

    Attributes:
        expires_at: aware, UTC, whole seconds.
    """

    token: Secret
    minted_at: datetime
    expires_at: datetime
    channel_id: int
    scopes: tuple[str, ...]


class OpenedTokens:
    """Keeps what came out of an envelope in memory, for a minute at most; safe to share between threads.

    The caller reads the envelope from the database each time. One that lies elsewhere, or is not byte by byte what was
    opened, is opened anew.
    """

    def __init__(self, seconds: float = SECONDS_KEPT) -> None:
        """Begin with none; each is forgotten after so many seconds at the latest."""
        self._seconds = seconds
        self._lock = threading.Lock()
        self._opened: dict[tuple[str, str], tuple[bytes, StorefrontToken]] = {}
        self._timer: threading.Timer | None = None
        self._forgotten = 0  # how many times

    def token(
        self, connection_id: str, store_hash: str, envelope: bytes, opened: Callable[[], StorefrontToken]
    ) -> StorefrontToken:
        """Return what `opened` makes of the envelope, or made of it a moment ago; raises what that raises."""
        known = self._opened.get((connection_id, store_hash))
        if known is not None and known[0] == envelope:
            return known[1]
        before = self._forgotten
        token = opened()
        with self._lock:
            if before == self._forgotten:  # else the keys were locked meanwhile
                self._keep((connection_id, store_hash), (envelope, token))
        return token

    def forget(self) -> None:
        """Keep none of them any longer."""
        with self._lock:
            self._forgotten += 1
            self._opened.clear()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _keep(self, place: tuple[str, str], opened: tuple[bytes, StorefrontToken]) -> None:
        if len(self._opened) >= _MOST:
            self._opened.clear()
        self._opened[place] = opened
        if self._timer is None:
            self._timer = threading.Timer(self._seconds, self.forget)
            self._timer.daemon = True
            self._timer.start()
