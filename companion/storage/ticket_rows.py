"""Hand-over tickets in the database: read one, and spend it within the transaction of the write it is for."""

from __future__ import annotations

import hmac

from sqlalchemy import Connection as Transaction
from sqlalchemy import select, update

from companion.core.connection import Connection, name_key
from companion.core.errors import Conflict, NotAllowed, NotAuthorized
from companion.core.tickets import Spent, Ticket, TicketPurpose
from companion.ports import TicketSpending
from companion.storage.rows import SELECT_CONNECTIONS, connection_of
from companion.storage.tables import connections, tickets


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
