"""The log holds no secret, whatever is given to it."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.core.secret import Secret
from companion.web.logs import redact, request_logger

JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJCQyJ9.c2lnbmF0dXJl"
ACCESS_TOKEN = "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p"


@pytest.mark.parametrize(
    "event",
    [
        {"access_token": "short"},
        {"X-Auth-Token": "short"},
        {"Authorization": "Bearer short"},
        {"client_secret": "short"},
        {"password": "short"},
        {"headers": {"Cookie": "short"}},
        {"deep": [{"deeper": {"ticket": "short"}}]},
        {"value": Secret("short")},
        {"values": [Secret("short")]},
        {"body": b"short"},
        {"text": f"BigCommerce said {JWT}!"},
        {"text": f"https://api.bigcommerce.com/?token={ACCESS_TOKEN}"},
        {"text": f"X-Auth-Token:{ACCESS_TOKEN}"},
        {"list": (f"{ACCESS_TOKEN}",)},
    ],
)
def test_whatever_is_or_looks_like_a_secret_is_blotted_out(event: dict[str, Any]) -> None:
    log = io.StringIO()
    request_logger(log).info("event", **event)
    for secret in ("short", JWT, ACCESS_TOKEN, JWT.split(".")[1]):
        assert secret not in log.getvalue()
    assert "[redacted]" in log.getvalue()


def test_what_a_reader_needs_is_kept() -> None:
    event = {
        "id": "0186282d-727d-47e1-9870-c2fa4bda2b43",
        "route": "/api/v1/connections/<id>",
        "connection": "01a204ff-9355-7472-b89f-73702f86e0a4",
        "status": 200,
        "milliseconds": 1.5,
        "caller": None,
        "problem": "bigcommerce-rejected-request",
        "at": ["companion_client.py:123"],
        "failure": "AVeryLongNameOfAnExceptionClass",
    }
    assert redact(None, "info", dict(event)) == event


def test_a_line_is_one_json_document_whatever_is_in_it() -> None:
    log = io.StringIO()
    request_logger(log).info("line\nbreak", text='a\n{"forged": true}', odd=object())
    (line,) = log.getvalue().splitlines()
    assert json.loads(line)["event"] == "line\nbreak"


def test_a_quiet_log_tells_only_what_was_refused_or_failed() -> None:
    log = io.StringIO()
    quiet = request_logger(log, level=logging.WARNING)
    quiet.info("request")
    quiet.warning("refused")
    assert [json.loads(line)["event"] for line in log.getvalue().splitlines()] == ["refused"]


SECRETS = {
    "access token": ACCESS_TOKEN,
    "storefront token": JWT,
    "tool's token": "companion_" + "0123456789abcdef" * 4,
    "session": "0123456789abcdef" * 4,
    "base64url": "dGhpcy1pcy1hLXNlY3JldA-dGhpcy1pcy1h_LXNlY3JldA",
    "base64": "dGhpcyBpcyBhIHNlY3JldA+dGhpcyBpcyBh==",
    "base32": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
}
secrets = pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)


@secrets
@pytest.mark.parametrize(
    "place",
    [
        "{}",
        "x-{}-y",
        "_{}",
        "http://127.0.0.1:7467/sign-in/{}",
        "Bearer {}",
        "?nonce=1&token={}",
        "{}" + "." * 5000,
        "line\n{}\r\nX: y",
        '{{"access_token": "{}"}}',
        "\x1b[31m{}\x1b[0m",
        "é{}🛒",
        "https://u:{}@example.com",
    ],
)
def test_no_secret_passes_wherever_it_stands(secret: str, place: str) -> None:
    text = place.format(secret)
    nested: Any = {"a": [{"b": (text, {text})}]}
    for _ in range(50):
        nested = {"deep": nested}
    log = io.StringIO()
    logger = request_logger(log)
    logger.info(text, text=text, number=1, nested={"a": [text, {"b": text}]}, deep=nested)
    logger.info("names", **{text: "value"}, mapping={text: {text: text}}, error=ValueError(text), other=[text.encode()])
    for line in log.getvalue().splitlines():
        json.loads(line)
        assert secret not in line
        assert json.dumps(secret)[1:-1] not in line


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**400, -0.0])
def test_a_line_is_json_whatever_number_is_in_it(number: float) -> None:
    log = io.StringIO()
    request_logger(log).info("event", number=number)
    assert json.loads(log.getvalue(), parse_constant=lambda _: pytest.fail("no JSON"))["event"] == "event"


def test_what_holds_itself_ends_somewhere() -> None:
    endless: dict[str, Any] = {}
    endless["again"] = endless
    log = io.StringIO()
    request_logger(log).info("event", endless=endless)
    assert len(log.getvalue()) < 1000


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(), st.recursive(st.text() | st.binary() | st.floats() | st.integers(), st.lists)))
def test_any_event_is_one_line(event: dict[str, Any]) -> None:
    log = io.StringIO()
    given_event = {key: value for key, value in event.items() if key != "event"}
    request_logger(log).info("event", **given_event)
    (line,) = log.getvalue().splitlines()
    assert json.loads(line)["level"] == "info"
