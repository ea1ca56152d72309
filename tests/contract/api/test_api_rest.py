"""Calls of the store's REST API through the service, against a simulated store."""

import pytest

INFORMATION = frozenset({"store_v2_information", "store_channel_settings"})


def test_a_call_is_answered_by_the_store(http, connected, store):
    connection = connected(INFORMATION)
    answer = http.get(f"/connections/{connection['id']}/bigcommerce/v2/store")
    assert answer.status_code == 200
    assert answer.json()["id"] == store.store_hash
    assert answer.headers["X-Forwarded-Answer"] == "bigcommerce"


def test_the_query_and_the_rate_limit_pass_and_cookies_do_not(http, connected, bigcommerce):
    connection = connected(INFORMATION)
    answer = http.get(f"/connections/{connection['id']}/bigcommerce/v3/channels?limit=1&available=true")
    assert answer.json()["meta"]["pagination"]["per_page"] == 1
    assert answer.headers["X-Rate-Limit-Requests-Left"].isdigit()
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_body_is_sent_as_it_is(http, connected, store):
    connection = connected(INFORMATION)
    answer = http.post(
        f"/connections/{connection['id']}/bigcommerce/v3/channels",
        json={"name": "Second shop", "type": "storefront", "platform": "custom"},
    )
    assert answer.status_code == 200
    assert answer.json()["data"]["id"] in store.channels


def test_bigcommerces_own_refusal_comes_through(http, connected):
    connection = connected(frozenset({"store_storefront_api"}))
    answer = http.get(f"/connections/{connection['id']}/bigcommerce/v2/store")
    assert answer.status_code == 403
    assert answer.headers["X-Forwarded-Answer"] == "bigcommerce"


@pytest.mark.parametrize(
    "path",
    [
        "v1/orders",
        "v3/%2e%2e/%2e%2e/other/v3/orders",
        "v3/a%2Fb",
        "v3/a%252Fb",
        "v3//orders",
        "/v3/orders",
        "v3/a%5Cb",
        "v3/a%40b",
        "v3/a%0D%0Ab",
        "v3/orders%0A",
        "v3/a%00b",
    ],
)
def test_a_path_that_could_lead_elsewhere_is_refused_and_nothing_is_sent(http, connected, bigcommerce, path):
    connection = connected(INFORMATION)
    sent = len(bigcommerce.requests)
    answer = http.get(f"/connections/{connection['id']}/bigcommerce/{path}")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert len(bigcommerce.requests) == sent


def test_a_limited_store_is_waited_for_and_passed_on_when_that_does_not_help(http, connected, bigcommerce):
    connection = connected(INFORMATION)
    bigcommerce.faults.add("rest:/v2/time", status=429, times=1)
    assert http.get(f"/connections/{connection['id']}/bigcommerce/v2/time").status_code == 200


def test_no_answer_is_a_problem_of_ours(http, connected, bigcommerce):
    connection = connected(INFORMATION)
    bigcommerce.faults.add("rest:/v2/time", drop=True, times=None)
    answer = http.get(f"/connections/{connection['id']}/bigcommerce/v2/time")
    assert answer.status_code == 503
    assert "X-Forwarded-Answer" not in answer.headers
    assert answer.json()["code"] == "bigcommerce-unreachable"


def test_a_hand_over_ticket_forwards_nothing(anonymous, client, connected, new_name):
    connection = connected(INFORMATION)
    ticket = client.issue_ticket(new_name())
    answer = anonymous.get(
        f"/connections/{connection['id']}/bigcommerce/v2/time",
        headers={"Authorization": f"Bearer {ticket.ticket.reveal()}"},
    )
    assert answer.status_code == 403
