"""Revokes the private tokens that were minted for a connection and have no use any more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from companion.core.answers import NoAnswer
from companion.core.audit import Deed
from companion.core.audit_actions import AuditAction
from companion.core.connection import Connection, serves_alike
from companion.core.errors import CompanionError
from companion.core.exports import ExportedToken
from companion.core.secret import Secret
from companion.ports.connections import SecretField, StoredConnection
from companion.service.audit import teller
from companion.service.parts import Parts
from companion.service.storefront_token import kept_token, opened_access_token


class Revoking:
    """The tokens that were minted for a connection as it was: the one that is kept, and those in files.

    Made before the connection is changed, since they may go with the change.
    """

    def __init__(self, parts: Parts, before: StoredConnection) -> None:
        self._parts = parts
        self._before = before
        self._exported: Sequence[ExportedToken] = parts.repository.exported_tokens(before.connection.id)

    def revoke_unless_alike(self, now: Connection) -> int:
        """Revoke them unless the connection, as it is now, is for the same store, channel and scopes; see `revoke`."""
        return 0 if serves_alike(self._before.connection, now) else self.revoke()

    def revoke(self) -> int:
        """Revoke them, each by itself, and return how many BigCommerce took.

        It is an offer, not a promise: BigCommerce limits revocations and may be out of reach, and the tokens end by
        themselves. So nothing that fails here stops what it comes after; and where there is no answer, no other is
        tried.
        """
        connection, parts = self._before.connection, self._parts
        if connection.world is not parts.world:
            return 0
        tokens = list(self._living(parts.clock()))
        taken = 0
        try:
            access_token = opened_access_token(parts, self._before) if tokens else None
        except CompanionError:
            access_token = None
        if access_token is None:
            return 0
        for token in tokens:
            answer = parts.bigcommerce.revoke_storefront_token(connection.store_hash, access_token, token)
            if isinstance(answer, NoAnswer):
                break
            taken += answer.ok
        detail = f"{taken} of {len(tokens)} storefront tokens"
        deed = Deed(AuditAction.REVOKE_TOKENS, connection.id, connection.name, detail=detail)
        parts.noted.note(teller(parts.clock, deed))
        return taken

    def _living(self, now: datetime) -> Iterator[Secret]:
        kept = None
        try:
            kept = kept_token(self._parts, self._before)
        except CompanionError:
            return  # the keys cannot be reached
        if kept is not None and kept.expires_at > now:
            yield kept.token
        connection = self._before.connection
        for each in self._exported:
            if each.expires_at <= now:
                continue
            try:
                yield self._parts.vault.open(
                    connection.id, SecretField.EXPORTED_STOREFRONT_TOKEN, connection.store_hash, each.envelope
                )
            except CompanionError:
                continue  # it ends by itself
