"""Replace the whole form of a connection, in place."""

from __future__ import annotations

from companion.core.connection import Connection, Draft
from companion.service.parts import Parts
from companion.service.sealing import connection_from_draft, sealed_secrets


def replace_connection(parts: Parts, connection_id: str, draft: Draft, *, revision: int) -> Connection:
    """Put the draft in place of what is stored; a minted storefront token goes with the old.

    Raises:
        NotFound, NameTaken, StaleRevision: nothing was changed.
        WrongWorld: it was made in the other world.
        KeysUnavailable: the key-encryption key cannot be reached.
    """
    parts.check_world(parts.repository.get(connection_id))
    connection = connection_from_draft(parts, connection_id, draft)
    secrets = sealed_secrets(parts, connection_id, draft)
    return parts.repository.replace(connection, secrets, expected_revision=revision)
