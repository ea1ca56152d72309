"""What `companion exec` hands to a program, opened by the user who owns the data folder."""

from __future__ import annotations

from companion.core.audit_actions import AuditAction
from companion.core.child_environment import ACCESS_TOKEN, STOREFRONT_TOKEN, ChildValues
from companion.core.connection import AuthType, Connection
from companion.core.errors import ReauthorizeNeeded
from companion.service.audit import used
from companion.service.find import connection_called
from companion.service.parts import Parts
from companion.service.storefront_token import carried_token, opened_access_token, private_token


def child_values(
    parts: Parts, name_or_id: str, wanted: frozenset[str], action: AuditAction = AuditAction.EXEC
) -> ChildValues:
    """Open what is wanted of a connection, and mint a private token where one is wanted and none is valid.

    A `token` connection gives its storefront token only where servers may use it.

    Args:
        action: what the use is recorded as.

    Raises:
        NotFound, WrongWorld: nothing was opened.
        Tampered, KeysUnavailable: a secret does not open.
        BigCommerceRefused, BigCommerceRejectedRequest, BigCommerceUnreachable: no private token could be minted.
    """
    connection = connection_called(parts, name_or_id)
    parts.check_world(connection)
    with used(parts, action, connection, ", ".join(sorted(wanted))):
        values = _opened(parts, connection, wanted)
    parts.noted.write()  # on the disk before a secret leaves
    return values


def _opened(parts: Parts, connection: Connection, wanted: frozenset[str]) -> ChildValues:
    stored = parts.repository.get_with_secrets(connection.id)
    access_token = opened_access_token(parts, stored) if ACCESS_TOKEN in wanted else None
    storefront_token = None
    if STOREFRONT_TOKEN in wanted:
        if connection.auth_type is AuthType.CUSTOM:
            storefront_token = private_token(parts, connection.id).token
        else:
            try:
                storefront_token = carried_token(parts, stored)
            except ReauthorizeNeeded:
                storefront_token = None  # left unset: what BigCommerce would refuse is not given
    return ChildValues(stored.connection, access_token, storefront_token)
