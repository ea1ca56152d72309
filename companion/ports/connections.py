"""The port to connections, their sealed secrets, and hand-over tickets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from companion.core.audit_actions import AuditAction
from companion.core.connection import Connection, Finding, Status
from companion.core.tickets import Ticket


class SecretField(StrEnum):
    """The sealed secrets that stand beside a connection; the value is the `field` in their associated data."""

    ACCESS_TOKEN = "access_token"  # noqa: S105  names a field
    STOREFRONT_TOKEN = "storefront_token"  # noqa: S105  given by the user, with auth type `token`
    MINTED_STOREFRONT_TOKEN = "minted_storefront_token"  # noqa: S105  a private token we minted and keep while it lives
    EXPORTED_STOREFRONT_TOKEN = "exported_storefront_token"  # noqa: S105  one that we minted for a file


@dataclass(frozen=True)
class StoredConnection:
    """A connection and its secrets, sealed, as they stood at one moment.

    Attributes:
        secrets: the envelope's bytes of each secret that is set.
    """

    connection: Connection
    secrets: Mapping[SecretField, bytes]


@dataclass(frozen=True)
class Page:
    """One page of connections in the order of their creation.

    Attributes:
        after: the id to pass for the next page, None where this is the last.
    """

    connections: tuple[Connection, ...]
    after: str | None


@dataclass(frozen=True)
class TicketSpending:
    """A ticket that is spent by the write it comes with, in the same transaction.

    Attributes:
        ticket_hash: `hash_of_ticket` of the ticket.
        digest: `hand_over_digest` of what was handed over.
        now: decides whether the ticket has expired.
    """

    ticket_hash: bytes
    digest: bytes
    now: datetime


class ConnectionRepository(Protocol):
    """Connections, their sealed secrets, and hand-over tickets.

    Every method raises `StorageFailed` where the storage cannot be read or written.
    """

    def add(
        self, connection: Connection, secrets: Mapping[SecretField, bytes], *, hand_over: TicketSpending | None = None
    ) -> Connection:
        """Store a new connection, whose id comes from `core.ids.new_id`, and spend the ticket of `hand_over`.

        Returns:
            What is stored now, with revision 1. Where the ticket was spent before by a hand-over with the same digest:
            the connection that was made then, and nothing is written.

        Raises:
            NameTaken: another connection has this name, ignoring case.
            NotAuthorized: the ticket is unknown or has expired.
            NotAllowed: the ticket is for another name or purpose.
            Conflict: the ticket was spent on something else, or its connection is gone since.
        """
        ...

    def get(self, connection_id: str) -> Connection:
        """Return one connection. Raises `NotFound`."""
        ...

    def get_with_secrets(self, connection_id: str) -> StoredConnection:
        """Return one connection and its sealed secrets as of one moment. Raises `NotFound`."""
        ...

    def find(self, name_or_id: str) -> Connection:
        """Return the connection with this name, ignoring case, else the one with this id. Raises `NotFound`."""
        ...

    def page(self, *, limit: int, after: str | None = None) -> Page:
        """Return up to `limit` connections created after the one with the id `after`, which may be deleted by now.

        Raises:
            InvalidInput: `limit` is not 1 to `MAX_PAGE` (points at `/limit`), or `after` is no id (`/after`).
        """
        ...

    def replace(
        self,
        connection: Connection,
        secrets: Mapping[SecretField, bytes],
        *,
        expected_revision: int | None,
        hand_over: TicketSpending | None = None,
        action: AuditAction = AuditAction.REPLACE,
    ) -> Connection:
        """Replace everything but id and creation time; secrets that are not given are deleted.

        Args:
            action: what the audit chain calls it where no ticket is spent.
            expected_revision: the revision this change was made from. None only with `hand_over`: a ticket to replace
                names its connection, whatever its revision is by now.

        Returns:
            What is stored now: `connection` with the stored creation time and the next revision. With a ticket that was
            spent before: as `add`.

        Raises:
            NotFound, NameTaken, StaleRevision: nothing was changed.
            NotAuthorized, NotAllowed, Conflict: because of the ticket, as `add`.
        """
        ...

    def patch(
        self,
        connection_id: str,
        *,
        expected_revision: int,
        updated_at: datetime,
        name: str | None = None,
        tags: tuple[str, ...] | None = None,
    ) -> Connection:
        """Change name or tags, what is None stays. Returns what is stored now, with the next revision.

        Raises:
            NotFound, NameTaken, StaleRevision: nothing was changed.
        """
        ...

    def save_verification(
        self,
        connection_id: str,
        *,
        expected_revision: int,
        status: Status,
        findings: tuple[Finding, ...],
        verified_at: datetime | None,
        action: AuditAction = AuditAction.VERIFY,
    ) -> Connection:
        """Keep what a verification found, or what is left of that.

        The revision stays: no field that a user edits has changed. `action` is what the audit chain calls it.

        Raises:
            NotFound: it was deleted meanwhile.
            StaleRevision: it was changed meanwhile, so the findings are about something else.
        """
        ...

    def put_secret(
        self, connection_id: str, field: SecretField, envelope: bytes | None, *, expected_revision: int
    ) -> None:
        """Set one sealed secret, or delete it with None. The revision stays.

        Raises:
            NotFound: there is no such connection.
            StaleRevision: the connection was changed meanwhile, so the secret is not one of its secrets.
        """
        ...

    def delete(self, connection_id: str, *, expected_revision: int) -> Connection:
        """Delete a connection and its secrets; returns what it was. Raises `NotFound`, `StaleRevision`."""
        ...

    def issue_ticket(self, ticket: Ticket, *, now: datetime) -> None:
        """Store a new ticket; those that expired more than a day ago are dropped.

        Raises:
            NameTaken: a ticket to create, and the name is taken.
            NotFound: a ticket to replace, and there is no such connection.
        """
        ...

    def ticket(self, ticket_hash: bytes) -> Ticket | None:
        """Return a ticket, expired and spent ones too; None where there is none."""
        ...

    def renew_ticket(self, ticket_hash: bytes, *, expires_at: datetime, now: datetime) -> Ticket:
        """Let an unspent, unexpired ticket live until `expires_at`. Raises `NotAuthorized` for any other."""
        ...

    def revoke_ticket(self, ticket_hash: bytes) -> None:
        """Drop a ticket, if it is there."""
        ...

    def close(self) -> None:
        """Let go of the storage. Nothing may be called afterwards."""
        ...
