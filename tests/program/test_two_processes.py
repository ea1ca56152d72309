"""Several processes on one SQLite file at once: no update is lost, and nobody is told that the database is locked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from typing import Any

import pytest

from companion.client import CompanionClient
from companion.core.errors import CompanionError, StaleRevision
from companion.core.secret import Secret
from companion.settings import load_settings
from companion.wiring.checks import findings_in_folder
from companion.wiring.service import running_service

FORM = {"subdomain": "celigo", "store_hash": "abc"}
ADD = ("--subdomain", "celigo", "--store-hash", "abc", "--access-token-stdin", "--no-verify", "--json")
TOKEN = "made-up-token-0123456789"
BOTH_SCOPES = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation"})
ROUNDS, THREADS = 12 if os.environ.get("COMPANION_TEST_ALL") else 4, 3

# Commands that open the data folder themselves, beside the service.
OWN = (
    ("exec", "shared", "--only", "BIGCOMMERCE_ACCESS_TOKEN", "--", "printenv", "BIGCOMMERCE_ACCESS_TOKEN"),
    ("keys", "rotate", "--json"),
    ("keys", "status", "--json"),
    ("export", "shared", "--format", "dotenv", "--output", "{folder}/env", "--force", "--json"),
)

# A process that has a service of its own, as every command has where none runs, and writes through it.
PRIVATE = """
import json, sys
from companion.client import CompanionClient
from companion.core.errors import CompanionError, StaleRevision
from companion.core.secret import Secret
from companion.settings import load_settings
from companion.wiring.service import running_service
number, rounds, shared = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
done, failed = [], []
with running_service(load_settings()) as service, CompanionClient(service.url, service.api_token) as client:
    for each in range(rounds):
        try:
            form = {"name": f"p{number} {each}", "subdomain": "celigo", "store_hash": "abc"}
            made = client.create(form, Secret("t" * 20))
            client.patch(made["id"], 1, tags=["patched"])
            while True:
                try:
                    now = client.connection(shared)
                    client.patch(now["id"], now["revision"], tags=[*now["tags"], f"p{number}-{each}"][-40:])
                    break
                except StaleRevision:
                    continue
            done.append(each)
        except CompanionError as failure:
            failed.append(str(failure))
print(json.dumps({"done": done, "failed": failed}))
"""


@pytest.fixture(autouse=True)
def simulated(sandbox: Any) -> None:
    """What is asked of BigCommerce is asked of a simulated store."""
    del sandbox


def test_a_service_and_commands_of_all_kinds_write_at_once(process: Any, own_folder: Any, sandbox: Any) -> None:
    store = sandbox.store.state.store
    access_token = store.create_api_account("ERP connection", BOTH_SCOPES).access_token
    settings = load_settings()
    failures: list[str] = []
    acknowledged: Counter[str] = Counter()
    with (
        running_service(settings, public=True) as service,
        CompanionClient(service.url, service.api_token) as client,
    ):
        shared = client.create(
            {"name": "shared", "subdomain": store.subdomain, "store_hash": store.store_hash}, Secret(access_token)
        )

        def through_the_service(number: int) -> None:
            with CompanionClient(service.url, service.api_token) as own:
                for each in range(ROUNDS):
                    try:
                        made = own.create({"name": f"t{number} {each}", **FORM}, Secret(TOKEN))  # type: ignore[typeddict-item]
                        own.patch(made["id"], 1, tags=["patched"])
                        while True:
                            now = own.connection("shared")
                            try:
                                own.patch(now["id"], now["revision"], tags=[*now["tags"], f"t{number}-{each}"][-40:])
                                break
                            except StaleRevision:
                                continue
                        acknowledged["shared"] += 1
                        acknowledged["own"] += 1
                    except CompanionError as failure:
                        failures.append(str(failure))

        def as_a_command(arguments: tuple[str, ...]) -> None:
            given = [each.format(folder=own_folder) for each in arguments]
            for _ in range(ROUNDS // 3 + 1):
                ended = process.run(*given)
                if ended.returncode not in {0, 9 if given[:2] == ["keys", "status"] else 0}:  # 9: a rotation goes on
                    failures.append(f"{given}: {ended.stdout} {ended.stderr}")
                if "printenv" in arguments and ended.stdout.strip() != access_token:
                    failures.append(f"{given}: {ended.stdout}")

        others = [
            subprocess.Popen(
                [sys.executable, "-c", PRIVATE, str(number), str(ROUNDS), "shared"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=process.environment,
            )
            for number in range(2)
        ]  # fmt: skip
        threads = [threading.Thread(target=through_the_service, args=(number,)) for number in range(THREADS)]
        threads += [threading.Thread(target=as_a_command, args=(arguments,)) for arguments in OWN]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for other in others:
            out, err = other.communicate()
            assert other.returncode == 0, err
            told = json.loads(out)
            failures += told["failed"]
            acknowledged["shared"] += len(told["done"])
            acknowledged["own"] += len(told["done"])
        assert failures == []
        assert acknowledged["own"] == (THREADS + 2) * ROUNDS

        # Every acknowledged change of the shared one counted, each on top of the one before.
        now = client.connection("shared")
        assert now["id"] == shared["id"]
        assert now["revision"] == 1 + acknowledged["shared"]
        assert len(now["tags"]) == min(40, acknowledged["shared"])
        others_there = [each for each in client.all_connections() if each["name"] != "shared"]
        assert len(others_there) == acknowledged["own"]
        assert {(each["revision"], tuple(each["tags"])) for each in others_there} == {(2, ("patched",))}
        assert client.audit_state()["intact"]
        edits = sum(1 for entry in all_audit(client) if entry["action"] == "edit")
        assert edits == acknowledged["shared"] + acknowledged["own"]
    assert {each.code for each in findings_in_folder(settings)} == {"keys", "records", "audit"}


def all_audit(client: CompanionClient) -> list[Any]:
    entries: list[Any] = []
    before: int | None = None
    while True:
        page = client.audit(200, before)
        entries += page["entries"]
        before = page["next"]
        if before is None:
            return entries


def test_commands_that_begin_a_folder_at_once_make_one(process: Any) -> None:
    """Keys, database and token are made once, and every connection is there."""
    started = [
        subprocess.Popen(
            process.command("add", f"shop {number}", *ADD), env=process.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for number in range(5)
    ]  # fmt: skip
    ended = []
    for each in started:
        ended.append((each.communicate(TOKEN), each.returncode))
    assert [code for _, code in ended] == [0] * 5, ended
    listed = json.loads(process.run("list", "--json").stdout)["connections"]
    assert len(listed) == 5
    assert json.loads(process.run("audit", "--verify", "--json").stdout)["intact"]
    assert json.loads(process.run("keys", "status", "--json").stdout)["keys"][0]["records"] == 6
