"""Makes of a checked draft what the repository keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from companion.core.connection import Connection, Draft, Status
from companion.core.errors import CompanionError
from companion.core.secret import Secret
from companion.ports.connections import SecretField, StoredConnection
from companion.service.parts import Parts


def connection_from_draft(parts: Parts, connection_id: str, draft: Draft) -> Connection:
    """Return the connection, unverified; the repository sets revision and creation time."""
    now = parts.clock()
    return Connection(
        id=connection_id,
        name=draft.name,
        subdomain=draft.subdomain,
        auth_type=draft.auth_type,
        store_hash=draft.store_hash,
        channel_id=draft.channel_id,
        scopes=draft.scopes,
        tags=draft.tags,
        api_account=draft.api_account,
        oauth_scopes=draft.oauth_scopes,
        world=parts.world,
        status=Status.UNVERIFIED,
        findings=draft.findings,
        verified_at=None,
        created_at=now,
        updated_at=now,
        revision=1,
        storefront_token_set=draft.storefront_token is not None,
        access_token_since=now,
    )


def with_its_age(parts: Parts, before: StoredConnection, connection: Connection, access_token: Secret) -> Connection:
    """Return `connection` with the age of its access token: that of `before`, where it is the same one."""
    try:
        same = parts.open_secret(before, SecretField.ACCESS_TOKEN) == access_token
    except CompanionError:  # one that does not open is replaced by this one
        same = False
    since = before.connection.access_token_since if same else parts.clock()
    return replace(connection, access_token_since=since)


def sealed_secrets(parts: Parts, connection_id: str, draft: Draft) -> Mapping[SecretField, bytes]:
    """Seal the draft's secrets for their places.

    Raises:
        KeysUnavailable: the key-encryption key cannot be reached.
    """
    given = {SecretField.ACCESS_TOKEN: draft.access_token, SecretField.STOREFRONT_TOKEN: draft.storefront_token}
    return {
        field: parts.vault.seal(connection_id, field, draft.store_hash, secret)
        for field, secret in given.items()
        if secret is not None
    }


def canonical_content(draft: Draft) -> bytes:
    """Return one spelling of everything in the draft, secrets included: what a hand-over is recognised by."""
    storefront_token = draft.storefront_token or Secret("")
    account = draft.api_account
    content = [
        draft.name,
        draft.subdomain,
        draft.auth_type,
        draft.store_hash,
        draft.channel_id,
        list(draft.scopes),
        list(draft.tags),
        [account.name, account.client_id] if account else None,
        list(draft.oauth_scopes) if draft.oauth_scopes is not None else None,
        [[finding.code, finding.message, finding.action] for finding in draft.findings],
        draft.access_token.reveal(),
        storefront_token.reveal(),
    ]
    return json.dumps(content).encode()
