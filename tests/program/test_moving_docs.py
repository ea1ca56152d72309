"""`docs/moving-and-sharing.md`, tried: the commands that stand there, in their order, from one machine to another."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "moving-and-sharing.md").read_text("utf-8")
SCOPES = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation", "store_v2_information"})
PASSPHRASE = "a made-up passphrase\n"


def commands(heading: str) -> list[list[str]]:
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```\n(.*?)```", section, re.DOTALL)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]


@pytest.fixture
def old(process, sandbox):
    store = sandbox.store.state.store
    account = store.create_api_account("ERP connection", SCOPES)
    process.environment.update(sandbox.env)
    added = process.run(
        "add", "shop", "--subdomain", store.subdomain, "--store-hash", store.store_hash, "--access-token-stdin",
        stdin=account.access_token,
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    return process


def another(machine, folder):
    environment = {
        **machine.environment,
        "COMPANION_DATA_DIR": str(folder / "new" / "data"),
        "COMPANION_KEY_FILE": str(folder / "new" / "key.json"),
    }
    return type(machine)(environment)


def test_a_new_laptop(old, own_folder):
    backup, restore, verify = commands("A new laptop")
    done = old.run(*backup, "--passphrase-stdin", stdin=PASSPHRASE)
    assert done.returncode == 0, done.stderr
    new = another(old, own_folder)
    done = new.run(*restore, "--passphrase-stdin", stdin=PASSPHRASE)
    assert done.returncode == 0, done.stderr
    done = new.run(*verify)
    assert done.returncode == 0, done.stderr
    gone = old.run("uninstall", "--yes", "--json")
    assert gone.returncode == 0, gone.stderr
    assert [each["connection"] for each in json.loads(gone.stdout)["still_alive"]] == ["shop"]
    assert not (own_folder / "data").exists()
    asked = new.run("graphql", "shop", "{ site { settings { storeName } } }")
    assert asked.returncode == 0, asked.stderr


def test_a_tool_of_a_colleague_gets_a_token_of_its_own(old):
    (line,) = re.findall(r"`companion (api-tokens create [^`]+)`", PAGE)
    done = old.run(*shlex.split(line), "--json")
    assert done.returncode == 0, done.stderr
    (token,) = json.loads(old.run("api-tokens", "list", "--json").stdout)["api_tokens"]
    assert token["name"] == "TOOL"
