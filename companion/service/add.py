"""Store a new connection."""

from __future__ import annotations

from companion.core.connection import Connection, Draft
from companion.core.ids import new_id
from companion.service.parts import Parts
from companion.service.sealing import connection_from_draft, sealed_secrets


def add_connection(parts: Parts, draft: Draft) -> Connection:
    """Seal and store the draft, unverified.

    Raises:
        NameTaken: another connection has the name, ignoring case.
        KeysUnavailable: the key-encryption key cannot be reached.
        StorageFailed: nothing was stored.
    """
    connection_id = new_id(parts.clock(), parts.entropy)
    connection = connection_from_draft(parts, connection_id, draft)
    return parts.repository.add(connection, sealed_secrets(parts, connection_id, draft))
