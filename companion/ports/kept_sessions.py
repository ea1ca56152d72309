"""The port to the browser sessions that were kept for users."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from companion.core.connection import World


@dataclass(frozen=True)
class KeptSession:
    """A browser session that was kept for a user.

    Attributes:
        user: `hash_of_user` of the e-mail address; 32 bytes.
        world: where the user signed in.
        connection_id: of the connection it was kept with, whose deletion deletes it.
        ends_at: when it is used no more; aware, UTC.
        envelope: the sealed session.
    """

    user: bytes
    world: World
    connection_id: str
    ends_at: datetime
    envelope: bytes


class SessionRepository(Protocol):
    """Kept browser sessions. Every method raises `StorageFailed` where the storage cannot be read or written."""

    def put_session(self, session: KeptSession) -> None:
        """Store a session in place of the one that its user has in its world. Raises `NotFound`: no such connection."""
        ...

    def sessions(self, world: World) -> tuple[KeptSession, ...]:
        """Return the sessions of one world, expired ones too."""
        ...

    def used_session(self, session: KeptSession) -> None:
        """Record that a session is used. Raises `NotFound`: its connection is gone, and it with it."""
        ...

    def drop_session(self, user: bytes, world: World) -> None:
        """Delete one session, if it is there."""
        ...

    def drop_sessions(self) -> int:
        """Delete the sessions of both worlds; returns how many there were."""
        ...
