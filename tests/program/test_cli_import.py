"""Connections out of the plaintext files of other tools, and the plaintext gone afterwards."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

BOTH = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation"})


@pytest.fixture
def store(sandbox):
    return sandbox.store.state.store


@pytest.fixture
def account(store):
    return store.create_api_account("ERP connection", BOTH)


def test_a_theme_is_taken_in_and_only_its_secret_goes(companion, store, account):
    secrets, config = Path("secrets.stencil.json"), Path("config.stencil.json")
    secrets.write_text(json.dumps({"accessToken": account.access_token, "githubToken": "kept"}), "utf-8")
    config.write_text(json.dumps({"normalStoreUrl": f"https://{store.vanity_host}"}), "utf-8")
    result = companion("import", "secrets.stencil.json", "--remove", "--json")
    assert result.exit_code == 0, result.output
    assert account.access_token not in result.output
    document = json.loads(result.stdout)
    (connection,) = document["connections"]
    assert (connection["store_hash"], connection["subdomain"]) == (store.store_hash, store.subdomain)
    assert (connection["name"], connection["status"]) == (store.subdomain, "ready")
    assert document["files"] == [{"path": "secrets.stencil.json", "removed": True}]
    assert json.loads(secrets.read_text("utf-8")) == {"githubToken": "kept"}
    assert config.exists()


def test_a_catalyst_project_and_its_environment_are_one_connection(companion, store, account):
    Path(".bigcommerce").mkdir()
    project, environment = Path(".bigcommerce/project.json"), Path(".env.local")
    project.write_text(json.dumps({"storeHash": store.store_hash, "accessToken": account.access_token}), "utf-8")
    environment.write_text(f"BIGCOMMERCE_STORE_HASH={store.store_hash}\nAUTH_SECRET=kept\n", "utf-8")
    result = companion("import", str(environment), str(project), "--name", "shop", "--tag", "eu", "--json")
    assert result.exit_code == 0, result.output
    (connection,) = json.loads(result.stdout)["connections"]
    assert (connection["name"], connection["tags"], connection["status"]) == ("shop", ["eu"], "ready")
    assert "--remove" in result.stderr
    assert project.exists()


def test_a_token_that_is_refused_stays_in_its_file(companion, store):
    Path(".env").write_text(f"BIGCOMMERCE_STORE_HASH={store.store_hash}\nBIGCOMMERCE_ACCESS_TOKEN=unknown\n", "utf-8")
    assert companion("import", ".env", "--remove").exit_code == 6
    assert "unknown" in Path(".env").read_text("utf-8")


def test_a_taken_name_changes_nothing(companion, store, account):
    text = f"BIGCOMMERCE_STORE_HASH={store.store_hash}\nBIGCOMMERCE_ACCESS_TOKEN={account.access_token}\n"
    Path(".env").write_text(text, "utf-8")
    assert companion("import", ".env", "--name", "shop").exit_code == 0
    assert companion("import", ".env", "--name", "SHOP", "--remove").exit_code == 8
    assert Path(".env").read_text("utf-8") == text


@pytest.mark.parametrize(
    ("text", "code"),
    [(None, 2), ("AUTH_SECRET=x\n", 2), ("BIGCOMMERCE_ACCESS_TOKEN=x\n", 2), ("{not json", 2), ("\udcff", 2)],
)
def test_what_names_no_store_or_no_token_is_wrong_input(companion, own_folder, text, code):
    if text is not None:
        Path(".env").write_bytes(text.encode("utf-8", "surrogateescape"))
    result = companion("import", ".env")
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such pipes")
def test_a_pipe_is_not_waited_for_but_what_a_shell_hands_over_is_read(companion, process, store, account):
    os.mkfifo(".env")
    result = companion("import", ".env")
    assert result.exit_code == 2
    assert "it is a pipe" in result.stderr
    content = f"BIGCOMMERCE_STORE_HASH={store.store_hash}\nBIGCOMMERCE_ACCESS_TOKEN={account.access_token}\n"
    handed_over = process.run("import", "/dev/stdin", "--json", stdin=content)
    assert handed_over.returncode == 9, handed_over.stderr  # stored, and not verified: this process has no network
    assert json.loads(handed_over.stdout)["connections"][0]["store_hash"] == store.store_hash


def test_a_channel_that_is_none_is_refused_and_not_taken_for_the_first(companion, store, account):
    Path(".env").write_text(
        f"BIGCOMMERCE_STORE_HASH={store.store_hash}\nBIGCOMMERCE_ACCESS_TOKEN={account.access_token}\n"
        "BIGCOMMERCE_CHANNEL_ID=main\n",
        "utf-8",
    )
    result = companion("import", ".env", "--json")
    assert result.exit_code == 2
    assert "channel" in json.loads(result.stdout)["error"]["detail"]
    assert json.loads(companion("list", "--json").stdout)["connections"] == []


@pytest.mark.parametrize(
    "command", [("import", ""), ("backup", ""), ("restore", ""), ("add", "x", "--credentials-file", "")]
)
def test_an_empty_path_is_not_the_folder_at_hand(companion, command):
    result = companion(*command)
    assert result.exit_code == 2
    assert "it is empty" in result.stderr
