"""Faults that tests put into the REST API's way."""

import pytest


def test_a_fault_strikes_once_and_only_its_route(rest, bigcommerce):
    bigcommerce.faults.add("rest:/v3/channels", status=500)
    assert rest.get("/v3/sites").status_code == 200
    assert rest.get("/v3/channels").status_code == 500
    assert rest.get("/v3/channels").status_code == 200


def test_a_fault_may_strike_one_method_only(rest, bigcommerce):
    bigcommerce.faults.add("rest:GET /v3/storefront/*", status=502, times=None)
    assert rest.post("/v3/storefront/api-token-private", json={}).status_code == 422
    assert [rest.get("/v3/storefront/api-token-private").status_code for _ in range(3)] == [502, 502, 502]


def test_a_fault_may_say_what_it_likes(rest, bigcommerce):
    bigcommerce.faults.add("rest:*", status=502, body="<html>bad gateway</html>")
    assert rest.get("/v3/channels").text == "<html>bad gateway</html>"


def test_a_platform_that_is_overloaded_answers_429_without_headers(rest, bigcommerce):
    bigcommerce.faults.add("rest:*", status=429)
    answer = rest.get("/v3/channels")
    assert answer.status_code == 429
    assert not [name for name, _ in answer.headers if name.startswith("X-Rate-Limit")]


def test_an_answer_may_be_lost_after_the_token_was_minted(rest, bigcommerce, clock):
    bigcommerce.faults.add("rest:POST /v3/storefront/api-token-private", drop=True, after=True)
    body = {"channel_ids": [1], "expires_at": int(clock()) + 60, "scopes": ["Unauthenticated"]}
    with pytest.raises(ConnectionResetError):
        rest.post("/v3/storefront/api-token-private", json=body)
    assert rest.get("/v3/storefront/api-token-private").json["meta"]["pagination"]["total"] == 1


def test_a_dropped_connection_carries_nothing_out(rest, bigcommerce, clock):
    bigcommerce.faults.add("rest:*", drop=True)
    body = {"channel_ids": [1], "expires_at": int(clock()) + 60, "scopes": ["Unauthenticated"]}
    with pytest.raises(ConnectionResetError):
        rest.post("/v3/storefront/api-token-private", json=body)
    assert rest.get("/v3/storefront/api-token-private").json["data"] == []


def test_a_delayed_answer_is_the_right_one(rest, bigcommerce):
    bigcommerce.faults.add("rest:*", delay=0.001)
    assert rest.get("/v3/channels").json["data"][0]["id"] == 1


def test_reset_forgets_the_faults(rest_client, bigcommerce):
    bigcommerce.faults.add("rest:*", status=500, times=None)
    bigcommerce.reset()
    assert rest_client.get("/stores/abc/v3/channels").status_code == 401
