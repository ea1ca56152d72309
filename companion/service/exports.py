"""What `companion export` writes for another tool, opened by the user who owns the data folder, and remembered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from companion.core.audit_actions import AuditAction
from companion.core.child_environment import ACCESS_TOKEN, STOREFRONT_TOKEN, ChildValues
from companion.core.connection import AuthType, Connection
from companion.core.errors import InvalidInput, ReauthorizeNeeded
from companion.core.exports import Export, ExportedToken
from companion.core.ids import new_id
from companion.core.storefront_token import claims_from_token
from companion.ports.connections import SecretField
from companion.service.audit import used
from companion.service.find import connection_called
from companion.service.opened_tokens import StorefrontToken
from companion.service.parts import Parts
from companion.service.storefront_token import carried_token, opened_access_token, separate_token

LIFE = timedelta(days=90)
"""How long a private token lives that is minted for a file, unless another life is asked for."""


@dataclass(frozen=True)
class ExportValues:
    """What a file may hold of a connection.

    Attributes:
        storefront_token_ends: when the storefront token in `values` ends; None where there is none, or no end.
    """

    values: ChildValues
    storefront_token_ends: datetime | None


class Exporter:
    """Opens connections for files, and remembers the files."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def find(self, name_or_id: str) -> Connection:
        """Return the connection that is meant. Raises `NotFound`, and `WrongWorld` for one of the other world."""
        connection = connection_called(self._parts, name_or_id)
        self._parts.check_world(connection)
        return connection

    def values(
        self, connection: Connection, wanted: frozenset[str], *, life: timedelta = LIFE, need_storefront_token: bool
    ) -> ExportValues:
        """Open what is wanted; a storefront token is minted for this alone, since the kept one ends within a day.

        Args:
            need_storefront_token: a `token` connection without one that servers may use is refused; else it is left
                out.

        Raises:
            ReauthorizeNeeded: there can be no storefront token for servers, and it is needed.
            Tampered, KeysUnavailable: a secret does not open.
            BigCommerceRefused, BigCommerceRejectedRequest, BigCommerceUnreachable: none could be minted.
        """
        with used(self._parts, AuditAction.EXPORT, connection, ", ".join(sorted(wanted))):
            values = self._opened(connection, wanted, life, need_storefront_token)
        self._parts.noted.write()  # on the disk before a secret leaves
        return values

    def _opened(
        self, connection: Connection, wanted: frozenset[str], life: timedelta, need_storefront_token: bool
    ) -> ExportValues:
        stored = self._parts.repository.get_with_secrets(connection.id)
        access_token = opened_access_token(self._parts, stored) if ACCESS_TOKEN in wanted else None
        if STOREFRONT_TOKEN not in wanted:
            return ExportValues(ChildValues(stored.connection, access_token, None), None)
        if stored.connection.auth_type is AuthType.CUSTOM:
            minted = separate_token(self._parts, connection.id, life)
            self._keep(stored.connection, minted)
            return ExportValues(ChildValues(stored.connection, access_token, minted.token), minted.expires_at)
        try:
            carried = carried_token(self._parts, stored)
        except ReauthorizeNeeded:
            if need_storefront_token:
                raise
            return ExportValues(ChildValues(stored.connection, access_token, None), None)
        try:
            ends = claims_from_token(carried).expires_at
        except InvalidInput:
            ends = None
        return ExportValues(ChildValues(stored.connection, access_token, carried), ends)

    def _keep(self, connection: Connection, minted: StorefrontToken) -> None:
        """Keep the token, sealed, so that it can be revoked when the connection is changed or deleted."""
        field = SecretField.EXPORTED_STOREFRONT_TOKEN
        envelope = self._parts.vault.seal(connection.id, field, connection.store_hash, minted.token)
        now = self._parts.clock()
        token = ExportedToken(new_id(now, self._parts.entropy), connection.id, minted.expires_at, envelope)
        self._parts.repository.put_exported_token(token, now=now)

    def now(self) -> datetime:
        """Return the present time: aware, in UTC."""
        return self._parts.clock()

    def remember(self, written: Collection[Export]) -> None:
        """Keep in mind which files hold which secrets."""
        self._parts.repository.put_exports(written)

    def forget(self, paths: Collection[str]) -> None:
        """Let go of files that are not there."""
        self._parts.repository.drop_exports(paths)
