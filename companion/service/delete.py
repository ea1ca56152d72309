"""Delete a connection here."""

from __future__ import annotations

from companion.core.connection import Connection
from companion.service.parts import Parts
from companion.service.revoking import Revoking


def delete_connection(parts: Parts, connection_id: str, *, revision: int) -> Connection:
    """Delete the connection and its secrets, and return what it was; its API account at BigCommerce stays alive.

    The private tokens that were minted for it, for files too, are revoked where BigCommerce can be reached.

    Raises:
        NotFound, StaleRevision: nothing was deleted.
    """
    before = parts.repository.get_with_secrets(connection_id)
    revoking = Revoking(parts, before)
    deleted = parts.repository.delete(connection_id, expected_revision=revision)
    revoking.revoke()
    return deleted
