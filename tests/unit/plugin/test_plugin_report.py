"""What a failed test shows of the store and the service."""

from __future__ import annotations

import base64
import json

from simulated_store.state import RequestRecord
from simulated_store.testing.report import seen_by_service, seen_by_store
from simulated_store.testing.revocation import jti_of


def test_the_last_requests_are_shown_a_line_each():
    records = [
        RequestRecord(0.0, "GET", "api.bigcommerce.com", f"/stores/abc/v3/{number}", 200) for number in range(30)
    ]

    lines = seen_by_store(records, most=3).splitlines()

    assert lines[0] == "(27 earlier requests are left out)"
    assert lines[-1] == "200 GET https://api.bigcommerce.com/stores/abc/v3/29"
    assert len(lines) == 4


def test_a_store_that_was_not_asked_says_so():
    assert "not asked" in seen_by_store([])


def test_of_the_service_s_log_the_requests_are_shown():
    log = (
        "The key is in a file.\n" + json.dumps({"method": "POST", "route": "/api/v1/connections", "status": 201}) + "\n"
    )

    assert seen_by_service(log) == "201 POST /api/v1/connections"
    assert seen_by_service("") == ""


def token(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


def test_the_jti_of_a_token_is_read_where_it_can_serve_in_an_address():
    assert jti_of(token({"jti": "d655f32b-7db3-4105"})) == "d655f32b-7db3-4105"
    for unusable in (token({}), token({"jti": 7}), token({"jti": "../x"}), token([]), "no token", "a.%.b", ""):
        assert jti_of(unusable) is None
