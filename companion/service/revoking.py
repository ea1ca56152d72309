"""Revokes the private token that was minted for a connection and has no use any more."""

from __future__ import annotations

from companion.core.connection import Connection
from companion.core.errors import CompanionError
from companion.ports import StoredConnection
from companion.service.parts import Parts
from companion.service.storefront_token import kept_token, opened_access_token


def revoke_kept_token(parts: Parts, before: StoredConnection, now: Connection | None) -> bool:
    """Revoke the token that `before` had kept, unless `now` is for the same store, channel and scopes.

    It is an offer, not a promise: BigCommerce limits revocations and may be out of reach, and the token ends within a
    day by itself. So nothing that fails here stops what it comes after.

    Args:
        now: what the connection has become; None where it is deleted.

    Returns:
        Whether BigCommerce took it.
    """
    if before.connection.world is not parts.world or (now is not None and _serves_alike(before.connection, now)):
        return False
    try:
        kept = kept_token(parts, before)
        if kept is None or kept.expires_at <= parts.clock():
            return False
        access_token = opened_access_token(parts, before)
        answer = parts.bigcommerce.revoke_storefront_token(before.connection.store_hash, access_token, kept.token)
    except CompanionError:
        return False
    return getattr(answer, "ok", False) is True


def _serves_alike(one: Connection, other: Connection) -> bool:
    return all(
        getattr(one, name) == getattr(other, name) for name in ("store_hash", "channel_id", "scopes", "auth_type")
    )
