"""The quota that a store's API accounts share, and the headers that tell it."""

import pytest

HEADERS = {
    "X-Rate-Limit-Time-Window-Ms",
    "X-Rate-Limit-Time-Reset-Ms",
    "X-Rate-Limit-Requests-Quota",
    "X-Rate-Limit-Requests-Left",
}


def told(answer):
    return {name: int(answer.headers[name]) for name in HEADERS & set(answer.headers.keys())}


def test_all_four_headers_come_with_an_answer(rest, bigcommerce):
    bigcommerce.api.quota = 150
    assert told(rest.get("/v3/channels")) == {
        "X-Rate-Limit-Time-Window-Ms": 30_000,
        "X-Rate-Limit-Time-Reset-Ms": 30_000,
        "X-Rate-Limit-Requests-Quota": 150,
        "X-Rate-Limit-Requests-Left": 149,
    }


def test_all_four_come_with_a_refusal_by_the_store_too(rest_as):
    answer = rest_as().get("/v3/channels")
    assert answer.status_code == 403
    assert set(told(answer)) == HEADERS


def test_none_comes_where_no_store_is_known(rest):
    assert told(rest.get("/v3/channels", headers={"X-Auth-Token": "garbage"})) == {}


def test_past_the_quota_is_429_with_headers_and_when_to_come_back(rest, bigcommerce, clock):
    bigcommerce.api.quota = 2
    rest.get("/v3/channels")
    clock.advance(10)
    rest.get("/v3/channels")
    answer = rest.get("/v3/channels")
    assert answer.status_code == 429
    assert answer.json["status"] == 429
    assert told(answer)["X-Rate-Limit-Requests-Left"] == 0
    assert told(answer)["X-Rate-Limit-Time-Reset-Ms"] == 20_000
    assert answer.headers["X-Retry-After"] == "20"


def test_a_full_hour_is_429_too_and_says_when_it_is_less_full(rest, bigcommerce, clock):
    bigcommerce.api.hourly_quota = 2
    assert rest.get("/v3/channels").headers["X-BC-ApiLimit-Remaining"] == "1"
    clock.advance(600)
    assert rest.get("/v3/channels").headers["X-BC-ApiLimit-Remaining"] == "0"
    clock.advance(60)
    limited = rest.get("/v3/channels")
    assert (limited.status_code, limited.headers["X-BC-ApiLimit-Remaining"]) == (429, "0")
    assert told(limited)["X-Rate-Limit-Requests-Left"] > 0
    clock.advance(int(limited.headers["X-Retry-After"]))
    assert rest.get("/v3/channels").status_code == 200


def test_waiting_as_told_helps(rest, bigcommerce, clock):
    bigcommerce.api.quota = 1
    rest.get("/v3/channels")
    limited = rest.get("/v3/channels")
    clock.advance(int(limited.headers["X-Rate-Limit-Time-Reset-Ms"]) / 1000)
    assert rest.get("/v3/channels").status_code == 200


def test_all_accounts_of_a_store_share_the_quota(rest, rest_as, bigcommerce):
    bigcommerce.api.quota = 1
    rest.get("/v3/channels")
    assert rest_as("store_channel_settings").get("/v3/channels").status_code == 429


def test_a_429_may_come_without_any_of_the_headers(rest, bigcommerce):
    bigcommerce.api.quota, bigcommerce.api.rate_limit_headers = 0, False
    answer = rest.get("/v3/channels")
    assert (answer.status_code, told(answer)) == (429, {})
    assert "X-Retry-After" not in answer.headers


def test_the_first_request_of_a_day_long_ago_is_within_the_quota(rest, clock):
    clock.seconds = 5.0
    assert rest.get("/v3/channels").status_code == 200


@pytest.mark.parametrize("path", ["/v2/store", "/v3/channels"])
def test_a_429_has_the_body_of_its_version(rest, bigcommerce, path):
    bigcommerce.api.quota = 0
    body = rest.get(path).json
    assert (body[0] if isinstance(body, list) else body)["status"] == 429
    assert isinstance(body, list) is path.startswith("/v2/")
