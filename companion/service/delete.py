"""Delete a connection here."""

from __future__ import annotations

from companion.core.connection import Connection
from companion.service.parts import Parts


def delete_connection(parts: Parts, connection_id: str, *, revision: int) -> Connection:
    """Delete the connection and its secrets, and return what it was; its API account at BigCommerce stays alive.

    Raises:
        NotFound, StaleRevision: nothing was deleted.
    """
    return parts.repository.delete(connection_id, expected_revision=revision)
