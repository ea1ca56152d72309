"""The subdomain of a store whose storefront opened on another host, without guessing.

A storefront on a domain of its own, or on the store's permanent name, does not show the subdomain. The store itself
does: GraphQL Storefront gives its vanity address, asked through the companion service, which mints the token for it.
Where that is a domain of its own too, nothing public tells the subdomain, and the permanent name goes on serving.
Whether a subdomain belongs to the store is proven by the verification that follows.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from automation.jobs.hand_over import UNKNOWN_YET
from companion.core.errors import BigCommerceRefused, CompanionError
from companion.core.vanity_address import VANITY_QUERY, subdomain_from_answer

if TYPE_CHECKING:
    from automation.core.request import Captured
    from automation.jobs.hand_over import HandOver
    from automation.ports import RetrievalService
    from companion.client import ConnectionDocument


def with_subdomain(
    client: RetrievalService, hand_over: HandOver, captured: Captured, connection: ConnectionDocument
) -> ConnectionDocument:
    """Return the connection with the subdomain its store tells; as it is where the store tells none.

    A store that does not answer now is no reason to fail: the permanent name leads to it as well.
    """
    try:
        answer = _answer(client, connection["id"])
        subdomain = subdomain_from_answer(answer)
        if subdomain is None:
            return connection
        return hand_over.correct(captured, connection, subdomain=subdomain)
    except CompanionError:
        return connection


def _answer(client: RetrievalService, connection_id: str) -> dict[str, Any]:
    """Ask the store; a token that was just made may not be known yet."""
    for seconds in UNKNOWN_YET:
        try:
            return client.graphql(connection_id, VANITY_QUERY)
        except BigCommerceRefused:
            time.sleep(seconds)
    return client.graphql(connection_id, VANITY_QUERY)
