"""Replace the whole form of a connection, in place."""

from __future__ import annotations

from companion.core.connection import Connection, Draft
from companion.service.parts import Parts
from companion.service.revoking import Revoking
from companion.service.sealing import connection_from_draft, sealed_secrets, with_its_age
from companion.service.verify import working_connection


def replace_connection(
    parts: Parts, connection_id: str, draft: Draft, *, revision: int, prove: bool = False
) -> Connection:
    """Put the draft in place of what is stored; a minted storefront token goes with the old.

    It, and those that were minted for files, are revoked where they are for another store, channel or scopes than the
    connection is now.

    Args:
        prove: try it first, and leave what is stored as it is where the new would be broken.

    Raises:
        NotProven, BigCommerceUnreachable: with `prove`; nothing was changed.
        NotFound, NameTaken, StaleRevision: nothing was changed.
        WrongWorld: it was made in the other world.
        KeysUnavailable: the key-encryption key cannot be reached.
    """
    before = parts.repository.get_with_secrets(connection_id)
    parts.check_world(before.connection)
    connection = connection_from_draft(parts, connection_id, draft)
    connection = with_its_age(parts, before, connection, draft.access_token)
    if prove:
        connection = working_connection(parts, connection, draft.access_token, draft.storefront_token)
    secrets = sealed_secrets(parts, connection_id, draft)
    revoking = Revoking(parts, before)
    replaced = parts.repository.replace(connection, secrets, expected_revision=revision)
    revoking.revoke_unless_alike(replaced)
    return replaced
