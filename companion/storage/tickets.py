"""Hand-over tickets in the database; one is spent within the transaction of the write it is for."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select, update

from companion.core.audit import Deed
from companion.core.audit_actions import AuditAction
from companion.core.connection import Connection, name_key
from companion.core.errors import Conflict, NotAllowed, NotAuthorized
from companion.core.tickets import Spent, Ticket, TicketPurpose
from companion.ports.connections import TicketSpending
from companion.storage.audit import AuditStorage
from companion.storage.rows import SELECT_CONNECTIONS, connection_of, get_connection, refuse_taken_name
from companion.storage.tables import connections, tickets

_KEPT_FOR = timedelta(days=1)


class TicketStorage(AuditStorage):
    """The part of a `ConnectionRepository` that is about tickets."""

    def issue_ticket(self, ticket: Ticket, *, now: datetime) -> None:
        """See `ConnectionRepository.issue_ticket`."""

        def work(transaction: Transaction) -> None:
            if ticket.connection_id is not None:
                get_connection(transaction, ticket.connection_id)
            else:
                refuse_taken_name(transaction, ticket.name, except_id=None)
            transaction.execute(delete(tickets).where(tickets.c.expires_at < now - _KEPT_FOR))
            transaction.execute(
                insert(tickets).values(
                    ticket_hash=ticket.ticket_hash,
                    purpose=ticket.purpose.value,
                    name=ticket.name,
                    connection_id=ticket.connection_id,
                    expires_at=ticket.expires_at,
                )
            )
            deed = Deed(AuditAction.ISSUE_TICKET, ticket.connection_id, ticket.name, detail=ticket.purpose.value)
            self._record(transaction, deed)

        self._write(work)

    def ticket(self, ticket_hash: bytes) -> Ticket | None:
        """See `ConnectionRepository.ticket`."""
        return self._read(lambda transaction: ticket_with_hash(transaction, ticket_hash))

    def renew_ticket(self, ticket_hash: bytes, *, expires_at: datetime, now: datetime) -> Ticket:
        """See `ConnectionRepository.renew_ticket`."""

        def work(transaction: Transaction) -> Ticket:
            ticket = ticket_with_hash(transaction, ticket_hash)
            if ticket is None or not ticket.is_open(now):
                raise ticket_not_valid()
            transaction.execute(
                update(tickets).where(tickets.c.ticket_hash == ticket_hash).values(expires_at=expires_at)
            )
            return Ticket(ticket.ticket_hash, ticket.purpose, ticket.name, ticket.connection_id, expires_at)

        return self._write(work)

    def revoke_ticket(self, ticket_hash: bytes) -> None:
        """See `ConnectionRepository.revoke_ticket`."""
        self._write(
            lambda transaction: transaction.execute(delete(tickets).where(tickets.c.ticket_hash == ticket_hash))
        )


def spend(
    transaction: Transaction, hand_over: TicketSpending, purpose: TicketPurpose, connection: Connection
) -> Connection | None:
    """Mark the ticket as spent on `connection`; return the connection where that was done before.

    Raises:
        NotAuthorized, NotAllowed, Conflict: as `ConnectionRepository.add` says.
    """
    held = select(tickets.c.ticket_hash).where(tickets.c.ticket_hash == hand_over.ticket_hash).with_for_update()
    transaction.execute(held)
    ticket = ticket_with_hash(transaction, hand_over.ticket_hash)
    if ticket is None:
        raise ticket_not_valid()
    if ticket.spent is not None:
        return _spent_before(transaction, ticket.spent, hand_over)
    if not ticket.is_open(hand_over.now):
        raise ticket_not_valid()
    allowed = (
        ticket.connection_id == connection.id
        if ticket.purpose is TicketPurpose.REPLACE
        else name_key(ticket.name) == name_key(connection.name)
    )
    if ticket.purpose is not purpose or not allowed:
        raise NotAllowed(
            "This hand-over ticket is for another connection.",
            why=f"It allows to {ticket.purpose.value} the connection {ticket.name!r} and nothing else.",
            next_step="Ask for a ticket for this connection.",
        )
    transaction.execute(
        update(tickets)
        .where(tickets.c.ticket_hash == ticket.ticket_hash)
        .values(spent_connection_id=connection.id, spent_digest=hand_over.digest)
    )
    return None


def _spent_before(transaction: Transaction, spent: Spent, hand_over: TicketSpending) -> Connection:
    if hmac.compare_digest(spent.digest, hand_over.digest):
        row = transaction.execute(SELECT_CONNECTIONS.where(connections.c.id == spent.connection_id)).mappings().first()
        if row is not None:
            return connection_of(row)
    raise Conflict(
        "This hand-over ticket was used before.",
        why="A ticket serves one hand-over; the same one again is answered as the first, another one is not.",
        next_step="Ask for a new ticket.",
    )


def ticket_with_hash(transaction: Transaction, ticket_hash: bytes) -> Ticket | None:
    """Return the ticket as it is stored, None where there is none."""
    row = transaction.execute(select(tickets).where(tickets.c.ticket_hash == ticket_hash)).mappings().first()
    if row is None:
        return None
    spent = row["spent_connection_id"]
    return Ticket(
        ticket_hash=bytes(row["ticket_hash"]),
        purpose=TicketPurpose(row["purpose"]),
        name=row["name"],
        connection_id=row["connection_id"],
        expires_at=row["expires_at"],
        spent=None if spent is None else Spent(spent, bytes(row["spent_digest"])),
    )


def ticket_not_valid() -> NotAuthorized:
    """Return the error for a ticket that is unknown, was used or has expired."""
    return NotAuthorized(
        "The hand-over ticket is not valid.",
        why="It is unknown, was used, or has expired: a ticket lives for 15 minutes unless it is renewed.",
        next_step="Ask for a new ticket; `companion connect` does that by itself.",
    )
