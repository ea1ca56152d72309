"""When a session of the web page ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from companion.core.secret import Secret
from companion.core.web_sessions import WebSession, cookie_name, hash_of_link, hash_of_session, is_secret_text

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_session_ends_a_quarter_of_an_hour_after_its_last_use() -> None:
    session = WebSession(b"", NOW, NOW + 30 * MINUTE, NOW)
    assert session.is_open(NOW + 45 * MINUTE - timedelta(microseconds=1))
    assert not session.is_open(NOW + 45 * MINUTE)


def test_a_session_ends_after_half_a_day_however_much_it_is_used() -> None:
    session = WebSession(b"", NOW, NOW + 12 * 60 * MINUTE - MINUTE, NOW)
    assert session.is_open(NOW + 12 * 60 * MINUTE - timedelta(microseconds=1))
    assert not session.is_open(NOW + 12 * 60 * MINUTE)


def test_a_sign_in_confirms_for_five_minutes() -> None:
    session = WebSession(b"", NOW - MINUTE, NOW + 10 * MINUTE, NOW)
    assert session.is_confirmed(NOW + 5 * MINUTE - timedelta(microseconds=1))
    assert not session.is_confirmed(NOW + 5 * MINUTE)


def test_a_clock_that_is_set_back_ends_a_session_and_its_confirmation_and_does_not_lengthen_them() -> None:
    session = WebSession(b"", NOW, NOW, NOW)
    for a_little in (MINUTE, 5 * MINUTE):
        assert session.is_open(NOW - a_little)
        assert session.is_confirmed(NOW - a_little)
    assert not session.is_open(NOW - 6 * MINUTE)
    assert not session.is_confirmed(NOW - 6 * MINUTE)


def test_uses_are_noted_half_a_minute_apart() -> None:
    session = WebSession(b"", NOW, NOW, NOW)
    assert not session.is_to_be_noted(NOW + timedelta(seconds=29))
    assert session.is_to_be_noted(NOW + timedelta(seconds=30))


def test_links_and_sessions_are_told_apart() -> None:
    text = Secret("0" * 64)
    assert hash_of_link(text) != hash_of_session(text)
    assert is_secret_text("0" * 64)
    for other in ("0" * 63, "0" * 65, "0" * 64 + "\n", "G" * 64, ""):
        assert not is_secret_text(other)
    assert cookie_name("7467") != cookie_name("7468")
