"""The fixtures, used as a suite that installs the package uses them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import httpx2
import pytest
from canary_hunt import sightings

from companion.core.errors import CompanionError
from simulated_store.testing.browser_child import command

QUERY = "{ site { settings { storeName } } }"


@pytest.fixture
def reached(bigcommerce_connection, monkeypatch):
    """What is asked for over HTTP in this process, by the variables alone that programs know."""
    for name, value in bigcommerce_connection.env.items():
        monkeypatch.setenv(name, value)
    with httpx2.Client(headers={"X-Auth-Token": bigcommerce_connection.access_token}) as client:
        yield client


def test_the_connection_is_ready(bigcommerce_connection, bigcommerce_sandbox):
    assert bigcommerce_connection.status == "ready"
    assert bigcommerce_connection.store_hash == bigcommerce_sandbox.store_hash
    assert bigcommerce_connection.channel_id == 1
    assert bigcommerce_connection.graphql(QUERY)["data"]["site"]["settings"]["storeName"]


def test_its_values_serve_in_calls_of_one_s_own(bigcommerce_connection, reached):
    answer = reached.post(
        f"{bigcommerce_connection.storefront_url}/graphql",
        headers={"Authorization": f"Bearer {bigcommerce_connection.storefront_token}"},
        json={"query": QUERY},
    )

    assert answer.json()["data"]["site"]["settings"]["storeName"]
    assert reached.get(bigcommerce_connection.api_path + "storefront/api-token-private").status_code == 200


def test_the_standard_library_reaches_the_store_too(bigcommerce_connection, reached):
    del reached
    address = bigcommerce_connection.api_path + "storefront/api-token-private"
    asked = urllib.request.Request(address, headers={"X-Auth-Token": bigcommerce_connection.access_token})  # noqa: S310

    # `urlopen` would keep the proxy that it met first, for other tests too.
    with urllib.request.build_opener().open(asked) as answer:
        assert answer.status == 200


def test_only_what_the_test_asked_is_in_the_record(bigcommerce_connection, bigcommerce_sandbox, reached):
    bigcommerce_sandbox.requests.clear()  # the storefront token of `.env` was minted
    reached.get(bigcommerce_connection.api_path + "nowhere")

    assert [(each.method, each.status) for each in bigcommerce_sandbox.requests] == [("GET", 404)]


def test_the_record_begins_with_the_test(bigcommerce_connection, bigcommerce_sandbox):
    assert bigcommerce_connection.id
    assert list(bigcommerce_sandbox.requests) == []


@pytest.mark.bigcommerce(faults=["rest:/v3/channels:500:once"], scopes=["Channel settings=read-only"], channels=3)
def test_a_mark_shapes_the_store(bigcommerce_connection, bigcommerce_sandbox, reached):
    channels = bigcommerce_connection.api_path + "channels"

    assert reached.get(channels).status_code == 500
    assert len(reached.get(channels).json()["data"]) == len(bigcommerce_sandbox.store.channels) == 3


@pytest.mark.bigcommerce(variants=["quota=2", "rate-limit-headers=no"])
def test_the_fixtures_use_up_nothing_of_what_a_mark_allows(bigcommerce_connection, reached):
    address = bigcommerce_connection.api_path + "storefront/api-token-private"  # `.env` minted: one call is left

    assert [reached.get(address).status_code for _ in range(2)] == [200, 429]


@pytest.mark.bigcommerce(scopes=["Storefront API tokens=none"])
def test_an_account_that_lacks_a_scope_can_be_asked_for(bigcommerce_connection):
    assert bigcommerce_connection.status != "ready"
    assert bigcommerce_connection.storefront_token is None
    assert "BIGCOMMERCE_STOREFRONT_TOKEN" not in bigcommerce_connection.env
    with pytest.raises(CompanionError):
        bigcommerce_connection.graphql(QUERY)


@pytest.mark.bigcommerce(variants=["full", "locked-owner", "own-domain", "store-in-maintenance"])
def test_circumstances_do_not_stand_in_the_way_of_a_connection(bigcommerce_connection, bigcommerce_sandbox, reached):
    assert bigcommerce_connection.status == "ready"
    assert len(bigcommerce_sandbox.store.api_accounts) == 50
    assert bigcommerce_sandbox.owner.locked
    assert reached.get(bigcommerce_connection.api_path + "channels").status_code == 503


@pytest.mark.bigcommerce(variants=["full", "second-store"])
def test_without_a_connection_they_hold_from_the_beginning(bigcommerce_sandbox):
    assert len(bigcommerce_sandbox.store.api_accounts) == 50
    assert len(bigcommerce_sandbox.stores) == 2


@pytest.mark.bigcommerce(scopes=["Customer", "Unauthenticated", "B2B Edition=modify"])
def test_scopes_of_private_tokens_and_of_special_stores(bigcommerce_connection, bigcommerce_sandbox):
    assert set(bigcommerce_connection.document["scopes"]) == {"Unauthenticated", "Customer"}
    assert bigcommerce_sandbox.store.b2b_edition


@pytest.mark.bigcommerce(variants=["txt=A", "scope-control=radio"])
def test_variants_are_those_of_the_mark_and_can_be_changed(bigcommerce_sandbox):
    assert (bigcommerce_sandbox.variants.txt, bigcommerce_sandbox.variants.scope_control) == ("A", "radio")

    bigcommerce_sandbox.arrange(variants=["txt=B"], faults=["save:500:once"])

    assert bigcommerce_sandbox.variants.txt == "B"
    assert len(bigcommerce_sandbox.faults.to_come()) == 1


def test_the_next_test_sees_nothing_of_that(bigcommerce_sandbox):
    assert bigcommerce_sandbox.variants.txt == "C"
    assert bigcommerce_sandbox.faults.to_come() == []
    assert not bigcommerce_sandbox.store.b2b_edition


def test_programs_are_led_to_the_service_and_to_nothing_of_the_user(bigcommerce_connection, companion_service):
    environment = {**os.environ, "COMPANION_CONNECTION": "mine", **bigcommerce_connection.env}
    shown = subprocess.run(
        command(["show", "--json"]), env=environment, capture_output=True, text=True, check=True, encoding="utf-8"
    )

    assert json.loads(shown.stdout)["id"] == bigcommerce_connection.id
    assert companion_service.data_dir.is_relative_to(companion_service.sandbox.folder)
    assert httpx2.get(f"{companion_service.url}/api/v1/connections", trust_env=False).status_code == 401


def test_nothing_of_the_secrets_lies_on_the_disk(bigcommerce_connection, companion_service):
    bigcommerce_connection.graphql(QUERY)
    secrets = [bigcommerce_connection.access_token, *companion_service.minted.secrets()]

    assert sightings(secrets, {"log": companion_service.log.getvalue()}, [companion_service.sandbox.folder]) == []


def test_the_plugin_is_light_and_loads_nothing_of_ours_that_is_not():
    code = (
        "import sys, pytest; before = set(sys.modules); import simulated_store.pytest_plugin;"
        "print(*sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    names = ("pytest_plugin", "testing", "testing.hidden", "testing.marks", "testing.real_store")
    assert set(loaded) <= {"simulated_store", *(f"simulated_store.{name}" for name in names)}


@pytest.mark.browser
def test_a_connection_can_be_retrieved_in_a_browser(run, pytester: pytest.Pytester):
    for package in ("automation", "companion_tests", "fixtures"):
        pytester.mkpydir(package).joinpath("__init__.py").write_text("raise ImportError('the suite has its own')")

    result = run(
        """
        import pytest

        @pytest.mark.bigcommerce(variants=["txt=B"], scopes=["Products=read-only"])
        def test_retrieved(bigcommerce_connection, bigcommerce_sandbox):
            account = bigcommerce_connection.document["api_account"]
            assert account["name"] == bigcommerce_sandbox.store.api_accounts[0].name
            assert "store_v2_products_read_only" in bigcommerce_connection.document["oauth_scopes"]
            assert bigcommerce_connection.status == "ready"
            assert bigcommerce_connection.env["BIGCOMMERCE_ACCESS_TOKEN"] == bigcommerce_connection.access_token

        @pytest.mark.bigcommerce(scopes=["Storefront API tokens=none"])
        def test_less(bigcommerce_connection):
            pass
        """,
        "--companion-browser",
        "-rs",
    )

    result.assert_outcomes(passed=1, skipped=1)
    assert list(Path(os.environ["TMPDIR"]).iterdir()) == []
