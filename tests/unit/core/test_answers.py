"""What BigCommerce's answers mean, whatever shape they come in."""

from __future__ import annotations

import json

import pytest

from companion.core.answers import (
    Answer,
    NoAnswer,
    Observed,
    Silence,
    date_of,
    error_from,
    message_in,
    seconds_to_wait,
    token_in,
)
from companion.core.errors import (
    BigCommerceRefused,
    BigCommerceRejectedRequest,
    BigCommerceUnreachable,
    CompanionError,
    InMaintenance,
    RateLimited,
)

HOST = "api.bigcommerce.com"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("X-Auth-Token header is required", "X-Auth-Token header is required"),
        ('[{"status": 409, "message": "The name is taken"}]', "The name is taken"),
        ('{"status": 422, "title": "Invalid", "errors": {"name": "too short"}}', "Invalid name: too short"),
        ('{"errors": [{"message": "Unknown JWT token"}]}', "Unknown JWT token"),
        ("<!doctype html><h1>Down</h1>", ""),
        ("", ""),
        ("[]", ""),
        ("12", ""),
        ('{"title": 7}', ""),
        ("two\nlines\tand \x00 more", "two lines and more"),
    ],
)
def test_a_message_is_found_in_every_shape_of_body(text: str, said: str) -> None:
    assert message_in(Answer(422, HOST, {}, text)) == said


def test_a_message_is_short_and_holds_nothing_that_may_be_a_token() -> None:
    said = message_in(Answer(401, HOST, {}, "token a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p is unknown " + "word " * 200))
    assert "a1b2c3" not in said
    assert len(said) <= 300


def test_an_answer_does_not_print_its_body() -> None:
    assert "jwt" not in repr(Answer(200, HOST, {"set-cookie": "jwt"}, '{"data": {"token": "jwt"}}'))


@pytest.mark.parametrize(
    ("observed", "kind", "exit_code"),
    [
        (Answer(401, HOST), BigCommerceRefused, 6),
        (Answer(403, HOST), BigCommerceRefused, 6),
        (Answer(404, HOST), BigCommerceRejectedRequest, 1),
        (Answer(422, HOST), BigCommerceRejectedRequest, 1),
        (Answer(301, HOST), BigCommerceRejectedRequest, 1),
        (Answer(429, HOST), RateLimited, 10),
        (Answer(503, HOST), InMaintenance, 10),
        (Answer(500, HOST), BigCommerceUnreachable, 10),
        (Answer(507, HOST), BigCommerceUnreachable, 10),
        (NoAnswer(Silence.TOO_LARGE, HOST), BigCommerceRejectedRequest, 1),
        *((NoAnswer(each, HOST), BigCommerceUnreachable, 10) for each in Silence if each is not Silence.TOO_LARGE),
    ],
)
def test_every_answer_that_is_no_success_is_explained(
    observed: Observed, kind: type[CompanionError], exit_code: int
) -> None:
    error = error_from(observed, "mint a private token")
    assert (type(error), error.exit_code) == (kind, exit_code)
    assert error.explained.why
    assert error.explained.next_step


@pytest.mark.parametrize(
    ("headers", "tries", "seconds"),
    [
        ({"x-rate-limit-time-reset-ms": "15000"}, 1, 15.0),
        ({"x-rate-limit-time-reset-ms": "15000"}, 2, 16.0),
        ({"x-retry-after": "7"}, 1, 7.0),
        ({"retry-after": "3"}, 1, 3.0),
        ({"x-rate-limit-time-reset-ms": "1000", "x-retry-after": "7"}, 1, 7.0),
        ({}, 1, 1.0),
        ({}, 2, 2.0),
        ({}, 3, 4.0),
        ({"x-rate-limit-time-reset-ms": "soon"}, 1, 1.0),
        ({"x-rate-limit-time-reset-ms": "-5"}, 1, 1.0),
        ({"x-retry-after": "nan"}, 1, 1.0),
        ({"x-retry-after": "inf"}, 1, 1.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 2, 2.0),
    ],
)
def test_a_limited_caller_waits_as_told_or_ever_longer(headers: dict[str, str], tries: int, seconds: float) -> None:
    assert seconds_to_wait(Answer(429, HOST, headers), tries) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"data": []}',
        '{"data": {"token": ""}}',
        '{"data": {"token": 5}}',
        "x",
        '{"data": {"token": "\\ud800"}}',
        '{"data": {"token": "a\\nb"}}',
    ],
)
def test_a_mint_without_a_token_has_none(text: str) -> None:
    assert token_in(Answer(200, HOST, {}, text)) is None


def test_a_minted_token_is_secret_at_once() -> None:
    token = token_in(Answer(200, HOST, {}, json.dumps({"data": {"token": "jwt"}, "meta": {}})))
    assert token is not None
    assert (repr(token), token.reveal()) == ("Secret(…)", "jwt")


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "Sun, 99 Nov 2026 20:18:47 GMT",
        "Sun, 22 Nov 2026 20:18:47 +99999999999999",
        f"Sun, 22 Nov {'9' * 3000} 20:18:47 GMT",
        "Sun, 22 Nov 2026 99999999999999999999:18:47 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ],
)
def test_a_date_that_cannot_be_read_is_none(date: str) -> None:
    assert date_of(Answer(200, HOST, {"date": date})) is None


def test_a_date_is_read() -> None:
    found = date_of(Answer(200, HOST, {"date": "Sun, 22 Nov 2026 20:18:47 GMT"}))
    assert found is not None
    assert found.isoformat() == "2026-11-22T20:18:47+00:00"
