"""A run that is killed after Save: the account it made is named by whoever comes next, and deleted by the next run."""

from __future__ import annotations

import sys

import psutil  # type: ignore[import-untyped]
import pytest
from programs import Program, wait_until

from simulated_store.state import ApiAccount, SimulatedBigCommerce, Store, Variants

pytestmark = [
    pytest.mark.sampled(1, group="killed runs"),
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
]


def killed(program: Program, store: Store, *command: str) -> ApiAccount:
    """Start a command, and kill it once the store has one account more; returns that account."""
    before = len(store.api_accounts)
    process = program.start(*command, "--json")
    wait_until(lambda: len(store.api_accounts) > before, process)
    below = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(below, timeout=60)
    assert alive == []
    assert program.left_behind() != []
    return store.api_accounts[-1]


def test_what_a_killed_connect_made_is_named_and_deleted_by_the_next_one(
    program: Program, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    bigcommerce.variants = Variants(txt="never")  # the run waits for the file while the account is there already
    left = killed(program, store, "connect", "shop")
    assert left.name.startswith("BigCommerce Companion ")
    code, document, said = program.run("list")
    assert (code, document["connections"]) == (0, [])
    assert f"{left.name!r} may have been left in store {store.store_hash}: `companion connect shop`" in said
    findings = program.run("doctor")[1]["findings"]
    assert [left.name in each["message"] for each in findings if each["code"] == "api-account-left"] == [True]

    bigcommerce.variants = Variants()
    code, document, said = program.run("connect", "shop")
    assert code == 0, said
    assert f"“{left.name}”, which an earlier run may have left, was deleted" in said
    [account] = store.api_accounts
    assert document["connection"]["api_account"]["name"] == account.name != left.name
    assert left.name not in program.run("list")[2]
    assert [each for each in (program.place / "data").rglob("*.json") if each.parent.name != "data"] == []
    assert program.left_behind() == []


def test_what_a_killed_rotation_made_is_deleted_by_the_next_one_and_the_one_in_use_stays(
    program: Program, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    code, document, said = program.run("connect", "shop")
    assert code == 0, said
    used = document["connection"]["api_account"]["name"]
    bigcommerce.variants = Variants(txt="never")
    left = killed(program, store, "rotate", "shop", "--yes")
    assert {account.name for account in store.api_accounts} == {used, left.name}
    bigcommerce.variants = Variants()
    code, document, said = program.run("rotate", "shop", "--yes")
    assert code == 0, said
    assert f"{left.name!r} may have been left" in said
    assert f"“{left.name}”, which an earlier run may have left, was deleted" in said
    [account] = store.api_accounts
    assert document["connection"]["api_account"]["name"] == account.name
    assert account.name not in {used, left.name}


def test_what_a_killed_batch_made_is_named_and_deleted_by_the_next_one_and_that_is_recorded(
    program: Program, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    file = program.place / "stores.csv"
    file.write_text(f"name,store_hash\nshop,{store.store_hash}\n")
    bigcommerce.variants = Variants(txt="never")
    left = killed(program, store, "connect", "--batch", str(file))
    said = program.run("list")[2]
    assert f"{left.name!r} may have been left in store {store.store_hash}: `companion connect --batch`" in said
    findings = program.run("doctor")[1]["findings"]
    assert [left.name in each["message"] for each in findings if each["code"] == "api-account-left"] == [True]

    bigcommerce.variants = Variants()
    code, document, said = program.run("connect", "--batch", str(file))
    assert (code, document["totals"]) == (0, {"connected": 1}), said
    assert f"{left.name!r} may have been left" in said
    [account] = store.api_accounts
    assert document["rows"][0]["connection"]["api_account"]["name"] == account.name != left.name
    assert left.name not in program.run("list")[2]
    entries = program.run("audit", "--action", "delete-left-account")[1]["entries"]
    assert [(each["outcome"], each["detail"]) for each in entries] == [
        ("done", f"{left.name} in store {store.store_hash}, left by companion connect --batch")
    ]
    assert program.left_behind() == []
