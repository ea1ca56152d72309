"""Hand-over tickets: everything that could stop a hand-over is checked before an API account is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companion.core.connection import ApiAccount, Connection, Draft, checked_name
from companion.core.errors import NameTaken, NotAuthorized, NotFound
from companion.core.ids import new_id
from companion.core.secret import Secret
from companion.core.tickets import TICKET_LIFE, Ticket, TicketPurpose, hand_over_digest, hash_of_ticket
from companion.ports.connections import SecretField, TicketSpending
from companion.service.parts import Parts
from companion.service.revoking import Revoking
from companion.service.sealing import canonical_content, connection_from_draft, sealed_secrets, with_its_age
from companion.service.verify import proven_connection

TICKET_BYTES = 32


@dataclass(frozen=True)
class IssuedTicket:
    """A ticket as its holder sees it.

    Attributes:
        id: names it; derived from the ticket, but gives nothing of it away.
        ticket: what authorizes; None where it was not made just now.
        replaces: the connection that it replaces; None where it creates one.
        supersedes: the API account behind that connection's present access token.
    """

    id: str
    ticket: Secret | None
    expires_at: datetime
    replaces: str | None
    supersedes: ApiAccount | None


def issue_ticket(parts: Parts, name: str, *, replace: bool) -> IssuedTicket:
    """Issue a ticket to create the connection `name`, or to replace it.

    Raises:
        InvalidInput: the name is none.
        NameTaken: there is such a connection, and `replace` is False.
        NotFound: there is none, and `replace` is True.
        WrongWorld: the one to replace was made in the other world.
        KeysUnavailable: nothing could be sealed now.
    """
    wanted = checked_name(name)
    replaced = parts.repository.find(wanted) if replace else None
    if replaced is not None:
        parts.check_world(replaced)
    _check_that_sealing_works(parts)
    now = parts.clock()
    text = Secret(parts.entropy(TICKET_BYTES).hex())
    ticket = Ticket(
        ticket_hash=hash_of_ticket(text),
        purpose=TicketPurpose.CREATE if replaced is None else TicketPurpose.REPLACE,
        name=wanted if replaced is None else replaced.name,
        connection_id=None if replaced is None else replaced.id,
        expires_at=now + TICKET_LIFE,
    )
    parts.repository.issue_ticket(ticket, now=now)
    return _shown(ticket, text, replaced)


def renew_ticket(parts: Parts, ticket_id: str) -> IssuedTicket:
    """Give an unspent, unexpired ticket another 15 minutes; checks again what `issue_ticket` checks.

    Raises:
        NotFound: `ticket_id` names no ticket, or the connection to replace is gone.
        NameTaken: there is a connection of the name that the ticket is to create.
        NotAuthorized: it is spent or has expired.
        KeysUnavailable: nothing could be sealed now.
    """
    ticket = ticket_by_id(parts, ticket_id)
    _check_that_sealing_works(parts)
    now = parts.clock()
    if ticket.purpose is TicketPurpose.CREATE and ticket.spent is None and _is_taken(parts, ticket.name):
        raise NameTaken(ticket.name)
    renewed = parts.repository.renew_ticket(ticket.ticket_hash, expires_at=now + TICKET_LIFE, now=now)
    replaced = parts.repository.get(renewed.connection_id) if renewed.connection_id else None
    return _shown(renewed, None, replaced)


def ticket_by_id(parts: Parts, ticket_id: str) -> Ticket:
    """Return a ticket by its id. Raises `NotFound`."""
    try:
        ticket_hash = bytes.fromhex(ticket_id)
    except ValueError:
        ticket_hash = b""
    ticket = parts.repository.ticket(ticket_hash) if ticket_hash else None
    if ticket is None:
        raise NotFound("There is no such hand-over ticket.", next_step="Start again; a new ticket is issued.")
    return ticket


def hand_over(parts: Parts, ticket: Secret, draft: Draft, *, prove: bool = False) -> tuple[Connection, bool]:
    """Spend the ticket on its one connection; the same hand-over again gives the same connection.

    Args:
        prove: store only what was proven a moment ago; else what was stored before stays as it is.

    Returns:
        The connection, and whether the ticket was one to create.

    Raises:
        NotAuthorized: no such ticket, or expired.
        NotAllowed, Conflict: it is for another name, or was spent on something else.
        NameTaken: with a ticket to create; the name was taken meanwhile.
        NotProven, BigCommerceUnreachable: with `prove`; the ticket is not spent.
    """
    known = parts.repository.ticket(hash_of_ticket(ticket))
    if known is None:
        raise NotAuthorized(
            "The hand-over ticket is not known.",
            why="It was never issued here, or has expired long ago.",
            next_step="Start again; a new ticket is issued.",
        )
    replaced = known.connection_id if known.purpose is TicketPurpose.REPLACE else None
    connection = connection_from_draft(parts, replaced or new_id(parts.clock(), parts.entropy), draft)
    if prove:
        connection = proven_connection(parts, connection, draft.access_token, draft.storefront_token)
    spending = TicketSpending(known.ticket_hash, hand_over_digest(ticket, canonical_content(draft)), parts.clock())
    secrets = sealed_secrets(parts, connection.id, draft)
    if replaced is not None:
        before = parts.repository.get_with_secrets(replaced)
        connection = with_its_age(parts, before, connection, draft.access_token)
        revoking = Revoking(parts, before)
        stored = parts.repository.replace(connection, secrets, expected_revision=None, hand_over=spending)
        revoking.revoke_unless_alike(stored)
        return stored, False
    return parts.repository.add(connection, secrets, hand_over=spending), True


def _is_taken(parts: Parts, name: str) -> bool:
    try:
        parts.repository.find(name)
    except NotFound:
        return False
    return True


def _check_that_sealing_works(parts: Parts) -> None:
    parts.vault.seal(new_id(parts.clock(), parts.entropy), SecretField.ACCESS_TOKEN, "probe", Secret("probe"))


def _shown(ticket: Ticket, text: Secret | None, replaced: Connection | None) -> IssuedTicket:
    return IssuedTicket(
        id=ticket.ticket_hash.hex(),
        ticket=text,
        expires_at=ticket.expires_at,
        replaces=ticket.connection_id,
        supersedes=None if replaced is None else replaced.api_account,
    )
