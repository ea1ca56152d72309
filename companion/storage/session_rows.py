"""Kept browser sessions as rows."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select

from companion.core.connection import World
from companion.core.envelope import session_associated_data
from companion.ports import KeptSession
from companion.storage.sealed import Rewrap, stored_under
from companion.storage.tables import kept_sessions


def put_session(transaction: Transaction, session: KeptSession, folder_id: str, rewrap: Rewrap | None) -> None:
    """Write a session in place of the one its user has in this world. Raises as `stored_under`."""
    delete_session(transaction, session.user, session.world)
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


def sessions_in(transaction: Transaction, world: World) -> tuple[KeptSession, ...]:
    """Return the sessions of one world, expired ones too."""
    rows = transaction.execute(select(kept_sessions).where(kept_sessions.c.world == world.value)).mappings()
    return tuple(
        KeptSession(
            bytes(row["user"]), World(row["world"]), row["connection_id"], row["ends_at"], bytes(row["envelope"])
        )
        for row in rows
    )


def delete_session(transaction: Transaction, user: bytes, world: World) -> bool:
    """Delete one session; returns whether it was there."""
    one = delete(kept_sessions).where(kept_sessions.c.user == user, kept_sessions.c.world == world.value)
    return transaction.execute(one).rowcount > 0


def delete_sessions(transaction: Transaction) -> int:
    """Delete all sessions of both worlds; returns how many there were."""
    return transaction.execute(delete(kept_sessions)).rowcount
