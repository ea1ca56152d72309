"""The log holds no secret, whatever is given to it."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest

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
