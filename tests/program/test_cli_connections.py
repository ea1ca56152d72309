"""The commands that keep connections, against a real service, and a simulated store where BigCommerce is asked."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from companion.core.store_urls import store_hash_from_text

TOKEN = "r4nd0mt0k3n" * 3
ADD = ("--subdomain", "celigo", "--store-hash", "ci4bzn8adz", "--access-token-stdin", "--no-verify")
SCOPES = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation"})


def document(result):
    return json.loads(result.stdout)


@pytest.fixture
def shop(companion):
    result = companion("add", "Shop", *ADD, "--json", stdin=TOKEN + "\n")
    assert result.exit_code == 0, result.output
    return document(result)


@pytest.fixture
def ready_shop(companion, sandbox):
    """A connection to the simulated store, with an API account that may do everything."""
    store = sandbox.store.state.store
    account = store.create_api_account("ERP connection", SCOPES)
    result = companion(
        "add", "shop", "--subdomain", store.subdomain, "--store-hash", store.store_hash, "--access-token-stdin",
        "--json", stdin=account.access_token,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    return document(result)


def test_added_connections_are_shown_as_the_api_shows_them(companion, shop):
    assert shop["name"] == "Shop"
    assert shop["subdomain"] == "celigo"
    assert shop["store_hash"] == "ci4bzn8adz"
    assert shop["auth_type"] == "custom"
    assert shop["channel_id"] == 1
    assert shop["scopes"] == ["Unauthenticated"]
    assert shop["access_token_set"] is True
    assert shop["status"] == "unverified"
    assert document(companion("show", "sHOP", "--json")) == shop
    assert document(companion("show", shop["id"], "--json")) == shop
    assert document(companion("list", "--json"))["connections"] == [shop]


def test_no_command_shows_the_token(companion, shop, own_folder):
    outputs = [companion(*arguments).output for arguments in (("show", "shop"), ("list",), ("show", "shop", "--json"))]

    assert all(TOKEN not in output for output in outputs)
    kept = [path for path in own_folder.rglob("*") if path.is_file()]
    assert kept
    assert all(TOKEN.encode() not in path.read_bytes() for path in kept)


@pytest.mark.parametrize(
    "spelling",
    [
        "https://store-ci4bzn8adz.mybigcommerce.com/manage",
        "https://api.bigcommerce.com/stores/ci4bzn8adz/v3/",
        " STORE-ci4bzn8adz ",
    ],
)
def test_addresses_are_taken_where_a_person_would_paste_one(companion, spelling):
    result = companion(
        "add", "shop", "--subdomain", "https://celigo.mybigcommerce.com/?ctk=e237", "--store-hash", spelling,
        "--channel-id", "https://store-ci4bzn8adz-4.mybigcommerce.com", "--access-token-stdin", "--no-verify", "--json",
        stdin=TOKEN,
    )  # fmt: skip

    added = document(result)
    assert (added["subdomain"], added["store_hash"], added["channel_id"]) == ("celigo", "ci4bzn8adz", 4)


def test_every_refused_field_is_named(companion):
    result = companion(
        "add", "shop", "--subdomain", "a b", "--store-hash", "https://api.bigcommerce.com/accounts/x/graphql",
        "--access-token-stdin", "--json", stdin="two words",
    )  # fmt: skip

    assert result.exit_code == 2
    pointers = {error["pointer"] for error in document(result)["error"]["errors"]}
    assert pointers == {"/subdomain", "/store_hash", "/access_token"}
    assert companion("list", "--json").stdout == companion("list", "--json").stdout
    assert document(companion("list", "--json"))["connections"] == []


def test_what_is_missing_is_asked_for_by_option_where_there_is_no_terminal(companion, own_folder):
    result = companion("add", "shop", "--json")

    assert result.exit_code == 2
    assert {error["pointer"] for error in document(result)["error"]["errors"]} == {"/subdomain", "/store_hash"}
    assert not (own_folder / "data").exists()


def test_a_missing_token_is_not_taken_as_an_argument(companion):
    result = companion("add", "shop", "--subdomain", "celigo", "--store-hash", "abc")

    assert result.exit_code == 2
    assert "--access-token-stdin" in result.stderr


def test_an_empty_token_from_standard_input_is_refused(companion):
    assert companion("add", "shop", *ADD, stdin="").exit_code == 2


def test_a_taken_name_is_a_conflict_before_anything_is_read(companion, shop):
    result = companion("add", "SHOP", *ADD, "--json", stdin="")

    assert result.exit_code == 8
    assert document(result)["error"]["code"] == "name-taken"


def test_a_downloaded_file_gives_token_store_and_account(companion, own_folder):
    file = own_folder / "BigCommerceAPI-credentials-x.txt"
    file.write_text(
        f"ACCESS TOKEN: {TOKEN}\nCLIENT ID: abc\nCLIENT SECRET: {'f' * 64}\nNAME: ERP\n"
        "API PATH: https://api.bigcommerce.com/stores/ci4bzn8adz/v3/\n"
    )

    kept = companion("add", "one", "--subdomain", "celigo", "--credentials-file", str(file), "--no-verify", "--json")

    assert document(kept)["store_hash"] == "ci4bzn8adz"
    assert document(kept)["api_account"] == {"name": "ERP", "client_id": "abc"}
    assert "in clear" in kept.stderr
    assert file.exists()

    gone = companion(
        "add", "two", "--subdomain", "celigo", "--credentials-file", str(file), "--delete-file", "--no-verify"
    )
    assert gone.exit_code == 0
    assert not file.exists()


def test_a_credentials_file_is_kept_when_the_connection_was_not_stored(companion, own_folder, shop):
    file = own_folder / "credentials.txt"
    file.write_text(f"ACCESS TOKEN: {TOKEN}\nAPI PATH: https://api.bigcommerce.com/stores/abc/v3/\n")

    result = companion("add", "shop", "--subdomain", "x", "--credentials-file", str(file), "--delete-file")

    assert result.exit_code == 8
    assert file.exists()


def test_an_unknown_name_is_not_found(companion):
    for command in ("show", "verify", "delete", "edit"):
        result = companion(command, "nobody", "--json")
        assert result.exit_code == document(result)["error"]["exit_code"] == 7


def test_lists_come_in_pages(companion):
    for number in range(3):
        assert companion("add", f"shop {number}", *ADD, stdin=TOKEN).exit_code == 0

    first = document(companion("list", "--limit", "2", "--json"))
    second = document(companion("list", "--limit", "2", "--after", first["next"], "--json"))

    assert [each["name"] for each in first["connections"] + second["connections"]] == ["shop 0", "shop 1", "shop 2"]
    assert second["next"] is None


def test_lists_can_be_narrowed(companion):
    assert companion("add", "one", *ADD, "--tag", "eu", stdin=TOKEN).exit_code == 0
    assert companion("add", "two", *ADD, "--tag", "us", stdin=TOKEN).exit_code == 0

    assert [each["name"] for each in document(companion("list", "--tag", "eu", "--json"))["connections"]] == ["one"]
    for command in ("list", "deadlines", "verify"):
        nobody = companion(command, "--tag", "nope", "--tag", "eu")
        assert nobody.exit_code == 0
        assert "No connection has the tag 'nope'. Tags in use: eu, us." in nobody.stderr
    assert "No connection fits." in companion("list", "--tag", "eu", "--status", "ready").stderr
    assert document(companion("list", "--all", "--status", "ready", "--json"))["connections"] == []


def test_columns_are_aligned_also_with_wide_characters(companion):
    for name in ("日本", "shop"):
        assert companion("add", name, *ADD, stdin=TOKEN).exit_code == 0

    heading, wide, narrow = companion("list").stdout.splitlines()

    assert heading.index("STATUS") == narrow.index("unverified") == wide.index("unverified") + len("日本")


def test_an_edit_changes_what_is_given_and_keeps_the_rest(companion, shop):
    result = companion(
        "edit", "shop", "--channel-id", "7", "--access-token-stdin", "--no-verify", "--json", stdin="another"
    )

    edited = document(result)
    assert edited["channel_id"] == 7
    assert edited["id"] == shop["id"]
    assert edited["revision"] == shop["revision"] + 1
    assert (edited["name"], edited["subdomain"], edited["store_hash"]) == ("Shop", "celigo", "ci4bzn8adz")


def test_an_edit_needs_the_access_token_each_time(companion, shop):
    result = companion("edit", "shop", "--channel-id", "7")

    assert result.exit_code == 2
    assert document(companion("show", "shop", "--json")) == shop


@pytest.mark.parametrize(
    "more",
    [("--access-token-stdin",), ("--name", "other"), ("--no-verify",), ("--subdomain", "other"), ("--clear-tags",)],
)
def test_a_new_token_out_of_the_browser_leaves_nothing_else_to_be_given(companion, shop, more):
    assert companion("edit", "shop", "--retrieve", *more, stdin=TOKEN).exit_code == 2
    assert document(companion("show", "shop", "--json")) == shop


def test_what_is_not_changed_is_asked_for_as_it_is():
    from automation.cli.connect import connect
    from companion.cli.retrieving import arguments_for

    connection = {
        "name": "Shop", "auth_type": "custom", "store_hash": "abc123", "channel_id": 7, "scopes": ["Customer"],
        "oauth_scopes": ["store_storefront_api", "store_v2_products"],
    }  # fmt: skip

    def asked(**changes):
        return connect.make_context("connect", arguments_for(connection, **changes)).params

    same = asked()
    assert (same["name"], same["replace"], same["store"], same["channel_id"]) == ("Shop", True, "abc123", "7")
    assert same["storefront_scopes"] == ("Customer",)
    assert same["oauth_scopes"] == ("store_storefront_api", "store_v2_products")
    assert asked(channel_id="8", tags=["eu"])["channel_id"] == "8"
    assert asked(auth_type="token")["storefront_scopes"] == ()


def test_another_auth_type_starts_with_its_own_scopes(companion, shop):
    assert shop["scopes"]
    edited = companion(
        "edit", "shop", "--auth-type", "token", "--access-token-stdin", "--no-verify", "--json", stdin=TOKEN
    )

    assert document(edited)["auth_type"] == "token"
    assert document(edited)["scopes"] == []


def test_deleting_needs_a_yes_where_nobody_can_be_asked(companion, shop):
    refused = companion("delete", "shop", "--json")

    assert refused.exit_code == 2
    assert document(refused)["error"]["code"] == "confirmation-needed"
    assert document(companion("show", "shop", "--json")) == shop

    assert companion("delete", "shop", "--yes").exit_code == 0
    assert companion("show", "shop").exit_code == 7


def test_deleting_names_the_account_that_stays_alive(companion, own_folder):
    file = own_folder / "credentials.txt"
    file.write_text(f"ACCESS TOKEN: {TOKEN}\nNAME: ERP 7\nAPI PATH: https://api.bigcommerce.com/stores/abc/v3/\n")
    companion("add", "shop", "--subdomain", "x", "--credentials-file", str(file), "--no-verify")

    deleted = document(companion("delete", "shop", "--yes", "--json"))

    assert deleted["deleted"]["name"] == "shop"
    assert [account["name"] for account in deleted["still_alive"]] == ["ERP 7"]


def test_the_connection_at_hand_serves_where_no_name_is_given(companion, shop, monkeypatch):
    assert companion("show").exit_code == 2

    Path(".companion.toml").write_text('connection = "shop"\n')
    below = Path("src/deep")
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert document(companion("show", "--json"))["id"] == shop["id"]

    monkeypatch.setenv("COMPANION_CONNECTION", "other")
    assert companion("show").exit_code == 7
    assert companion("show", "shop").exit_code == 0


def test_a_project_file_that_cannot_be_read_is_named(companion):
    Path(".companion.toml").write_text("connection = \n")

    result = companion("show")

    assert result.exit_code == 2
    assert ".companion.toml" in result.stderr


def test_adding_proves_the_connection(companion, ready_shop):
    assert ready_shop["status"] in {"ready", "attention"}
    assert ready_shop["verified_at"] is not None


def test_verify_ends_with_0_for_ready_and_6_for_broken(companion, ready_shop, sandbox):
    assert companion("verify", "shop").exit_code == 0

    store = sandbox.store.state.store
    for account in list(store.api_accounts):
        store.delete_api_account(account.client_id)

    broken = companion("verify", "shop", "--json")
    assert broken.exit_code == 6
    assert document(broken)["status"] == "broken"
    assert all(finding["action"] for finding in document(broken)["findings"])


def test_verify_ends_with_10_where_nothing_can_be_proven(companion, ready_shop, sandbox):
    sandbox.store.stop()

    result = companion("verify", "shop", "--json")

    assert result.exit_code == document(result)["error"]["exit_code"] == 10
    assert document(companion("show", "shop", "--json"))["status"] == ready_shop["status"]


def test_several_are_verified_with_totals(companion, ready_shop):
    assert companion("add", "wrong", *ADD, stdin=TOKEN).exit_code == 0

    result = companion("verify", "--all", "--json")

    assert result.exit_code == 6
    assert {each["name"] for each in document(result)["connections"]} == {"shop", "wrong"}
    assert document(result)["totals"]["broken"] == 1


def test_a_dry_run_verifies_nothing(companion, shop):
    result = companion("verify", "--all", "--dry-run", "--json")

    assert [each["name"] for each in document(result)["connections"]] == ["Shop"]
    assert document(companion("show", "shop", "--json"))["verified_at"] is None


def test_graphql_goes_through_the_connection(companion, ready_shop, sandbox, monkeypatch):
    query = "{ site { settings { storeName } } }"

    answer = companion("graphql", "shop", query, "--json")

    assert answer.exit_code == 0, answer.output
    assert document(answer)["data"]["site"]["settings"]["storeName"] == sandbox.store.state.store.name
    assert companion("graphql", "shop", "-", stdin=query).exit_code == 0
    Path("query.graphql").write_text(query)
    assert companion("graphql", "shop", "@query.graphql").exit_code == 0
    monkeypatch.setenv("COMPANION_CONNECTION", "shop")
    assert companion("graphql", query).exit_code == 0


def test_graphql_errors_are_not_success(companion, ready_shop):
    answer = companion("graphql", "shop", "{ noSuchField }", "--json")

    assert answer.exit_code != 0
    assert answer.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("shop", "@missing"),
        ("shop", " "),
        ("shop", "@/dev/zero"),
        ("shop", "{a}", "--variables", "[1]"),
        ("shop", "{a}", "--variables", "[" * 100_000),
    ],
)
def test_graphql_input_is_checked_before_anything_is_sent(companion, arguments):
    assert companion("graphql", *arguments).exit_code == 2


def test_graphql_with_a_name_alone_asks_for_the_query(companion):
    result = companion("graphql", "shop")
    assert result.exit_code == 2
    assert "'shop' alone is no query" in result.stderr


def test_a_connection_of_the_other_world_is_refused(companion, shop, sandbox):
    result = companion("verify", "shop", "--json")

    assert result.exit_code == 8
    assert document(result)["error"]["code"] == "wrong-world"
    assert not sandbox.store.state.requests


def test_a_token_that_is_refused_is_stored_as_broken(companion, sandbox):
    store = sandbox.store.state.store
    result = companion(
        "add", "shop", "--subdomain", store.subdomain, "--store-hash", store_hash_from_text(store.store_hash),
        "--access-token-stdin", "--json", stdin=TOKEN,
    )  # fmt: skip

    assert result.exit_code == 6
    assert document(result)["status"] == "broken"
    assert document(companion("show", "shop", "--json"))["status"] == "broken"


@pytest.mark.parametrize("name", ["x" * 100_000, "caf\udce9"])
def test_what_no_connection_can_be_called_is_not_found(companion, shop, name):
    result = companion("show", name, "--json")

    assert result.exit_code == 7
    assert document(result)["error"]["exit_code"] == 7


@pytest.mark.parametrize("arguments", [("caf\udce9",), ("{a}", "--variables", '{"a": NaN}')])
def test_what_is_no_text_or_no_json_is_invalid_input(companion, shop, arguments):
    result = companion("graphql", "shop", *arguments, "--json")

    assert result.exit_code == 2
    assert document(result)["error"]["code"] == "invalid-input"


def test_a_token_that_is_no_text_is_invalid_input(process):
    result = subprocess.run(
        process.command("add", "shop", *ADD, "--json"),
        input=b"\xff\xfe\n",
        capture_output=True,
        env=process.environment,
        check=False,
    )

    assert (result.returncode, json.loads(result.stdout)["error"]["code"]) == (2, "invalid-input")


def test_a_token_without_an_end_is_refused_soon(companion):
    assert companion("add", "shop", *ADD, "--json", stdin="x" * 10_000_000).exit_code == 2


def test_an_id_cannot_be_the_name_of_another_connection(companion, shop):
    result = companion("add", shop["id"].upper(), *ADD, "--json", stdin=TOKEN)

    assert result.exit_code == 2
    assert [error["pointer"] for error in document(result)["error"]["errors"]] == ["/name"]


def test_what_a_terminal_would_obey_is_shown_instead(companion, own_folder):
    assert companion("add", "pay\u202egnitset", *ADD, stdin=TOKEN).exit_code == 2
    companion("add", "pay", *ADD, stdin=TOKEN)
    with closing(sqlite3.connect(own_folder / "data" / "companion.sqlite3")) as file, file:  # as one that is older
        file.execute("UPDATE connections SET name = ?", ["pay\u202egnitset"])
    as_text, as_json = companion("list"), companion("list", "--json")

    assert "\u202e" not in as_text.output + as_json.stdout
    assert "pay\\u202egnitset" in as_text.output
    assert document(as_json)["connections"][0]["name"] == "pay\u202egnitset"
