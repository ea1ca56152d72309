"""Verify and GraphQL through the service, against a simulated store behind a host map."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from served import A_TOKEN, Served, settings_in

from companion.bigcommerce import client as bigcommerce_client
from companion.client import CompanionClient
from companion.core.errors import (
    BigCommerceRefused,
    BigCommerceRejectedRequest,
    BigCommerceUnreachable,
    CompanionError,
    InMaintenance,
    RateLimited,
    WrongWorld,
)
from companion.core.secret import Secret
from companion.wiring.service import running_service
from simulated_store.serving.server import RunningStore
from simulated_store.state import SimulatedBigCommerce, Store

STOREFRONT = "store_storefront_api"
IMPERSONATION = "store_storefront_api_customer_impersonation"
QUERY = "{ site { settings { storeName } } }"

Connect = Callable[..., Any]


def codes(document: Any) -> list[str]:
    return [finding["code"] for finding in document["findings"]]


def paths(bigcommerce: SimulatedBigCommerce) -> list[tuple[str, str]]:
    return [(record.method, record.path.rpartition("/")[2]) for record in bigcommerce.requests]


def test_a_good_connection_is_ready_and_says_so_ever_after(client: CompanionClient, connected: Connect) -> None:
    made = connected()
    verified = client.verify(made["id"])
    assert (verified["status"], verified["findings"]) == ("ready", [])
    assert verified["verified_at"] is not None
    assert client.connection(made["id"]) == verified


def test_verify_reads_first_and_mints_only_what_graphql_needs(
    client: CompanionClient, connected: Connect, bigcommerce: SimulatedBigCommerce
) -> None:
    client.verify(connected()["id"])
    assert paths(bigcommerce) == [
        ("GET", "api-token-private"),
        ("GET", "api-token-customer-impersonation"),
        ("POST", "api-token-private"),
        ("POST", "graphql"),
    ]


def test_a_store_without_token_lists_is_verified_by_minting(
    client: CompanionClient, connected: Connect, bigcommerce: SimulatedBigCommerce
) -> None:
    bigcommerce.api.token_lists = False
    assert client.verify(connected()["id"])["status"] == "ready"
    assert ("POST", "api-token-customer-impersonation") in paths(bigcommerce)


@pytest.mark.parametrize(
    ("scopes", "expected", "status"),
    [
        ({STOREFRONT}, ["scope-missing-customer-impersonation"], "attention"),
        ({IMPERSONATION}, ["scope-missing-storefront-tokens"], "broken"),
        (
            {"store_v2_products_read_only"},
            ["scope-missing-storefront-tokens", "scope-missing-customer-impersonation"],
            "broken",
        ),
        ({"store_v2_marketing"}, ["hash-or-scopes"], "broken"),
        ({STOREFRONT, IMPERSONATION, "store_v2_orders"}, [], "ready"),
    ],
)
@pytest.mark.parametrize("lists", [True, False])
def test_a_missing_scope_is_named(
    client: CompanionClient,
    connected: Connect,
    bigcommerce: SimulatedBigCommerce,
    scopes: set[str],
    expected: list[str],
    status: str,
    lists: bool,
) -> None:
    bigcommerce.api.token_lists = lists
    verified = client.verify(connected(frozenset(scopes))["id"])
    assert (codes(verified), verified["status"]) == (expected, status)


def test_a_deleted_api_account_is_a_refused_token(client: CompanionClient, connected: Connect, store: Store) -> None:
    made = connected()
    store.delete_api_account(store.api_account_named("ERP connection").client_id)
    verified = client.verify(made["id"])
    assert (codes(verified), verified["status"]) == (["token-refused"], "broken")
    assert f"`companion connect '{made['name']}' --replace`" in verified["findings"][0]["action"]
    with pytest.raises(CompanionError) as refused:
        client.graphql(made["id"], QUERY)
    assert f"`companion connect '{made['name']}' --replace`" in refused.value.explained.next_step


@pytest.mark.parametrize(("status", "expected"), [(403, "hash-or-scopes"), (401, "token-refused")])
def test_the_hash_of_another_store_is_found_out(
    client: CompanionClient, connected: Connect, bigcommerce: SimulatedBigCommerce, status: int, expected: str
) -> None:
    bigcommerce.api.other_store_status = status
    other = bigcommerce.add_store()
    verified = client.verify(connected(store_hash=other.store_hash)["id"])
    assert expected in codes(verified)
    assert verified["status"] == "broken"


def test_the_subdomain_of_another_store_is_found_out(
    client: CompanionClient, connected: Connect, bigcommerce: SimulatedBigCommerce
) -> None:
    other = bigcommerce.add_store()
    verified = client.verify(connected(subdomain=other.subdomain)["id"])
    assert (codes(verified), verified["status"]) == (["subdomain-of-another-store"], "broken")


@pytest.mark.parametrize("lists", [True, False])
def test_a_channel_that_the_store_has_not_is_named(
    client: CompanionClient, connected: Connect, bigcommerce: SimulatedBigCommerce, lists: bool
) -> None:
    bigcommerce.api.token_lists = lists
    verified = client.verify(connected(channel_id=999_999)["id"])
    assert (codes(verified), verified["status"]) == (["channel-or-scopes-refused"], "broken")


def test_another_channel_answers_at_its_permanent_address(
    client: CompanionClient, connected: Connect, store: Store
) -> None:
    made = connected(channel_id=store.add_channel("EU").channel_id)
    verified = client.verify(made["id"])
    assert (codes(verified), verified["status"]) == (["subdomain-of-another-channel"], "ready")
    assert client.graphql(made["id"], QUERY)["data"]["site"]["settings"]["storeName"]


def test_store_and_hash_serve_as_the_subdomain(client: CompanionClient, connected: Connect, store: Store) -> None:
    made = connected(subdomain=f"store-{store.store_hash}")
    assert client.verify(made["id"])["status"] == "ready"
    assert "data" in client.graphql(made["id"], QUERY)


@pytest.mark.parametrize("scopes", [["Unauthenticated"], ["Customer"], ["B2B"], ["Unauthenticated", "Customer", "B2B"]])
def test_any_private_token_scopes_can_be_verified(
    client: CompanionClient, connected: Connect, scopes: list[str]
) -> None:
    assert client.verify(connected(scopes=scopes)["id"])["status"] == "ready"


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (429, RateLimited, "rate-limited"),
        (503, InMaintenance, "bigcommerce-maintenance"),
        (500, BigCommerceUnreachable, "bigcommerce-unreachable"),
        (502, BigCommerceUnreachable, "bigcommerce-unreachable"),
    ],
)
def test_an_outage_leaves_a_ready_connection_ready(
    client: CompanionClient,
    connected: Connect,
    bigcommerce: SimulatedBigCommerce,
    status: int,
    error: type[BigCommerceUnreachable],
    code: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bigcommerce_client, "MAX_WAIT", 0.0)
    made = client.verify(connected()["id"])
    bigcommerce.faults.add("rest:*", status=status, times=None)
    with pytest.raises(error) as raised:
        client.verify(made["id"])
    assert (raised.value.code, raised.value.exit_code) == (code, 10)
    assert client.connection(made["id"]) == made


def test_a_connection_that_breaks_off_proves_nothing(
    client: CompanionClient, connected: Connect, bigcommerce: SimulatedBigCommerce
) -> None:
    made = connected()
    bigcommerce.faults.add("rest:*", drop=True, times=None)
    with pytest.raises(BigCommerceUnreachable):
        client.verify(made["id"])
    assert client.connection(made["id"])["status"] == "unverified"


def test_a_storefront_in_maintenance_is_a_finding_and_not_broken(
    client: CompanionClient, connected: Connect, bigcommerce: SimulatedBigCommerce
) -> None:
    made = connected()
    bigcommerce.faults.add("graphql*", status=503, times=None)
    bigcommerce.faults.add("*oauth/info*", status=503, times=None)
    verified = client.verify(made["id"])
    assert verified["status"] == "attention"
    assert "bigcommerce-maintenance" in codes(verified)


def test_graphql_answers_through_the_connection(client: CompanionClient, connected: Connect, store: Store) -> None:
    made = connected()
    answer = client.graphql(made["id"], "query Q($n: Int) { site { settings { storeName } } }", {"n": 1})
    assert "data" in answer or "errors" in answer
    assert client.graphql(made["id"], QUERY) == {"data": {"site": {"settings": {"storeName": store.name}}}}


def test_a_wrong_query_is_answered_with_its_errors(client: CompanionClient, connected: Connect) -> None:
    answer = client.graphql(connected()["id"], "{ nope }")
    assert answer["errors"][0]["message"]


def test_one_private_token_serves_many_queries(
    client: CompanionClient, connected: Connect, bigcommerce: SimulatedBigCommerce
) -> None:
    made = connected()
    for _ in range(3):
        client.graphql(made["id"], QUERY)
    assert paths(bigcommerce).count(("POST", "api-token-private")) == 1


def test_callers_at_once_share_one_mint(served: Served, connected: Connect, bigcommerce: SimulatedBigCommerce) -> None:
    made = connected()
    answers: list[Any] = []

    def ask() -> None:
        with CompanionClient(served.service.url, served.service.api_token) as own:
            answers.append(own.graphql(made["id"], QUERY))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert all("data" in answer for answer in answers)
    assert paths(bigcommerce).count(("POST", "api-token-private")) == 1


def test_a_private_token_that_was_revoked_is_minted_anew_once(
    client: CompanionClient, connected: Connect, bigcommerce: SimulatedBigCommerce
) -> None:
    made = connected()
    client.graphql(made["id"], QUERY)
    body = '{"errors":[{"message":"Unknown JWT token"}]}'
    bigcommerce.faults.add("graphql*", status=401, body=body)
    assert "data" in client.graphql(made["id"], QUERY)
    assert paths(bigcommerce).count(("POST", "api-token-private")) == 2


def test_a_private_token_that_is_refused_again_is_reported(
    client: CompanionClient, connected: Connect, bigcommerce: SimulatedBigCommerce
) -> None:
    made = connected()
    body = '{"errors":[{"message":"GraphQL invalid credentials. JWT is expired"}]}'
    bigcommerce.faults.add("graphql*", status=401, body=body, times=None)
    with pytest.raises(BigCommerceRefused) as raised:
        client.graphql(made["id"], QUERY)
    assert raised.value.exit_code == 6
    assert paths(bigcommerce).count(("POST", "api-token-private")) == 2


def test_a_replaced_connection_uses_no_token_of_the_old(
    client: CompanionClient, connected: Connect, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    made = connected()
    client.graphql(made["id"], QUERY)
    account = store.create_api_account("ERP second", frozenset({STOREFRONT}))
    client.replace(
        made["id"],
        {"name": made["name"], "subdomain": store.subdomain, "store_hash": store.store_hash, "scopes": ["Customer"]},
        Secret(account.access_token),
        made["revision"],
    )
    answer = client.graphql(made["id"], QUERY)
    assert "INSUFFICIENT_ACCESS_SCOPE" in str(answer)
    assert paths(bigcommerce).count(("POST", "api-token-private")) == 2


def test_graphql_at_another_stores_subdomain_is_not_answered(
    client: CompanionClient, connected: Connect, bigcommerce: SimulatedBigCommerce
) -> None:
    other = bigcommerce.add_store()
    with pytest.raises(BigCommerceRejectedRequest):
        client.graphql(connected(subdomain=other.subdomain)["id"], QUERY)


def test_a_token_connection_asks_to_be_reauthorized(http: httpx2.Client, connected: Connect) -> None:
    made = connected(auth_type="token")
    answer = http.post(f"/connections/{made['id']}/graphql", json={"query": QUERY})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["action"]) == (409, "reauthorize-needed", "reauthorize")
    verified = http.post(f"/connections/{made['id']}/verify").json()
    assert (verified["status"], codes(verified)) == ("broken", ["reauthorize-needed"])


def test_a_connection_of_the_simulated_world_is_refused_in_the_real_one(
    simulated: RunningStore, tmp_path: Path, bigcommerce: SimulatedBigCommerce
) -> None:
    mapped = settings_in(tmp_path, host_map=simulated.host_map, ca_file=simulated.ca_file)
    with running_service(mapped) as service, CompanionClient(service.url, service.api_token) as own:
        made = own.create({"name": "Shop", "subdomain": "celigo", "store_hash": "ci4bzn8adz"}, A_TOKEN)
    real = settings_in(tmp_path)
    with running_service(real) as service, CompanionClient(service.url, service.api_token) as own:
        for call in (lambda: own.verify(made["id"]), lambda: own.graphql(made["id"], QUERY)):
            with pytest.raises(WrongWorld) as raised:
                call()
            assert raised.value.exit_code == 8
        with pytest.raises(WrongWorld):
            own.issue_ticket("Shop", replace=True)
        assert own.connection("Shop")["name"] == "Shop"
    assert bigcommerce.requests == [] or not bigcommerce.requests


def test_a_store_behind_another_authority_is_not_trusted(
    simulated: RunningStore, tmp_path: Path, bigcommerce: SimulatedBigCommerce
) -> None:
    mapped = settings_in(tmp_path, host_map=simulated.host_map)
    with running_service(mapped) as service, CompanionClient(service.url, service.api_token) as own:
        made = own.create({"name": "Shop", "subdomain": "celigo", "store_hash": "ci4bzn8adz"}, A_TOKEN)
        with pytest.raises(BigCommerceUnreachable, match="not trusted"):
            own.verify(made["id"])


def test_a_name_that_is_not_mapped_fails_and_is_named(simulated: RunningStore, tmp_path: Path) -> None:
    only_stores = simulated.host_map.split(",")[0]
    mapped = settings_in(tmp_path, host_map=only_stores, ca_file=simulated.ca_file)
    with running_service(mapped) as service, CompanionClient(service.url, service.api_token) as own:
        made = own.create({"name": "Shop", "subdomain": "celigo", "store_hash": "ci4bzn8adz"}, A_TOKEN)
        with pytest.raises(BigCommerceUnreachable, match=r"api\.bigcommerce\.com is not in the host map"):
            own.verify(made["id"])
