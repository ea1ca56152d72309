"""Delete a connection here."""

from __future__ import annotations

from companion.core.connection import Connection
from companion.service.parts import Parts
from companion.service.revoking import revoke_kept_token


def delete_connection(parts: Parts, connection_id: str, *, revision: int) -> Connection:
    """Delete the connection and its secrets, and return what it was; its API account at BigCommerce stays alive.

    The private token that was minted for it is revoked, where BigCommerce can be reached.

    Raises:
        NotFound, StaleRevision: nothing was deleted.
    """
    before = parts.repository.get_with_secrets(connection_id)
    deleted = parts.repository.delete(connection_id, expected_revision=revision)
    revoke_kept_token(parts, before, None)
    return deleted
