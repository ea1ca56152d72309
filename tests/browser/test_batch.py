"""`companion connect --batch`, as a process of its own: one browser, one sign-in, every row on its own."""

from __future__ import annotations

import pytest
from programs import Program

from simulated_store.state import SimulatedBigCommerce, Store

pytestmark = [pytest.mark.browser, pytest.mark.sampled(1, group="batch")]


@pytest.fixture
def stores(bigcommerce: SimulatedBigCommerce) -> list[Store]:
    """Three stores of one user."""
    stores = [bigcommerce.store, bigcommerce.add_store(launched=True), bigcommerce.add_store(launched=True)]
    bigcommerce.owner.stores = [store.store_hash for store in stores]
    return stores


def file_of(program: Program, stores: list[Store]) -> str:
    file = program.place / "stores.csv"
    rows = "".join(f"shop {number},{store.store_hash},live\n" for number, store in enumerate(stores))
    file.write_text("name,store_hash,tags\n" + rows)
    return str(file)


def sign_ins(bigcommerce: SimulatedBigCommerce) -> int:
    return sum(each.method == "POST" and each.host == "login.bigcommerce.com" for each in bigcommerce.requests)


def test_one_stores_failure_is_never_anothers_and_the_next_run_goes_on_where_it_stopped(
    program: Program, bigcommerce: SimulatedBigCommerce, stores: list[Store]
) -> None:
    full = stores[1]
    for number in range(50):
        full.create_api_account(f"Account {number}", frozenset())
    bigcommerce.owner.totp_secret = bigcommerce.secrets.totp_secret()  # an authenticator's code works once
    bigcommerce.owner.device_check = True
    secret = {"BIGCOMMERCE_TOTP_SECRET": bigcommerce.owner.totp_secret}
    code, document, said = program.run("connect", "--batch", file_of(program, stores), **secret)
    assert code == 9, said
    assert document["totals"] == {"connected": 2, "failed": 1}
    assert [row["outcome"] for row in document["rows"]] == ["connected", "failed", "connected"]
    assert document["rows"][1]["error"]["step"] == "create-api-account"
    assert document["created"] == []
    for row, store in ((document["rows"][0], stores[0]), (document["rows"][2], stores[2])):
        [account] = store.api_accounts
        connection = row["connection"]
        assert (connection["store_hash"], connection["subdomain"]) == (store.store_hash, store.subdomain)
        assert (connection["api_account"]["client_id"], connection["status"]) == (account.client_id, "ready")
        assert connection["tags"] == ["live"]
        assert account.access_token not in str(document) + said
    assert sign_ins(bigcommerce) == 2  # the password and the code, once
    assert program.left_behind() == []

    full.delete_api_account(full.api_accounts[0].client_id)
    code, document, said = program.run("connect", "--batch", file_of(program, stores), **secret)
    assert code == 0, said
    assert document["totals"] == {"already": 2, "connected": 1}
    assert [len(store.api_accounts) for store in stores] == [1, 50, 1]


def test_the_first_refusal_stops_every_row_of_that_user(
    program: Program, bigcommerce: SimulatedBigCommerce, stores: list[Store]
) -> None:
    code, document, _ = program.run(
        "connect", "--batch", file_of(program, stores), "--parallel", "3", BIGCOMMERCE_PASSWORD="not the password"
    )
    assert (code, document["totals"]) == (3, {"failed": 1, "not_tried": 2})
    assert sign_ins(bigcommerce) == 1
    assert bigcommerce.owner.failed_tries == 1
