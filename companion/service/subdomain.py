"""The subdomain of a store whose storefront opened on another host, asked from the store itself."""

from __future__ import annotations

from dataclasses import replace

from companion.core.connection import Connection
from companion.core.errors import CompanionError
from companion.core.vanity_address import VANITY_QUERY, subdomain_from_answer
from companion.service.graphql import run_graphql
from companion.service.parts import Parts

NOT_FOUND = "subdomain-not-found"
"""The code of the finding that a retrieval leaves where the permanent name stands in for the subdomain."""


def with_subdomain_looked_up(parts: Parts, connection: Connection) -> Connection:
    """Return the connection with the subdomain that its store tells, in place of the permanent name.

    It stays as it is where there is nothing to look up, or where the store tells nothing now: the permanent name leads
    to it as well.
    """
    if not any(each.code == NOT_FOUND for each in connection.findings):
        return connection
    try:
        subdomain = subdomain_from_answer(run_graphql(parts, connection.id, VANITY_QUERY, None))
        if subdomain is None:
            return connection
        stored = parts.repository.get_with_secrets(connection.id)
        # No secret is bound to the subdomain, so each stays sealed as it is.
        changed = replace(
            stored.connection,
            subdomain=subdomain,
            findings=tuple(each for each in stored.connection.findings if each.code != NOT_FOUND),
            updated_at=parts.clock(),
        )
        return parts.repository.replace(changed, stored.secrets, expected_revision=stored.connection.revision)
    except CompanionError:
        return connection
