"""Browser sessions, sealed and kept for the next unattended run; the user who owns the data folder opens them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from companion.core.connection import World
from companion.core.envelope import open_envelope, seal_envelope, session_associated_data
from companion.core.errors import Tampered
from companion.core.secret import Secret
from companion.ports.clock import Clock
from companion.ports.kept_sessions import KeptSession, SessionRepository
from companion.service.vault import Vault

KEPT_FOR = timedelta(days=14)


@dataclass(frozen=True)
class KeptSessions:
    """The sessions of a data folder, as far as they are of `world`. No route of the API gives one away.

    Attributes:
        folder_id: the data folder's own id.
    """

    repository: SessionRepository
    vault: Vault
    folder_id: str
    clock: Clock
    world: World

    def keep(self, email: str | None, connection_id: str, session: Secret) -> datetime:
        """Seal and store a session in place of the one of its user; returns when it ends.

        Args:
            email: None where it is not known who signed in.
            connection_id: of the connection it goes with.

        Raises:
            NotFound: there is no such connection.
            KeysUnavailable: the key-encryption key cannot be reached.
        """
        ends_at = self.clock() + KEPT_FOR
        user = hash_of_user(email)
        envelope = seal_envelope(
            session.reveal().encode(),
            wrap=self.vault.keys.wrap,
            associated_data=self._bound(user, connection_id, ends_at),
            entropy=self.vault.entropy,
        )
        self.repository.put_session(KeptSession(user, self.world, connection_id, ends_at, envelope))
        return ends_at

    def find(self, email: str | None) -> Secret | None:
        """Return the session of a user, or without an address the only one there is; None where there is none.

        It is given to be used, and that is recorded. One that has ended, or does not open, is deleted.

        Raises:
            KeysUnavailable, WrongKey: it cannot be opened now.
            NotFound: its connection was deleted meanwhile.
            StorageFailed: its use could not be recorded.
        """
        now = self.clock()
        stored = self._stored(email)
        if stored is None:
            return None
        if now < stored.ends_at <= now + KEPT_FOR:
            bound = self._bound(stored.user, stored.connection_id, stored.ends_at)
            try:
                opened = open_envelope(stored.envelope, unwrap=self.vault.keys.unwrap, associated_data=bound)
            except Tampered:
                pass  # signing in anew is what helps
            else:
                self.repository.used_session(stored)
                return Secret(opened.decode())
        self.repository.drop_session(stored.user, self.world)
        return None

    def is_there(self, email: str | None) -> bool:
        """Say whether there is a session that `find` could give, without opening it: looking is no use of it."""
        stored = self._stored(email)
        return stored is not None and self.clock() < stored.ends_at

    def drop(self, email: str | None) -> None:
        """Delete the session that `find` returns, if there is one."""
        stored = self._stored(email)
        if stored is not None:
            self.repository.drop_session(stored.user, self.world)

    def _stored(self, email: str | None) -> KeptSession | None:
        there = self.repository.sessions(self.world)
        if email is None:
            return there[0] if len(there) == 1 else None
        return next((each for each in there if each.user == hash_of_user(email)), None)

    def _bound(self, user: bytes, connection_id: str, ends_at: datetime) -> bytes:
        return session_associated_data(
            folder_id=self.folder_id,
            user=user,
            world=self.world,
            connection_id=connection_id,
            ends_at=ends_at.isoformat(),
        )


def hash_of_user(email: str | None) -> bytes:
    """Return the 32 bytes by which a user's session is looked up: the database needs no list of addresses."""
    name = "" if email is None else email.strip().casefold()
    return hashlib.sha256(b"bigcommerce-companion user\0" + name.encode("utf-8", "surrogatepass")).digest()
