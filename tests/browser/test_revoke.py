"""`companion delete --revoke`, as a process of its own, against a simulated store."""

from __future__ import annotations

import json
import subprocess

import pytest
from programs import LIMIT, Program

from simulated_store.state import ApiAccount, SimulatedBigCommerce, Store
from simulated_store.variants import Variants

pytestmark = [pytest.mark.browser, pytest.mark.sampled(1, group="revoke")]

GRANTS = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation", "store_metafield_write"})


def added(program: Program, store: Store, account: ApiAccount, name: str = "shop") -> None:
    """Add a connection of this account by its downloaded file."""
    file = program.place / "credentials.txt"
    file.write_text(
        f"ACCESS TOKEN: {account.access_token}\nCLIENT ID: {account.client_id}\nNAME: {account.name}\n"
        f"API PATH: {store.api_path}\n"
    )
    fields = ("--subdomain", store.subdomain, "--credentials-file", str(file), "--delete-file", "--no-verify")
    process = program.start("add", name, *fields, stdin=subprocess.DEVNULL)
    assert process.communicate(timeout=LIMIT) is not None
    assert process.returncode == 0


def names(program: Program) -> list[str]:
    return [each["name"] for each in program.run("list")[1]["connections"]]


def test_exactly_the_one_account_is_deleted_on_whatever_page_it_stands_and_its_token_is_refused(
    program: Program, bigcommerce: SimulatedBigCommerce
) -> None:
    store = bigcommerce.store
    account = store.create_api_account("Companion", GRANTS)
    others = [store.create_api_account(f"Companion {number}", GRANTS) for number in range(30)]  # ours is on page two
    added(program, store, account)
    code, document, said = program.run("delete", "shop", "--revoke", "--yes")
    assert code == 0, said
    assert store.api_accounts == others
    assert document["deleted"]["name"] == "shop"
    assert document["still_alive"] == []
    revoked = {"kind": "api-account", "name": account.name, "client_id": account.client_id, "webhooks": 0}
    assert document["revoked"] == [revoked]
    assert names(program) == []
    assert account.access_token not in json.dumps(document) + said
    assert program.left_behind() == []


def test_an_account_that_is_not_in_the_list_leaves_everything_as_it_is(
    program: Program, bigcommerce: SimulatedBigCommerce
) -> None:
    store = bigcommerce.store
    account = store.create_api_account("Companion", GRANTS)
    added(program, store, account)
    account.name = "Renamed by somebody"
    code, document, said = program.run("delete", "shop", "--revoke", "--yes")
    assert (code, document["error"]["code"], document["error"]["step"]) == (
        4,
        "api-account-not-found",
        "open-api-accounts",
    )
    assert "“Companion”" in said
    assert store.api_accounts == [account]
    assert names(program) == ["shop"]

    store.delete_api_account(account.client_id)  # as by an attempt that broke off after the deletion
    code, document, said = program.run("delete", "shop", "--revoke", "--yes")
    assert code == 0, said
    assert "it was deleted before" in said
    assert names(program) == []


def test_where_the_panels_address_names_no_store_its_form_does(
    program: Program, bigcommerce: SimulatedBigCommerce
) -> None:
    store = bigcommerce.store
    bigcommerce.variants = Variants(panel_host="vanity")
    account = store.create_api_account("Companion", GRANTS)
    other = store.create_api_account("Companion too", GRANTS)
    added(program, store, account)
    code, document, said = program.run("delete", "shop", "--revoke", "--yes")
    assert code == 0, said
    assert store.api_accounts == [other]
    assert [each["client_id"] for each in document["revoked"]] == [account.client_id]

    code, document, said = program.run("doctor", "--panel")
    found = {each["code"]: each["status"] for each in document["checks"] if each["check"] == "panel"}
    assert (len(found), set(found.values())) == (9, {"ok"}), said
    assert store.api_accounts == [other]


def test_uninstalling_deletes_the_accounts_first_where_that_is_asked_for(
    program: Program, bigcommerce: SimulatedBigCommerce
) -> None:
    store = bigcommerce.store
    account = store.create_api_account("Companion", GRANTS)
    other = store.create_api_account("Companion too", GRANTS)
    added(program, store, account)
    added(program, store, account, "the same account")
    code, document, said = program.run("uninstall", "--revoke", "--yes")
    assert code == 0, said
    assert store.api_accounts == [other]
    assert [each["client_id"] for each in document["revoked"]] == [account.client_id]
    assert document["still_alive"] == []
    assert names(program) == []
