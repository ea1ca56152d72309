"""Reauthorize a connection in place: the new is proven before the old goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from companion.core.audit_actions import AuditAction
from companion.core.connection import Connection, checked_access_token
from companion.core.reauthorization import reauthorized
from companion.core.secret import Secret
from companion.ports.connections import SecretField
from companion.service.audit import attempted
from companion.service.parts import Parts
from companion.service.revoking import Revoking
from companion.service.sealing import with_its_age
from companion.service.storefront_token import opened_access_token
from companion.service.verify import proven_connection


def reauthorize_connection(
    parts: Parts,
    connection_id: str,
    *,
    scopes: Sequence[str] | None = None,
    channel_id: int | None = None,
    access_token: Secret | None = None,
) -> Connection:
    """Turn the connection to private tokens, or to other scopes or another channel; same id, nothing to do twice.

    The private tokens that were minted for it before are revoked, those in files too.

    With the stored access token where no other is given: both families of storefront tokens need the same OAuth scope
    (Storefront tokens, read 2026-04).

    Args:
        access_token: takes the place of the stored one; whose API account it is is not known then.

    Returns:
        What is stored now, verified. Where it was all that already and no access token is given: the same, unchanged.

    Raises:
        InvalidInput: a field does not fit.
        NotFound, WrongWorld: nothing was sent.
        NotProven, BigCommerceUnreachable: nothing was changed.
        StaleRevision: it was changed meanwhile; nothing was changed here.
    """
    stored = parts.repository.get_with_secrets(connection_id)
    connection = stored.connection
    parts.check_world(connection)
    wanted = reauthorized(connection, scopes=scopes, channel_id=channel_id)
    if access_token is None and wanted == connection:
        return connection
    if access_token is None:
        token = opened_access_token(parts, stored)
    else:
        token = checked_access_token(access_token)
        wanted = replace(wanted, api_account=None, oauth_scopes=None)
    wanted = with_its_age(parts, stored, replace(wanted, updated_at=parts.clock()), token)
    with attempted(parts, AuditAction.REAUTHORIZE, connection):
        proven = proven_connection(parts, wanted, token, None)
        sealed = parts.vault.seal(connection.id, SecretField.ACCESS_TOKEN, connection.store_hash, token)
        revoking = Revoking(parts, stored)
        replaced = parts.repository.replace(
            proven,
            {SecretField.ACCESS_TOKEN: sealed},
            expected_revision=connection.revision,
            action=AuditAction.REAUTHORIZE,
        )
    revoking.revoke()
    return replaced
