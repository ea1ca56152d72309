"""`companion connect`, as a process of its own, against a simulated store; whatever happens, nothing is left behind."""

from __future__ import annotations

import json
import shlex
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
from attachable import started
from programs import LIMIT, Program, ended, wait_until

from automation.core.flows.retrieval import STEP_IDS
from simulated_store.serving.proxy import RunningProxy
from simulated_store.serving.server import RunningStore
from simulated_store.state import SimulatedBigCommerce, Store, Variants

pytestmark = [pytest.mark.browser, pytest.mark.sampled(5, group="connect")]


def statuses(document: dict[str, Any]) -> dict[str, str]:
    assert [step["id"] for step in document["steps"]] == list(STEP_IDS)
    return {step["id"]: step["status"] for step in document["steps"]}


@pytest.mark.sampled(1)  # by itself, so that it is always run
def test_a_store_is_connected_verified_and_nothing_secret_is_said(
    program: Program, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    code, document, said = program.run("connect", "shop", "--tag", "live", "--oauth-scope", "Products=read-only")
    assert code == 0
    [account] = store.api_accounts
    connection = document["connection"]
    assert set(statuses(document).values()) == {"done"}
    assert (connection["name"], connection["subdomain"], connection["store_hash"], connection["status"]) == (
        "shop",
        store.subdomain,
        store.store_hash,
        "ready",
    )
    assert connection["api_account"] == {"name": account.name, "client_id": account.client_id}
    wanted = {"store_storefront_api", "store_storefront_api_customer_impersonation", "store_v2_products_read_only"}
    assert set(connection["oauth_scopes"]) == wanted <= account.scopes
    assert document["created"] == [{"kind": "api-account", "name": account.name}]
    assert document["human_actions"] == 0
    everything = json.dumps(document) + said
    for secret in (account.access_token, account.client_secret, bigcommerce.owner.password):
        assert secret not in everything
    assert program.left_behind() == []


def test_a_dry_run_does_every_step_up_to_save_and_makes_nothing(
    program: Program, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    code, document, said = program.run("connect", "shop", "--dry-run", "--oauth-scope", "Products=read-only")
    assert code == 0, said
    done = statuses(document)
    assert {done[step] for step in STEP_IDS[:9]} == {"done"}
    assert {done[step] for step in STEP_IDS[9:]} == {"skipped"}
    assert document["would_make"]["subdomain"] == store.subdomain
    assert "store_v2_products_read_only" in document["would_make"]["oauth_scopes"]
    assert (document["connection"], document["created"]) == (None, [])
    assert store.api_accounts == []
    assert not [each for each in bigcommerce.requests if each.method == "POST" and each.path.startswith("/admin")]
    assert program.run("list")[1]["connections"] == []
    assert program.left_behind() == []


def test_the_control_panel_is_looked_through_without_a_trace(
    program: Program, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    code, document, said = program.run("doctor", "--panel")
    found = {each["code"]: each for each in document["checks"] if each["check"] == "panel"}
    assert len(found) == 9, said
    assert {each["status"] for each in found.values()} == {"ok"}
    assert code in {0, 9}  # the machine itself may have something to look at
    posts = [each for each in bigcommerce.requests if each.method not in {"GET", "HEAD"}]
    assert [each.host for each in posts] == ["login.bigcommerce.com"]
    assert store.api_accounts == []
    assert json.loads((program.place / "data" / "panel-controls.json").read_text())["simulated"]["save"] == "name"
    assert program.left_behind() == []


def test_a_taken_name_is_refused_before_a_browser_opens_and_replaced_only_when_asked(
    program: Program, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    code, first, _ = program.run("connect", "shop", "--oauth-scope", "Products=read-only")
    assert code == 0
    [old] = store.api_accounts
    asked = len(bigcommerce.requests)
    code, refused, _ = program.run("connect", "SHOP")
    assert (code, refused["error"]["exit_code"], refused["error"]["code"], refused["created"]) == (
        8,
        8,
        "name-taken",
        [],
    )
    assert len(bigcommerce.requests) == asked
    code, second, _ = program.run("edit", "shop", "--retrieve", "--tag", "eu")  # which is `connect --replace`
    assert code == 0
    assert second["connection"]["tags"] == ["eu"]
    assert "store_v2_products_read_only" in store.api_accounts[-1].scopes
    assert second["connection"]["id"] == first["connection"]["id"]
    assert second["superseded"] == {"name": old.name, "client_id": old.client_id}
    assert second["connection"]["api_account"]["name"] == store.api_accounts[-1].name != old.name
    assert len(store.api_accounts) == 2


def test_a_wrong_password_is_tried_once(program: Program, bigcommerce: SimulatedBigCommerce, store: Store) -> None:
    code, document, _ = program.run("connect", "shop", BIGCOMMERCE_PASSWORD="not the password")
    assert (code, document["error"]["step"], document["created"]) == (3, "sign-in", [])
    assert statuses(document)["sign-in"] == "failed"
    submitted = [
        each for each in bigcommerce.requests if each.method == "POST" and each.host == "login.bigcommerce.com"
    ]
    assert len(submitted) == 1
    assert store.api_accounts == []
    assert program.left_behind() == []


def test_without_a_password_no_browser_opens(program: Program, bigcommerce: SimulatedBigCommerce) -> None:
    code, document, said = program.run("connect", "shop", BIGCOMMERCE_PASSWORD="")
    assert code == 3
    assert "BIGCOMMERCE_PASSWORD is not set" in said
    assert "BIGCOMMERCE_EMAIL is not set" not in said
    assert document["created"] == []
    assert len(bigcommerce.requests) == 0


def test_a_user_who_may_not_create_accounts_is_told_the_step(
    program: Program, bigcommerce: SimulatedBigCommerce
) -> None:
    bigcommerce.owner.may_create = False
    evidence = program.place / "page.txt"
    code, document, said = program.run("connect", "shop", "--evidence", str(evidence))
    assert (code, document["error"]["step"], document["created"]) == (4, "create-api-account", [])
    assert statuses(document)["open-api-accounts"] == "done"
    assert statuses(document)["create-api-account"] == "failed"
    assert statuses(document)["save"] == "skipped"
    assert str(evidence) in said
    assert stat.S_IMODE(evidence.stat().st_mode) == 0o600
    seen = evidence.read_text()
    assert "heading “Store-level API accounts”" in seen
    for private in (
        bigcommerce.store.store_hash,
        bigcommerce.store.subdomain,
        bigcommerce.owner.email,
        bigcommerce.owner.password,
    ):
        assert private not in seen


def test_a_service_that_does_not_answer_stops_everything_before_it_begins(
    program: Program, bigcommerce: SimulatedBigCommerce
) -> None:
    assert program.run("connect", "first")[0] == 0  # makes the token file
    before = len(bigcommerce.requests)
    code, document, _ = program.run("connect", "shop", COMPANION_URL="http://127.0.0.1:9")
    assert (code, document["created"]) == (5, [])
    assert len(bigcommerce.requests) == before


def test_two_connections_can_be_made_at_once(program: Program, store: Store) -> None:
    processes = [program.start("connect", name, "--json") for name in ("one", "two")]
    results = [ended(process) for process in processes]
    assert [code for code, _, _ in results] == [0, 0]
    assert len(store.api_accounts) == 2
    assert program.left_behind() == []


def test_an_authenticators_code_is_given(program: Program, bigcommerce: SimulatedBigCommerce) -> None:
    bigcommerce.owner.totp_secret = bigcommerce.secrets.totp_secret()
    bigcommerce.owner.device_check = True
    code, document, said = program.run("connect", "shop", BIGCOMMERCE_TOTP_SECRET=bigcommerce.owner.totp_secret)
    assert code == 0
    assert document["connection"]["status"] == "ready"
    assert bigcommerce.owner.totp_secret not in json.dumps(document) + said


def test_an_emailed_code_is_got_by_the_command(
    program: Program, bigcommerce: SimulatedBigCommerce, tmp_path: Path
) -> None:
    bigcommerce.owner.device_check = True
    mail = tmp_path / "mail"
    over = threading.Event()

    def deliver() -> None:
        while not over.wait(0.02):
            if bigcommerce.mailbox:
                mail.with_suffix(".new").write_text(f"{bigcommerce.mailbox[-1].code}\nthe second line\n")
                mail.with_suffix(".new").replace(mail)
                return

    program_text = (
        "import os, sys, time\n"
        "assert 'BIGCOMMERCE_PASSWORD' not in os.environ and 'COMPANION_DATA_DIR' not in os.environ\n"
        "while not os.path.exists(sys.argv[1]): time.sleep(0.02)\n"
        "print(open(sys.argv[1]).read())\n"
    )
    command = shlex.join([sys.executable, "-c", program_text, str(mail)])
    postman = threading.Thread(target=deliver)
    postman.start()
    try:
        code, document, _ = program.run("connect", "shop", COMPANION_VERIFICATION_CODE_COMMAND=command)
    finally:
        over.set()
        postman.join()
    assert code == 0
    assert statuses(document)["sign-in"] == "done"


def test_without_a_way_to_get_the_code_the_run_ends_at_the_code_page(
    program: Program, bigcommerce: SimulatedBigCommerce
) -> None:
    bigcommerce.owner.device_check = True
    code, document, said = program.run("connect", "shop")
    assert (code, document["error"]["step"]) == (3, "sign-in")
    assert "COMPANION_VERIFICATION_CODE_COMMAND" in said


def test_a_storefront_on_the_permanent_name_has_its_subdomain_looked_up(
    program: Program, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    bigcommerce.variants = Variants(storefront="canonical", txt="never")
    code, document, _ = program.run("connect", "shop")
    assert code == 0
    assert document["connection"]["subdomain"] == store.subdomain
    assert [finding["code"] for finding in document["connection"]["findings"]] == ["one-witness"]


def test_a_storefront_on_a_domain_of_its_own_leaves_the_permanent_name_and_a_finding(
    served: RunningStore, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    store.custom_domain = "www.shop.example"
    bigcommerce.variants = Variants(storefront="custom-domain")
    with tempfile.TemporaryDirectory(prefix="connect-") as place:
        code, document, _ = Program(served, Path(place)).run("connect", "shop")
    assert code == 0
    assert document["connection"]["subdomain"] == f"store-{store.store_hash}"
    assert "subdomain-not-found" in [finding["code"] for finding in document["connection"]["findings"]]


def test_ctrl_c_before_save_leaves_nothing(program: Program, bigcommerce: SimulatedBigCommerce, store: Store) -> None:
    process = program.start("connect", "shop", "--json")
    wait_until(lambda: any(each.path.startswith("/manage") for each in bigcommerce.requests), process)
    process.send_signal(signal.SIGINT)
    code, document, _ = ended(process)
    assert (code, document["error"]["code"], document["created"]) == (130, "interrupted", [])
    assert store.api_accounts == []
    assert program.left_behind() == []


def test_ctrl_c_while_a_person_is_waited_for_leaves_nothing(
    program: Program, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    with started(program.served) as address:
        process = program.start("connect", "shop", "--mode", "guided", "--attach", address, "--json")
        wait_until(lambda: any(each.host == "login.bigcommerce.com" for each in bigcommerce.requests), process)
        process.send_signal(signal.SIGINT)
        code, document, _ = ended(process)
    assert (code, document["error"]["code"], document["created"], document["human_actions"]) == (
        130,
        "interrupted",
        [],
        0,
    )
    assert store.api_accounts == []
    assert program.left_behind() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_after_save_takes_the_account_back(
    program: Program, bigcommerce: SimulatedBigCommerce, store: Store, number: signal.Signals
) -> None:
    other = store.create_api_account("BigCommerce Companion", frozenset())
    bigcommerce.variants = Variants(txt="never")  # the run waits for the file while the account is there already
    process = program.start("connect", "shop", "--json")
    wait_until(lambda: len(store.api_accounts) == 2, process)
    process.send_signal(number)
    code, document, _ = ended(process)
    assert (code, document["error"]["code"], document["created"]) == (130, "interrupted", [])
    assert store.api_accounts == [other]
    assert program.left_behind() == []
    assert program.run("list")[1]["connections"] == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_second_ctrl_c_ends_at_once_and_names_the_account(
    program: Program, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    bigcommerce.variants = Variants(txt="never")
    process = program.start("connect", "shop", "--json")
    wait_until(lambda: store.api_accounts, process)
    bigcommerce.faults.add("panel:/admin/app/settings/api-accounts", delay=60, times=None)  # cleaning up takes long
    below = psutil.Process(process.pid).children(recursive=True)
    assert process.stderr is not None
    process.send_signal(signal.SIGINT)
    while "Stopping" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    code, document, _ = ended(process)
    assert code == 130
    assert [made["name"] for made in document["created"]] == [account.name for account in store.api_accounts]
    assert statuses(document)["hand-over"] == "skipped"
    _, alive = psutil.wait_procs(below, timeout=60)
    assert alive == []
    assert program.left_behind() == []


def test_a_name_that_is_taken_during_the_run_is_noticed_before_save(
    program: Program, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    process = program.start("connect", "shop", "--json")
    wait_until(lambda: any(each.path.startswith("/manage") for each in bigcommerce.requests), process)
    with bigcommerce.lock:  # the control panel answers nothing until the name is taken
        fields = ("--subdomain", "other", "--store-hash", "other", "--access-token-stdin", "--no-verify")
        added = program.start("add", "Shop", *fields, "--json", stdin=subprocess.PIPE)
        added.communicate("a-made-up-token\n", timeout=LIMIT)
        assert added.returncode == 0
    code, document, _ = ended(process)
    assert (code, document["error"]["code"], document["created"]) == (8, "name-taken", [])
    assert store.api_accounts == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the browser trusts what the system trusts")
def test_a_proxy_and_a_companys_authority_hold_in_the_browser_and_in_api_calls(
    program: Program, served: RunningStore
) -> None:
    for name in ("COMPANION_HOST_MAP", "COMPANION_CA_FILE"):
        del program.environment[name]
    with RunningProxy(served) as proxy:
        code, document, _ = program.run(
            "connect", "shop", HTTPS_PROXY=proxy.address, NO_PROXY="", COMPANION_EXTRA_CA_FILE=str(served.ca_file)
        )
    assert code == 0
    assert document["connection"]["status"] == "ready"
    assert program.left_behind() == []
