"""Kept browser sessions in the database."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select

from companion.core.audit import Deed
from companion.core.audit_actions import AuditAction
from companion.core.connection import World
from companion.core.envelope import session_associated_data
from companion.ports.kept_sessions import KeptSession
from companion.storage.audit import AuditStorage
from companion.storage.rows import get_connection
from companion.storage.sealed import Rewrap, stored_under
from companion.storage.tables import kept_sessions


class SessionStorage(AuditStorage):
    """A `SessionRepository`."""

    def put_session(self, session: KeptSession) -> None:
        """See `SessionRepository.put_session`."""

        def work(transaction: Transaction) -> None:
            connection = get_connection(transaction, session.connection_id)
            _put_session(transaction, session, self._folder_id(transaction), self._rewrap)
            self._record_of(transaction, AuditAction.KEEP_SESSION, connection)

        self._write(work)

    def sessions(self, world: World) -> tuple[KeptSession, ...]:
        """See `SessionRepository.sessions`."""
        return self._read(lambda transaction: _sessions_in(transaction, world))

    def used_session(self, session: KeptSession) -> None:
        """See `SessionRepository.used_session`."""

        def work(transaction: Transaction) -> None:
            self._record_of(transaction, AuditAction.USE_SESSION, get_connection(transaction, session.connection_id))

        self._write(work)

    def drop_session(self, user: bytes, world: World) -> None:
        """See `SessionRepository.drop_session`."""

        def work(transaction: Transaction) -> None:
            if _delete_session(transaction, user, world):
                self._record(transaction, Deed(AuditAction.DROP_SESSION))

        self._write(work)

    def drop_sessions(self) -> int:
        """See `SessionRepository.drop_sessions`."""
        return self._write(_delete_sessions)


def _put_session(transaction: Transaction, session: KeptSession, folder_id: str, rewrap: Rewrap | None) -> None:
    """Write a session in place of the one its user has in this world. Raises as `stored_under`."""
    _delete_session(transaction, session.user, session.world)
    bound = session_associated_data(
        folder_id=folder_id,
        user=session.user,
        world=session.world,
        connection_id=session.connection_id,
        ends_at=session.ends_at.isoformat(),
    )
    key_id, envelope = stored_under(transaction, session.envelope, bound, rewrap)
    transaction.execute(
        insert(kept_sessions).values(
            user=session.user,
            world=session.world.value,
            connection_id=session.connection_id,
            ends_at=session.ends_at,
            key_id=key_id,
            envelope=envelope,
        )
    )


def _sessions_in(transaction: Transaction, world: World) -> tuple[KeptSession, ...]:
    """Return the sessions of one world, expired ones too."""
    rows = transaction.execute(select(kept_sessions).where(kept_sessions.c.world == world.value)).mappings()
    return tuple(
        KeptSession(
            bytes(row["user"]), World(row["world"]), row["connection_id"], row["ends_at"], bytes(row["envelope"])
        )
        for row in rows
    )


def _delete_session(transaction: Transaction, user: bytes, world: World) -> bool:
    """Delete one session; returns whether it was there."""
    one = delete(kept_sessions).where(kept_sessions.c.user == user, kept_sessions.c.world == world.value)
    return transaction.execute(one).rowcount > 0


def _delete_sessions(transaction: Transaction) -> int:
    """Delete all sessions of both worlds; returns how many there were."""
    return transaction.execute(delete(kept_sessions)).rowcount
