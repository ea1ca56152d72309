from __future__ import annotations

from datetime import UTC, datetime, timedelta

from companion.core.secret import Secret
from companion.core.tickets import TICKET_LIFE, Spent, Ticket, TicketPurpose, hand_over_digest, hash_of_ticket

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def ticket(expires_at: datetime, spent: Spent | None = None) -> Ticket:
    return Ticket(hash_of_ticket(Secret("t")), TicketPurpose.CREATE, "Shop", None, expires_at, spent)


def test_a_ticket_is_open_until_it_expires_or_is_spent() -> None:
    assert ticket(NOW + timedelta(seconds=1)).is_open(NOW)
    assert not ticket(NOW).is_open(NOW)
    assert not ticket(NOW + timedelta(hours=1), Spent("c1", b"digest")).is_open(NOW)


def test_a_clock_that_is_set_back_does_not_lengthen_a_ticket() -> None:
    issued = ticket(NOW + TICKET_LIFE)
    assert issued.is_open(NOW - timedelta(minutes=5))
    assert not issued.is_open(NOW - timedelta(minutes=6))


def test_what_is_stored_of_a_ticket_is_not_the_ticket() -> None:
    assert hash_of_ticket(Secret("t")) != hash_of_ticket(Secret("u"))
    assert len(hash_of_ticket(Secret("t"))) == 32
    assert b"t" * 3 not in hash_of_ticket(Secret("t" * 43))


def test_a_digest_tells_contents_apart_and_depends_on_the_ticket() -> None:
    digest = hand_over_digest(Secret("t"), b"content")
    assert digest == hand_over_digest(Secret("t"), b"content")
    assert digest != hand_over_digest(Secret("t"), b"content.")
    assert digest != hand_over_digest(Secret("u"), b"content")
