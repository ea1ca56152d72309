"""A connection as a row, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping, bindparam, select

from companion.core.connection import (
    ApiAccount,
    AuthType,
    Connection,
    Finding,
    Severity,
    Status,
    World,
    name_key,
    search_key,
)
from companion.core.errors import NameTaken, NotFound
from companion.ports.connections import SecretField
from companion.storage.prepared import Made, Prepared
from companion.storage.tables import connections, sealed_secrets

SELECT_CONNECTIONS = select(
    connections,
    select(sealed_secrets.c.field)
    .where(
        sealed_secrets.c.connection_id == connections.c.id,
        sealed_secrets.c.field == SecretField.STOREFRONT_TOKEN.value,
    )
    .exists()
    .label("storefront_token_set"),
)

_WITH_ID = Prepared(SELECT_CONNECTIONS.where(connections.c.id == bindparam("id")))
_HOLDER_OF_NAME = Prepared(select(connections.c.id).where(connections.c.name_key == bindparam("name_key")))


def row_of(connection: Connection) -> dict[str, Any]:
    """Return the columns of a connection; secrets are kept apart."""
    account = connection.api_account
    key, looked_for = name_key(connection.name), search_key(connection.name)
    return {
        "id": connection.id,
        "name": connection.name,
        "name_key": key,
        "subdomain": connection.subdomain,
        "auth_type": connection.auth_type.value,
        "store_hash": connection.store_hash,
        "channel_id": connection.channel_id,
        "scopes": list(connection.scopes),
        "tags": list(connection.tags),
        "api_account_name": None if account is None else account.name,
        "api_account_client_id": None if account is None else account.client_id,
        "oauth_scopes": None if connection.oauth_scopes is None else list(connection.oauth_scopes),
        "world": connection.world.value,
        "status": connection.status.value,
        "findings": [
            {
                "code": finding.code,
                "message": finding.message,
                "action": finding.action,
                "severity": finding.severity.value,
            }
            for finding in connection.findings
        ],
        "verified_at": connection.verified_at,
        "created_at": connection.created_at,
        "updated_at": connection.updated_at,
        "revision": connection.revision,
        "access_token_since": connection.access_token_since,
        "search_key": None if looked_for == key else looked_for,
    }


def connection_of(row: Mapping[str, Any] | RowMapping) -> Connection:
    """Return what a row of `SELECT_CONNECTIONS` holds."""
    account = row["api_account_name"]
    oauth_scopes = row["oauth_scopes"]
    return Connection(
        id=row["id"],
        name=row["name"],
        subdomain=row["subdomain"],
        auth_type=AuthType(row["auth_type"]),
        store_hash=row["store_hash"],
        channel_id=row["channel_id"],
        scopes=tuple(row["scopes"]),
        tags=tuple(row["tags"]),
        api_account=None if account is None else ApiAccount(account, row["api_account_client_id"]),
        oauth_scopes=None if oauth_scopes is None else tuple(oauth_scopes),
        world=World(row["world"]),
        status=Status(row["status"]),
        findings=tuple(
            Finding(finding["code"], finding["message"], finding["action"], Severity(finding["severity"]))
            for finding in row["findings"]
        ),
        verified_at=row["verified_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        revision=row["revision"],
        access_token_since=row["access_token_since"],
        storefront_token_set=bool(row["storefront_token_set"]),
    )


CONNECTION = Made(connection_of)
"""What a row of `SELECT_CONNECTIONS` holds, as `Prepared` gives it."""


def get_connection(transaction: Transaction, connection_id: str) -> Connection:
    """Return a connection. Raises `NotFound`."""
    connection = _WITH_ID.first_made(transaction, CONNECTION, id=connection_id)
    if connection is None:
        raise no_such_connection()
    return connection


def no_such_connection() -> NotFound:
    """Return the error for a connection that is not there."""
    return NotFound(
        "There is no such connection.",
        why="It was deleted, or its name or id is another.",
        next_step="`companion list` shows the connections there are.",
    )


def refuse_taken_name(transaction: Transaction, name: str, *, except_id: str | None) -> None:
    """Raise `NameTaken` where a connection other than `except_id` has this name, ignoring case."""
    holder = _HOLDER_OF_NAME.first(transaction, name_key=name_key(name))
    if holder is not None and holder["id"] != except_id:
        raise NameTaken(name)
