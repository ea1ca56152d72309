"""`companion reauthorize`: one store or many, with a plan beforehand, a line a store, and nothing done twice."""

from __future__ import annotations

import json

import pytest

BOTH = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation"})


@pytest.fixture
def stores(companion, sandbox):
    """Three connections: two with the older tokens, one of them to a store whose API account may mint none."""
    store = sandbox.store.state.store
    for name, scopes, auth_type in (
        ("old", BOTH, "token"),
        ("lacking", frozenset({"store_v2_information"}), "token"),
        ("new", BOTH, "custom"),
    ):
        account = store.create_api_account(f"{name} connection", scopes)
        added = companion(
            "add", name, "--subdomain", store.subdomain, "--store-hash", store.store_hash, "--auth-type", auth_type,
            "--access-token-stdin", "--no-verify", stdin=account.access_token,
        )  # fmt: skip
        assert added.exit_code == 0, added.output
    return store


def shown(companion, name):
    return json.loads(companion("show", name, "--json").stdout)


def test_one_connection_becomes_custom_in_place(companion, stores):
    before = shown(companion, "old")
    result = companion("reauthorize", "old", "--json")
    assert result.exit_code == 0, result.output
    after = json.loads(result.stdout)
    assert (after["id"], after["auth_type"], after["status"]) == (before["id"], "custom", "ready")
    assert after["scopes"] == ["Unauthenticated"]
    answer = companion("graphql", "old", "{ site { settings { storeName } } }", "--json")
    assert json.loads(answer.stdout)["data"]["site"]["settings"]["storeName"] == stores.name


def test_many_are_planned_done_and_not_done_twice(companion, stores):
    plan = json.loads(companion("reauthorize", "--all", "--dry-run", "--json").stdout)
    assert [each["name"] for each in plan["plan"]] == ["old", "lacking"]
    assert len(plan["nothing_to_do"]) == 1
    first = companion("reauthorize", "--all", "--json")
    assert first.exit_code == 9
    document = json.loads(first.stdout)
    assert document["totals"] == {"reauthorized": 1, "failed": 1, "nothing_to_do": 1}
    assert [each["name"] for each in document["failures"]] == ["lacking"]
    assert shown(companion, "lacking")["auth_type"] == "token"
    again = json.loads(companion("reauthorize", "--all", "--json").stdout)
    assert again["totals"] == {"reauthorized": 0, "failed": 1, "nothing_to_do": 2}


def test_a_new_access_token_is_taken_from_standard_input(companion, stores):
    account = stores.create_api_account("another connection", BOTH)
    result = companion("reauthorize", "lacking", "--access-token-stdin", "--json", stdin=account.access_token)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["status"] == "ready"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--all", "--retrieve"),
        ("old", "--retrieve", "--access-token-stdin"),
        ("old", "--channel-id", "zero"),
        ("old", "--storefront-scope", "Everything"),
    ],
)
def test_wrong_usage_changes_nothing(companion, stores, arguments):
    assert companion("reauthorize", *arguments, stdin="").exit_code == 2
    assert shown(companion, "old")["revision"] == 1
