"""What a connection becomes by reauthorizing it: private tokens, other scopes, another channel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from companion.core.connection import AuthType, Connection, checked_storefront_scopes
from companion.core.store_urls import checked_channel_id


def reauthorized(
    connection: Connection, *, scopes: Iterable[str] | None = None, channel_id: int | None = None
) -> Connection:
    """Return the connection with auth type `custom` and these scopes and channel; itself where that is what it is.

    What is None stays as it is; a `token` connection, which has no scopes, gets the default ones.

    Raises:
        InvalidInput: no such scope, or no channel ID; points at `/scopes` or `/channel_id`.
    """
    kept = connection.scopes if connection.auth_type is AuthType.CUSTOM else None
    wanted = replace(
        connection,
        auth_type=AuthType.CUSTOM,
        scopes=checked_storefront_scopes(AuthType.CUSTOM, kept if scopes is None else scopes),
        channel_id=connection.channel_id if channel_id is None else checked_channel_id(channel_id),
    )
    return connection if wanted == connection else replace(wanted, storefront_token_set=False)
