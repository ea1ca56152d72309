"""Each switch of the APIs changes what it says: seen through HTTP, with its default and with its other values."""

import base64
import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from simulated_store.api_switches import ApiSwitches

PRIVATE = "/v3/storefront/api-token-private"
SIMPLE = "/v3/storefront/api-token"
IMPERSONATION = "/v3/storefront/api-token-customer-impersonation"
NO_TOKEN = {"X-Auth-Token": "unknown"}


@dataclass
class Bench:
    """Everything that a probe may use."""

    rest: Any
    rest_as: Any
    writing: Any
    graphql: Any
    mint: Any
    bigcommerce: Any
    store: Any
    clock: Any

    def body(self, **fields: object) -> dict[str, object]:
        return {"channel_ids": [1], "expires_at": int(self.clock()) + 600, "scopes": ["Unauthenticated"], **fields}

    def browser(self) -> dict[str, str]:
        return {"Origin": f"https://{self.store.vanity_host}"}


@pytest.fixture
def bench(rest, rest_as, writing, graphql, mint, bigcommerce, store, clock):
    return Bench(rest, rest_as, writing, graphql, mint, bigcommerce, store, clock)


def claims_of(token):
    segment = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))


def token_name(bench):
    bench.mint(name="checkout")
    return bench.rest.get(PRIVATE).json["data"][0].get("name")


def token_for_ever(bench):
    answer = bench.rest.post(PRIVATE, json=bench.body(expires_at=0))
    return bench.graphql(answer.json["data"]["token"]).status_code, bench.rest.get(PRIVATE).json["data"][0][
        "is_expired"
    ]


def both_fields(bench):
    other = bench.store.add_channel("other")
    answer = bench.rest.post(PRIVATE, json=bench.body(channel_ids=[1], channel_id=other.channel_id))
    ids = {1: "channel_ids", other.channel_id: "channel_id"}
    return [ids[each] for each in claims_of(answer.json["data"]["token"])["cid"]] if answer.status_code == 200 else 422


def no_channels(bench):
    body = bench.body()
    del body["channel_ids"]
    assert bench.rest.post(PRIVATE, json=body).status_code == 422  # other families always need them
    answer = bench.rest.post(SIMPLE, json=body)
    return bench.graphql(answer.json["data"]["token"]).status_code if answer.status_code == 200 else 422


def revoked_token(bench):
    token = bench.mint()
    bench.rest.post(f"{PRIVATE}/revoke-all")
    return bench.graphql(token).status_code


def second_revocation(bench):
    bench.mint(), bench.mint()
    ids = [each["jti"] for each in bench.rest.get(PRIVATE).json["data"]]
    return [bench.rest.delete(f"{PRIVATE}/{each}").status_code for each in ids]


def impersonation_by_header(bench):
    return bench.rest.delete(IMPERSONATION, headers={"Sf-Api-Token": bench.mint("impersonation")}).status_code


def orphaned_token(bench):
    token = bench.mint()
    bench.store.delete_api_account(bench.rest.account.client_id)
    return bench.graphql(token).status_code


def other_stores_token(bench):
    other = bench.bigcommerce.add_store().create_api_account("elsewhere", frozenset({"store_channel_settings"}))
    return bench.rest.get("/v3/channels", headers={"X-Auth-Token": other.access_token}).status_code


def maintenance(bench):
    bench.store.maintenance = True
    answer = bench.rest.get("/v3/channels")
    return answer.status_code, answer.mimetype, bool(answer.data)


def new_channel(bench, name):
    body = {"name": name, "type": "storefront", "platform": "catalyst"}
    return bench.writing.post("/v3/channels", json=body).status_code


def second_request(bench):
    bench.rest.get("/v3/channels")
    return bench.rest.get("/v3/channels").status_code


def from_another_origin(bench):
    return bench.graphql(bench.mint("simple"), headers={"Origin": "https://elsewhere.example"}).status_code


def private_in_browser(bench):
    answer = bench.graphql(bench.mint(), headers=bench.browser())
    return answer.status_code, answer.json["errors"][0]["message"].startswith("'Origin' header invalid:")


def login(bench):
    shopper = bench.store.api_records.shoppers.people[0]
    query = "mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { result } }"
    variables = {"email": shopper.email, "password": shopper.password}
    answer = bench.graphql(bench.mint(scopes=["Customer"]), query, variables=variables)
    if "errors" in answer.json:
        message = answer.json["errors"][0]["message"]
        assert message == "Operation cannot be performed as the storefront channel is not live"
    return "errors" not in answer.json


def lacking_scope(bench):
    answer = bench.graphql(bench.mint(scopes=["Unauthenticated"]), "{ customer { email } }")
    assert answer.json["errors"][0]["extensions"]["code"] == "INSUFFICIENT_ACCESS_SCOPE"
    return answer.status_code


# switch -> what to do, what is seen with the default, other values and what is seen with each
PROBES: dict[str, tuple[Callable[[Bench], object], object, dict[Any, object]]] = {
    "token_lists": (lambda b: b.rest.get(PRIVATE).status_code, 200, {False: 405}),
    "token_names": (token_name, "checkout", {False: None}),
    "jti_claim": (lambda b: "jti" in claims_of(b.mint()), True, {False: False}),
    "never_expires_at_zero": (token_for_ever, (401, True), {True: (200, False)}),
    "past_expiry_refused": (
        lambda b: b.rest.post(PRIVATE, json=b.body(expires_at=5)).status_code,
        200,
        {True: 422},
    ),
    "both_channel_fields": (both_fields, ["channel_ids"], {"channel_id": ["channel_id"], "refused": 422}),
    "simple_needs_channels": (no_channels, 422, {False: 200}),
    "revocation_delay": (revoked_token, 200, {0.0: 401}),
    "most_revoked": (second_revocation, [204, 204], {1: [204, 422]}),
    "impersonation_revoked_by_header": (impersonation_by_header, 405, {True: 200}),
    "tokens_outlive_account": (orphaned_token, 200, {False: 401}),
    "other_store_status": (other_stores_token, 403, {401: 401}),
    "v2_unauthorized_array": (lambda b: type(b.rest.get("/v2/store", headers=NO_TOKEN).json), dict, {True: list}),
    "unauthorized_details": (
        lambda b: set(b.rest.get("/v3/channels", headers=NO_TOKEN).json),
        {"status", "title"},
        {True: {"status", "title", "type", "errors"}},
    ),
    "time_needs_scope": (lambda b: b.rest_as("store_v2_orders").get("/v2/time").status_code, 403, {False: 200}),
    "unknown_filters_refused": (lambda b: b.rest.get("/v3/channels?colour=red").status_code, 200, {True: 422}),
    "sites_total_page": (
        lambda b: {"total_page", "total_pages"} & b.rest.get("/v3/sites").json["meta"]["pagination"].keys(),
        {"total_pages"},
        {True: {"total_page"}},
    ),
    "channel_names_take_spaces": (lambda b: new_channel(b, "two words"), 200, {False: 422}),
    "maintenance_body": (
        maintenance,
        (503, "text/html", True),
        {
            "json": (503, "application/json", True),
            "plain": (503, "text/plain", True),
            "none": (503, "text/plain", False),
        },
    ),
    "most_channels": (lambda b: new_channel(b, "more"), 200, {1: 507}),
    "quota": (second_request, 200, {1: 429}),
    "window_ms": (
        lambda b: b.rest.get("/v3/channels").headers["X-Rate-Limit-Time-Window-Ms"],
        "30000",
        {9_000: "9000"},
    ),
    "hourly_quota": (second_request, 200, {1: 429}),
    "rate_limit_headers": (
        lambda b: "X-Rate-Limit-Requests-Left" in b.rest.get("/v3/channels").headers,
        True,
        {False: False},
    ),
    "graphql_enabled": (lambda b: b.graphql(b.mint()).status_code, 200, {False: 404}),
    "origin_mismatch_status": (from_another_origin, 401, {403: 403}),
    "wrong_side_status": (private_in_browser, (401, False), {403: (403, False)}),
    "wrong_side_text": (private_in_browser, (401, False), {"origin": (401, True)}),
    "logins_need_live_channel": (login, True, {True: False}),
    "scope_error_status": (lacking_scope, 200, {401: 401}),
}


@pytest.mark.parametrize("name", [each.name for each in dataclasses.fields(ApiSwitches)])
def test_without_a_switch_the_default_holds(bench, name):
    do, usual, others = PROBES[name]
    assert do(bench) == usual
    assert others
    assert getattr(ApiSwitches(), name) not in others


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in PROBES for value in PROBES[name][2]])
def test_the_switch_changes_what_it_says(bench, name, value):
    do, usual, others = PROBES[name]
    setattr(bench.bigcommerce.api, name, value)
    assert do(bench) == others[value] != usual
