"""Forward a call to the store's REST API with the connection's access token."""

from __future__ import annotations

from companion.core.answers import NoAnswer, StreamedAnswer, error_from
from companion.core.audit_actions import AuditAction
from companion.core.request_body import NO_BODY, RequestBody
from companion.core.rest_paths import checked_rest_path, is_passed_on
from companion.service.audit import used
from companion.service.parts import Parts
from companion.service.storefront_token import opened_access_token


def forward_rest(
    parts: Parts, connection_id: str, method: str, path: str, *, query: str = "", body: RequestBody = NO_BODY
) -> StreamedAnswer:
    """Send a call to the connection's store and return BigCommerce's answer, whatever its status.

    Args:
        path: below the store, decoded once, such as `v3/catalog/products`.

    Returns:
        The answer, with those of its headers that concern a caller.

    Raises:
        InvalidPath: the path could lead elsewhere.
        NotFound, WrongWorld: nothing was sent.
        BigCommerceUnreachable: there is no answer.
    """
    sent_path = checked_rest_path(path)
    stored = parts.repository.get_with_secrets(connection_id)
    connection = stored.connection
    parts.check_world(connection)
    # The query may hold what a caller would not want kept; the path says enough.
    with used(parts, AuditAction.REST, connection, f"{method} {sent_path}") as use:
        access_token = opened_access_token(parts, stored)
        answer = parts.bigcommerce.forward(
            connection.store_hash, access_token, method, sent_path, query=query, body=body
        )
        if isinstance(answer, NoAnswer):
            raise error_from(answer, "answer the call")
        use.outcome = str(answer.status)
    headers = {name: value for name, value in answer.headers.items() if is_passed_on(name)}
    return StreamedAnswer(answer.status, headers, answer.parts, answer.close)
