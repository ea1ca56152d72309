"""The lines inside a backup: connections as JSON, and back, with everything checked."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from companion.core.backup_file import FORMAT, NEWER, READABLE, damaged
from companion.core.connection import (
    ApiAccount,
    AuthType,
    Connection,
    Finding,
    Severity,
    Status,
    World,
)
from companion.core.ids import is_id

LEFT_OUT = (
    "browser sessions",
    "hand-over tickets",
    "API tokens",
    "cached storefront tokens",
)
"""What no backup holds: it is made anew, or asked for again."""


def first_line(*, made_at: datetime, version: str, folder_id: str) -> bytes:
    """Return the line with which a backup begins."""
    return _line({
        "kind": "backup", "format": FORMAT, "made_at": _moment(made_at), "version": version, "folder_id": folder_id,
    })  # fmt: skip


def last_line(connections: int, entries: int = 0) -> bytes:
    """Return the line that ends a backup; `entries` of all audit chains in it."""
    return _line({"kind": "end", "connections": connections, "audit_entries": entries})


@dataclass(frozen=True)
class Ending:
    """How many records a backup says that it holds."""

    connections: int
    entries: int


def beginning_of(record: Mapping[str, Any]) -> tuple[datetime, str]:
    """Return when a backup was made, and of which data folder. Raises `BackupDamaged`."""
    try:
        if record["format"] not in READABLE:
            raise damaged(NEWER)
        return _moment_of(str(record["made_at"])), str(record["folder_id"])
    except (KeyError, ValueError):
        raise damaged("Its first record cannot be read.") from None


def ending_of(record: Mapping[str, Any]) -> Ending:
    """Return what the last record says; the first format knows of no audit chain."""
    return Ending(record.get("connections", -1), record.get("audit_entries", 0))


def line_of(connection: Connection, secrets: Mapping[str, bytes]) -> bytes:
    """Return a connection as a line.

    Args:
        secrets: envelopes by field, their data keys under the backup's key.
    """
    account = connection.api_account
    return _line(
        {
            "kind": "connection",
            "id": connection.id,
            "name": connection.name,
            "subdomain": connection.subdomain,
            "auth_type": connection.auth_type.value,
            "store_hash": connection.store_hash,
            "channel_id": connection.channel_id,
            "scopes": list(connection.scopes),
            "tags": list(connection.tags),
            "api_account": None if account is None else {"name": account.name, "client_id": account.client_id},
            "oauth_scopes": None if connection.oauth_scopes is None else list(connection.oauth_scopes),
            "world": connection.world.value,
            "status": connection.status.value,
            "findings": [
                {"code": each.code, "message": each.message, "action": each.action, "severity": each.severity.value}
                for each in connection.findings
            ],
            "verified_at": None if connection.verified_at is None else _moment(connection.verified_at),
            "access_token_since": None
            if connection.access_token_since is None
            else _moment(connection.access_token_since),
            "created_at": _moment(connection.created_at),
            "updated_at": _moment(connection.updated_at),
            "revision": connection.revision,
            "secrets": {name: base64.b64encode(envelope).decode() for name, envelope in secrets.items()},
        }
    )


def record_of(line: bytes) -> dict[str, Any]:
    """Return a line's record. Raises `BackupDamaged`."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise damaged("It has a record that cannot be read.") from None
    if not isinstance(record, dict):
        raise damaged("It has a record that cannot be read.")
    return record


def connection_of(record: Mapping[str, Any]) -> tuple[Connection, dict[str, bytes]]:
    """Return the connection of a record, and its envelopes by field. Raises `BackupDamaged`."""
    try:
        since = record.get("access_token_since")  # the first backups say nothing of it
        account, verified_at, oauth_scopes = record["api_account"], record["verified_at"], record["oauth_scopes"]
        connection = Connection(
            id=record["id"],
            name=str(record["name"]),
            subdomain=str(record["subdomain"]),
            auth_type=AuthType(record["auth_type"]),
            store_hash=str(record["store_hash"]),
            channel_id=int(record["channel_id"]),
            scopes=_texts(record["scopes"]),
            tags=_texts(record["tags"]),
            api_account=None if account is None else ApiAccount(account["name"], account["client_id"]),
            oauth_scopes=None if oauth_scopes is None else _texts(oauth_scopes),
            world=World(record["world"]),
            status=Status(record["status"]),
            findings=tuple(
                Finding(each["code"], each["message"], each["action"], Severity(each["severity"]))
                for each in record["findings"]
            ),
            verified_at=None if verified_at is None else _moment_of(verified_at),
            created_at=_moment_of(record["created_at"]),
            updated_at=_moment_of(record["updated_at"]),
            revision=int(record["revision"]),
            access_token_since=None if since is None else _moment_of(since),
        )
        secrets = {str(name): base64.b64decode(text, validate=True) for name, text in record["secrets"].items()}
        sound = record["kind"] == "connection" and is_id(connection.id) and connection.revision >= 1
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        sound = False
    if not sound:
        raise damaged("It has a connection that this version cannot read.")
    return connection, secrets


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode()
