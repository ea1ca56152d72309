"""Hand-over tickets: what one may do, and when it may no longer."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from companion.core.secret import Secret
from companion.core.timestamps import MOST_SET_BACK

TICKET_LIFE = timedelta(minutes=15)


class TicketPurpose(StrEnum):
    """The one thing that a ticket allows."""

    CREATE = "create"
    REPLACE = "replace"


@dataclass(frozen=True)
class Spent:
    """What a ticket was spent on.

    Attributes:
        connection_id: of the connection that was created or replaced.
        digest: of what was handed over, by `hand_over_digest`; a repeated hand-over has the same one.
    """

    connection_id: str
    digest: bytes


@dataclass(frozen=True)
class Ticket:
    """A ticket as it is stored: its own text is not, so that a copy of the database opens nothing.

    Attributes:
        ticket_hash: `hash_of_ticket` of its text; 32 bytes.
        purpose: create one connection or replace one.
        name: of the connection that may be created; with `replace` the name at the time of issue.
        connection_id: of the connection that may be replaced, None with `create`.
        expires_at: aware, UTC.
        spent: None until it is spent.
    """

    ticket_hash: bytes
    purpose: TicketPurpose
    name: str
    connection_id: str | None
    expires_at: datetime
    spent: Spent | None = None

    def is_open(self, now: datetime) -> bool:
        """Say whether it can still be spent; where the clock was set back since it was issued, it cannot."""
        left = self.expires_at - now
        return self.spent is None and timedelta() < left <= TICKET_LIFE + MOST_SET_BACK


def hash_of_ticket(ticket: Secret) -> bytes:
    """Return the 32 bytes by which a ticket is looked up. A ticket has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(b"bigcommerce-companion ticket\0" + ticket.reveal().encode("utf-8", "surrogatepass")).digest()


def hand_over_digest(ticket: Secret, content: bytes) -> bytes:
    """Return 32 bytes that tell a repeated hand-over from another one, and nobody without the ticket anything.

    Args:
        content: what was handed over in one canonical form, the access token included.
    """
    return hmac.digest(ticket.reveal().encode("utf-8", "surrogatepass"), content, "sha256")
