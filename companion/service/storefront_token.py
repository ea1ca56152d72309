"""A private token that is valid now: from the sealed cache, or minted."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from companion.core.answers import Minted, error_from
from companion.core.audit_actions import AuditAction
from companion.core.connection import AuthType, Connection
from companion.core.errors import InvalidInput, ReauthorizeNeeded, StaleRevision, Tampered
from companion.core.secret import Secret
from companion.core.storefront_token import (
    ServerUse,
    TokenClaims,
    checked_origins,
    claims_from_token,
    is_due,
    refused_origins,
    renewal_margin,
    server_use,
)
from companion.ports.connections import SecretField, StoredConnection
from companion.service.audit import used
from companion.service.opened_tokens import StorefrontToken
from companion.service.parts import Parts

LIFE = timedelta(hours=24)
"""How long a private token lives that is minted for use."""

_TRIES = 3


def private_token(
    parts: Parts,
    connection_id: str,
    *,
    stored: StoredConnection | None = None,
    unusable: Secret | None = None,
    not_before: datetime | None = None,
) -> StorefrontToken:
    """Return a private token with the connection's scopes and channel, minted if none is kept or it is due.

    Args:
        stored: the connection, where it was read a moment ago.
        unusable: a token that BigCommerce has just refused; it is not given again.
        not_before: BigCommerce's clock, where it is known; a clock of ours that is behind would mint expired tokens.

    Raises:
        ReauthorizeNeeded: the auth type is `token`.
        WrongWorld: made in the other world.
        BigCommerceRefused, BigCommerceRejectedRequest, BigCommerceUnreachable: none could be minted.
    """
    kept = _serving(parts, stored or parts.repository.get_with_secrets(connection_id), unusable)
    if kept is not None:
        return kept
    for attempt in range(_TRIES):
        with parts.minting.of(connection_id):
            # Looked up once more: who held this before may have minted it.
            stored = parts.repository.get_with_secrets(connection_id)
            connection = stored.connection
            kept = _serving(parts, stored, unusable)
            if kept is not None:
                return kept
            minted = _mint(parts, stored, max(parts.clock(), not_before or parts.clock()), LIFE)
            envelope = parts.vault.seal(
                connection.id, SecretField.MINTED_STOREFRONT_TOKEN, connection.store_hash, _as_text(minted)
            )
            try:
                parts.repository.put_secret(
                    connection.id,
                    SecretField.MINTED_STOREFRONT_TOKEN,
                    envelope,
                    expected_revision=connection.revision,
                )
            except StaleRevision:
                # The form was changed while we minted: what was minted is for the old one.
                if attempt == _TRIES - 1:
                    raise
                continue
            return minted
    raise AssertionError("unreachable: the last try returns or raises")


def _serving(parts: Parts, stored: StoredConnection, unusable: Secret | None) -> StorefrontToken | None:
    """Return the token that is kept, if it serves. Raises `WrongWorld` and `ReauthorizeNeeded` as `private_token`."""
    connection = stored.connection
    parts.check_world(connection)
    if connection.auth_type is AuthType.TOKEN:
        raise reauthorize_needed(connection, "Auth type `token` has no private tokens.")
    kept = kept_token(parts, stored)
    return kept if kept is not None and kept.token != unusable and _serves(kept, connection, parts.clock()) else None


def separate_token(parts: Parts, connection_id: str, life: timedelta) -> StorefrontToken:
    """Mint a private token that lives for `life`, beside the one that is kept; for a file that outlives this run.

    Raises:
        ReauthorizeNeeded, WrongWorld, BigCommerceRefused, BigCommerceRejectedRequest, BigCommerceUnreachable: as
            `private_token`.
    """
    stored = parts.repository.get_with_secrets(connection_id)
    parts.check_world(stored.connection)
    if stored.connection.auth_type is AuthType.TOKEN:
        raise reauthorize_needed(stored.connection, "Auth type `token` has no private tokens.")
    return _mint(parts, stored, parts.clock(), life)


def given_private_token(parts: Parts, connection_id: str) -> StorefrontToken:
    """Return `private_token` for a caller to keep, and note that it was given. Raises as that does."""
    stored = parts.repository.get_with_secrets(connection_id)
    with used(parts, AuditAction.STOREFRONT_TOKEN, stored.connection, "private"):
        return private_token(parts, connection_id, stored=stored)


def browser_token(parts: Parts, connection_id: str, allowed_cors_origins: Sequence[str]) -> StorefrontToken:
    """Mint a storefront token of the older kind for browsers on these origins; it is no secret, and is not kept.

    Args:
        allowed_cors_origins: one or two, as `checked_origins` takes them.

    Raises:
        InvalidInput: an origin is none, or the auth type is `custom`; points at `/allowed_cors_origins`.
        WrongWorld: made in the other world.
        BigCommerceRefused, BigCommerceRejectedRequest, BigCommerceUnreachable: none could be minted.
    """
    stored = parts.repository.get_with_secrets(connection_id)
    connection = stored.connection
    parts.check_world(connection)
    origins = checked_origins(allowed_cors_origins)
    if connection.auth_type is not AuthType.TOKEN:
        raise refused_origins("Private tokens are for servers and name no origins; leave them out.")
    now = parts.clock()
    expires_at = (now + LIFE).replace(microsecond=0)
    with used(parts, AuditAction.STOREFRONT_TOKEN, connection, "for browsers"):
        minted = parts.bigcommerce.mint_storefront_token(
            connection.store_hash,
            opened_access_token(parts, stored),
            channel_id=connection.channel_id,
            allowed_cors_origins=origins,
            expires_at=int(expires_at.timestamp()),
        )
        if not isinstance(minted, Minted):
            raise error_from(minted, "mint a storefront token")
    return StorefrontToken(minted.token, now, _end_by_its_own_words(minted, expires_at), connection.channel_id, ())


def opened_access_token(parts: Parts, stored: StoredConnection) -> Secret:
    """Return the access token of a connection.

    Raises:
        Tampered: it does not open, or is missing.
        KeysUnavailable: the key-encryption key cannot be reached.
    """
    access_token = parts.open_secret(stored, SecretField.ACCESS_TOKEN)
    if access_token is None:
        raise Tampered(
            f"The access token of the connection {stored.connection.name!r} is missing from the database.",
            next_step="Enter it again with `companion edit NAME --access-token-stdin`.",
        )
    return access_token


def carried_token(parts: Parts, stored: StoredConnection) -> Secret:
    """Return the storefront token that a `token` connection carries, if servers may use it now.

    Raises:
        ReauthorizeNeeded: it carries none, or one that does not work from servers (any more).
    """
    connection = stored.connection
    token = parts.open_secret(stored, SecretField.STOREFRONT_TOKEN)
    if token is None:
        raise reauthorize_needed(connection, "It carries no storefront token.")
    match carried_token_use(token, parts.clock()):
        case ServerUse.UNTIL_END:
            return token
        case ServerUse.ENDED:
            raise reauthorize_needed(connection, "Its kind of storefront token ended for servers with 2027-03-31.")
        case ServerUse.EXPIRED:
            raise reauthorize_needed(connection, "Its storefront token has expired.")
        case ServerUse.BROWSERS_ONLY:
            raise reauthorize_needed(connection, "Storefront tokens created after 2026-06-30 work in browsers only.")


def carried_token_use(token: Secret, now: datetime) -> ServerUse:
    """Say what the storefront token of a `token` connection is good for; one that cannot be read counts as later."""
    try:
        return server_use(claims_from_token(token), now)
    except InvalidInput:
        return ServerUse.BROWSERS_ONLY


def reauthorize_needed(connection: Connection, why: str) -> ReauthorizeNeeded:
    """Return the error for a `token` connection that cannot be used from servers."""
    return ReauthorizeNeeded(
        f"The connection {connection.name!r} has auth type `token` and cannot be used from servers.",
        why=why,
        next_step=f"Reauthorize it: `companion reauthorize {shlex.quote(connection.name)}`.",
    )


def _mint(parts: Parts, stored: StoredConnection, now: datetime, life: timedelta) -> StorefrontToken:
    connection = stored.connection
    access_token = opened_access_token(parts, stored)
    expires_at = (now + life).replace(microsecond=0)
    minted = parts.bigcommerce.mint_private_token(
        connection.store_hash,
        access_token,
        channel_id=connection.channel_id,
        scopes=connection.scopes,
        expires_at=int(expires_at.timestamp()),
    )
    if not isinstance(minted, Minted):
        raise error_from(minted, "mint a private token")
    return StorefrontToken(
        minted.token, parts.clock(), _end_by_its_own_words(minted, expires_at), connection.channel_id, connection.scopes
    )


def _end_by_its_own_words(minted: Minted, asked_for: datetime) -> datetime:
    try:
        told = claims_from_token(minted.token).expires_at
    except InvalidInput:  # its claims are not documented, so they may change
        told = None
    return min(told or asked_for, asked_for)


def _serves(kept: StorefrontToken, connection: Connection, now: datetime) -> bool:
    if kept.channel_id != connection.channel_id or kept.scopes != connection.scopes:
        return False
    life = TokenClaims((kept.channel_id,), store_id=None, issued_at=kept.minted_at, expires_at=kept.expires_at)
    return not is_due(life, now, renewal_margin(life))


def kept_token(parts: Parts, stored: StoredConnection) -> StorefrontToken | None:
    """Return the private token that is kept with a connection; None where there is none, or none that opens."""
    envelope = stored.secrets.get(SecretField.MINTED_STOREFRONT_TOKEN)
    if envelope is None:
        return None
    connection = stored.connection

    def opened() -> StorefrontToken:
        place = (connection.id, SecretField.MINTED_STOREFRONT_TOKEN, connection.store_hash)
        return _from_text(parts.vault.open(*place, envelope))

    try:
        return parts.opened.token(connection.id, connection.store_hash, envelope, opened)
    except (Tampered, ValueError, KeyError, TypeError):
        return None  # a cache that does not open is minted anew; the access token's own envelope is checked then


def _as_text(token: StorefrontToken) -> Secret:
    return Secret(
        json.dumps(
            {
                "token": token.token.reveal(),
                "minted_at": token.minted_at.timestamp(),
                "expires_at": token.expires_at.timestamp(),
                "channel_id": token.channel_id,
                "scopes": list(token.scopes),
            }
        )
    )


def _from_text(text: Secret) -> StorefrontToken:
    kept = json.loads(text.reveal())
    return StorefrontToken(
        token=Secret(kept["token"]),
        minted_at=datetime.fromtimestamp(kept["minted_at"], UTC),
        expires_at=datetime.fromtimestamp(kept["expires_at"], UTC),
        channel_id=int(kept["channel_id"]),
        scopes=tuple(kept["scopes"]),
    )
