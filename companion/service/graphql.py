"""Forward a GraphQL query with the connection's storefront token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from companion.core.answers import Answer, NoAnswer, Observed, date_of, error_from, graphql_errors, is_graphql
from companion.core.audit_actions import AuditAction
from companion.core.connection import AuthType, Connection
from companion.core.errors import BigCommerceRefused, BigCommerceRejectedRequest
from companion.core.secret import Secret
from companion.core.standing import StorefrontAnswer, storefront, storefront_hosts
from companion.ports.connections import StoredConnection
from companion.service.audit import used
from companion.service.parts import Parts
from companion.service.storefront_token import carried_token, private_token, reauthorize_needed


def run_graphql(
    parts: Parts,
    connection_id: str,
    query: str,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
) -> dict[str, Any]:
    """Ask the channel's storefront; returns BigCommerce's answer, which may hold `errors`.

    A private token that has ended or is not known any more is minted anew, once.

    Raises:
        NotFound: no such connection.
        WrongWorld, ReauthorizeNeeded: it cannot be used here or from servers.
        BigCommerceRefused, BigCommerceRejectedRequest, BigCommerceUnreachable: there is no answer to give.
    """
    stored = parts.repository.get_with_secrets(connection_id)
    connection = stored.connection
    parts.check_world(connection)
    with used(parts, AuditAction.GRAPHQL, connection):
        return _reply(_answered(parts, stored, _Query(query, variables, operation_name)))


class _Query(NamedTuple):
    text: str
    variables: Mapping[str, Any] | None
    operation_name: str | None


def _answered(parts: Parts, stored: StoredConnection, query: _Query) -> Observed:
    connection = stored.connection
    if connection.auth_type is AuthType.TOKEN:
        observed = _ask(parts, connection, carried_token(parts, stored), query)
        if storefront(observed) is StorefrontAnswer.REFUSED:
            raise reauthorize_needed(connection, "BigCommerce refuses its storefront token.")
        return observed
    token = private_token(parts, connection.id).token
    observed = _ask(parts, connection, token, query)
    if storefront(observed) is not StorefrontAnswer.REFUSED:
        return observed
    renewed = private_token(parts, connection.id, unusable=token, not_before=date_of(observed)).token
    return _ask(parts, connection, renewed, query)


def _ask(parts: Parts, connection: Connection, token: Secret, query: _Query) -> Observed:
    """Ask host after host until one is the channel's: the subdomain may be another channel's, or lead elsewhere."""
    first: Observed | None = None
    for host in storefront_hosts(connection):
        observed = parts.bigcommerce.graphql(host, token, *query)
        elsewhere = isinstance(observed, NoAnswer) or storefront(observed) in {
            StorefrontAnswer.OTHER_CHANNEL,
            StorefrontAnswer.SILENT,
        }
        if _is_reply(observed) or not elsewhere:
            return observed
        first = first or observed
    return cast("Observed", first)


def _is_reply(observed: Observed) -> bool:
    if not isinstance(observed, Answer) or not is_graphql(observed) or observed.status not in {200, 400}:
        return False
    return storefront(observed) not in {
        StorefrontAnswer.OTHER_STORE,
        StorefrontAnswer.OTHER_CHANNEL,
        StorefrontAnswer.REFUSED,
    }


def _reply(observed: Observed) -> dict[str, Any]:
    if isinstance(observed, Answer) and _is_reply(observed):
        return cast("dict[str, Any]", observed.document)
    if isinstance(observed, Answer):
        said = " ".join(graphql_errors(observed))
        match storefront(observed):
            case StorefrontAnswer.OTHER_STORE:
                raise BigCommerceRejectedRequest(
                    "The query was not answered.",
                    why=f"{observed.host} belongs to another store than the connection.",
                    next_step="Correct the subdomain or the store hash; `companion verify NAME` tells more.",
                )
            case StorefrontAnswer.OTHER_CHANNEL:
                raise BigCommerceRejectedRequest(
                    "The query was not answered.",
                    why=f"{observed.host} belongs to another channel than the connection.",
                    next_step="Correct the channel ID; `companion verify NAME` tells more.",
                )
            case StorefrontAnswer.REFUSED:
                raise BigCommerceRefused(
                    "The query was not answered.",
                    why=f"BigCommerce refuses the storefront token: {said}" if said else "It refuses the token (401).",
                    next_step="Run `companion verify NAME`, which names what is wrong.",
                )
            case _:
                pass
    raise error_from(observed, "answer the query")
