"""`companion rotate`, as a process of its own, against a simulated store: whatever fails, the connection works."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from programs import Program, ended, wait_until

from automation.core.flows.retrieval import STEP_IDS
from simulated_store.state import ApiAccount, SimulatedBigCommerce, Store

pytestmark = [pytest.mark.browser, pytest.mark.sampled(1, group="rotate")]

GRANTS = frozenset({
    "store_storefront_api", "store_storefront_api_customer_impersonation", "store_v2_products_read_only",
    "store_metafield_write",
})  # fmt: skip


@pytest.fixture
def old(program: Program, store: Store) -> ApiAccount:
    """The API account of the connection `shop`, as a retrieval would have recorded it."""
    from companion.cli.session import private_client
    from companion.core.secret import Secret
    from companion.settings import load_settings

    account = store.create_api_account("Companion k3v9q2x7ab", GRANTS)
    settings = load_settings(
        data_dir=program.place / "data",
        key_provider="file",
        key_file=program.place / "config" / "key.json",
        host_map=program.served.host_map,
        ca_file=program.served.ca_file,
    )
    with private_client(settings) as client:
        fields: Any = {
            "name": "shop",
            "subdomain": store.subdomain,
            "store_hash": store.store_hash,
            "tags": ["live"],
            "api_account": {"name": account.name, "client_id": account.client_id},
            "oauth_scopes": sorted(GRANTS - {"store_metafield_write"}),
        }
        client.hand_over(client.issue_ticket("shop"), fields, Secret(account.access_token))
    return account


def statuses(document: dict[str, Any]) -> dict[str, str]:
    assert [step["id"] for step in document["steps"]] == list(STEP_IDS)
    return {step["id"]: step["status"] for step in document["steps"]}


def shop(program: Program) -> dict[str, Any]:
    code, document, said = program.run("verify", "shop")
    assert code == 0, said
    return document


@pytest.mark.sampled(1)
@pytest.mark.parametrize("panel_host", ["canonical", "vanity"])
def test_a_proven_account_with_the_same_scopes_takes_the_place_of_the_old_one(
    program: Program, bigcommerce: SimulatedBigCommerce, store: Store, old: ApiAccount, panel_host: str
) -> None:
    bigcommerce.variants = replace(bigcommerce.variants, panel_host=panel_host)
    before = shop(program)
    code, document, said = program.run("rotate", "shop", "--yes")
    assert code == 0, said
    [new] = store.api_accounts
    assert new.name != old.name
    assert new.name.startswith("Companion ")
    assert new.scopes == old.scopes
    assert document["old_api_account"] == {"name": old.name, "client_id": old.client_id, "status": "deleted"}
    done = statuses(document)
    assert (done["open-storefront"], done["read-subdomain"]) == ("skipped", "skipped")
    assert {done[step] for step in STEP_IDS[3:]} == {"done"}
    after = shop(program)
    assert after["api_account"] == {"name": new.name, "client_id": new.client_id}
    same = ("id", "name", "subdomain", "store_hash", "channel_id", "auth_type", "scopes", "tags")
    assert set(after["oauth_scopes"]) == set(before["oauth_scopes"])
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    assert (after["status"], after["findings"]) == ("ready", [])
    everything = json.dumps(document) + said
    assert not [secret for secret in (new.access_token, new.client_secret, old.access_token) if secret in everything]
    assert program.left_behind() == []


def test_what_cannot_be_proven_is_taken_back_and_the_old_one_goes_on_working(
    program: Program, bigcommerce: SimulatedBigCommerce, store: Store, old: ApiAccount
) -> None:
    process = program.start("rotate", "shop", "--yes", "--json")
    wait_until(lambda: len(store.api_accounts) == 2, process)
    store.maintenance = True  # between Save and the hand-over
    code, document, said = ended(process)
    store.maintenance = False
    assert (code, document["error"]["step"], document["created"]) == (10, "hand-over", []), said
    assert store.api_accounts == [old]
    assert shop(program)["api_account"]["name"] == old.name


def test_an_old_account_that_cannot_be_deleted_is_a_finding_until_it_is(
    program: Program, bigcommerce: SimulatedBigCommerce, store: Store, old: ApiAccount
) -> None:
    code, document, said = program.run("rotate", "shop", "--keep-old")
    assert code == 0, said
    assert document["old_api_account"]["status"] == "kept"
    [_, new] = store.api_accounts
    [finding] = shop(program)["findings"]
    assert old.name in finding["message"]
    assert "--finish" in finding["action"]
    code, document, said = program.run("rotate", "shop", "--finish", "--yes")
    assert code == 0, said
    assert document["deleted"] == [{"kind": "api-account", "name": old.name, "client_id": old.client_id}]
    assert store.api_accounts == [new]
    after = shop(program)
    assert (after["status"], after["findings"], after["api_account"]["name"]) == ("ready", [], new.name)
