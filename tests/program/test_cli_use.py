"""Using a connection without seeing its token: `api` and `exec`; and the names and tags by which it is found."""

from __future__ import annotations

import io
import json
import os
import signal
import sqlite3
import sys
import time
from contextlib import closing

import pytest

from companion.cli.api import pass_on

SCOPES = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation", "store_v2_information"})
SHOW = "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith(('BIGC', 'COMP'))}))"


@pytest.fixture
def account(sandbox):
    return sandbox.store.state.store.create_api_account("ERP connection", SCOPES)


@pytest.fixture
def shop(companion, sandbox, account):
    """A connection to the simulated store."""
    store = sandbox.store.state.store
    result = companion(
        "add", "shop", "--subdomain", store.subdomain, "--store-hash", store.store_hash, "--access-token-stdin",
        "--no-verify", "--json", stdin=account.access_token,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def program(shop, process):
    """The program as a process, in the environment that the other fixtures have set up."""
    del shop
    process.environment.update(os.environ)
    return process


def test_a_call_prints_what_the_store_answers(companion, shop, account):
    result = companion("api", "shop", "get", "/v2/store")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["id"] == shop["store_hash"]
    assert account.access_token not in result.output


def test_a_call_as_a_document_holds_status_headers_and_body(companion, shop):
    result = companion(
        "api", "shop", "GET", f"https://api.bigcommerce.com/stores/{shop['store_hash']}/v2/time", "--json"
    )
    document = json.loads(result.stdout)
    assert document["status"] == 200
    assert document["headers"]["content-type"].startswith("application/json")
    assert set(document["body"]) == {"time"}
    assert not {"content-security-policy", "cache-control", "x-forwarded-answer", "server"} & set(document["headers"])


def test_a_file_or_standard_input_is_sent_as_it_is(program, own_folder):
    wanted = {"channel_ids": [1], "scopes": ["Unauthenticated"], "expires_at": int(time.time()) + 600}
    file = own_folder / "wanted.json"
    file.write_text(json.dumps(wanted))
    mint = ("api", "shop", "POST", "v3/storefront/api-token-private", "--json", "--input")
    for minted in (program.run(*mint, str(file)), program.run(*mint, "-", stdin=json.dumps(wanted))):
        assert minted.returncode == 0, minted.stderr
        assert json.loads(minted.stdout)["body"]["data"]["token"]


def test_an_edit_that_would_break_the_connection_changes_nothing(companion, shop, account):
    before = json.loads(companion("show", "shop", "--json").stdout)
    refused = companion(
        "edit", "shop", "--channel-id", "987", "--access-token-stdin", "--json", stdin=account.access_token
    )
    assert refused.exit_code == 6
    assert json.loads(refused.stdout)["error"]["code"] == "not-proven"
    assert json.loads(companion("show", "shop", "--json").stdout) == before


def test_an_edit_is_stored_proven(companion, shop, account):
    edited = companion("edit", "shop", "--tag", "eu", "--access-token-stdin", "--json", stdin=account.access_token)
    assert edited.exit_code == 0, edited.output
    document = json.loads(edited.stdout)
    assert document["tags"] == ["eu"]
    assert document["status"] == "ready"
    assert document["verified_at"] is not None


def test_an_edit_that_nothing_can_be_proven_of_changes_nothing(companion, shop, account, sandbox):
    before = json.loads(companion("show", "shop", "--json").stdout)
    sandbox.store.state.faults.add("rest:*", drop=True, times=None)
    arguments = ("edit", "shop", "--tag", "eu", "--access-token-stdin", "--json")
    refused = companion(*arguments, stdin=account.access_token)
    assert refused.exit_code == 10
    assert json.loads(companion("show", "shop", "--json").stdout) == before
    assert companion(*arguments, "--no-verify", stdin=account.access_token).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("api", "shop", "GET", "v3/catalog/summary"), 6),
        (("api", "shop", "GET", "v3/nothing/here"), 7),
        (("api", "shop", "POST", "v3/storefront/api-token-private", "--data", "{}"), 2),
        (("api", "shop", "GET", "v3/../../another1/v2/store"), 2),
        (("api", "shop", "GET", "https://api.bigcommerce.com/stores/another1/v2/store"), 2),
        (("api", "shop", "TRACE", "v2/store"), 2),
        (("api", "shop", "POST", "v3/channels", "--data", "no json"), 2),
        (("api", "shop", "POST", "v3/channels", "--data", "{}", "--input", "x"), 2),
        (("api", "shop", "POST", "v3/channels", "--input", "no such file"), 2),
        (("api", "shop", "POST", "v3/channels", "--input", "."), 2),
        (("api", "shop", "POST", "v3/channels", "--data", "{}", "--content-type", "text/csv"), 2),
        (("api", "shop", "POST", "v3/channels", "--input", __file__, "--content-type", "nonsense"), 2),
        (("api", "nobody", "GET", "v2/store"), 7),
    ],
)
def test_a_refused_call_has_its_exit_code(companion, shop, arguments, code):
    assert companion(*arguments).exit_code == code


def test_a_call_without_its_scope_says_how_to_get_it(companion, shop):
    done = companion("api", "shop", "GET", "v3/catalog/summary")
    assert done.exit_code == 6
    assert "companion connect shop --replace --preset PURPOSE" in done.stderr


def test_a_connection_is_renamed_and_tagged_without_its_token(companion, shop):
    assert json.loads(companion("rename", "shop", "Lanterns", "--json").stdout)["name"] == "Lanterns"
    assert json.loads(companion("tag", "lanterns", "eu", "live", "--json").stdout)["tags"] == ["eu", "live"]
    assert json.loads(companion("tag", "lanterns", "eu", "--remove", "--json").stdout)["tags"] == ["live"]
    assert json.loads(companion("tag", "lanterns", "us", "--clear", "--json").stdout)["tags"] == ["us"]
    assert companion("show", "shop").exit_code == 7
    assert json.loads(companion("show", "Lanterns", "--json").stdout)["id"] == shop["id"]


def test_a_taken_name_is_no_new_one(companion, shop, sandbox):
    store = sandbox.store.state.store
    companion(
        "add", "other", "--subdomain", store.subdomain, "--store-hash", store.store_hash, "--access-token-stdin",
        "--no-verify", stdin="another",
    )  # fmt: skip
    assert companion("rename", "other", "SHOP").exit_code == 8


def test_a_program_gets_the_connection_and_none_of_our_settings(program, shop, account):
    program.environment["BIGCOMMERCE_PASSWORD"] = "sign-in"
    done = program.run("exec", "shop", "--", sys.executable, "-c", SHOW)
    assert done.returncode == 0, done.stderr
    given = json.loads(done.stdout)
    storefront_token = given.pop("BIGCOMMERCE_STOREFRONT_TOKEN")
    assert given == {
        "BIGCOMMERCE_STORE_HASH": shop["store_hash"],
        "BIGCOMMERCE_ACCESS_TOKEN": account.access_token,
        "BIGCOMMERCE_CHANNEL_ID": "1",
        "BIGCOMMERCE_STOREFRONT_URL": f"https://{shop['subdomain']}.mybigcommerce.com",
    }
    assert [token.jwt for token in account.storefront_tokens] == [storefront_token]


def test_only_what_is_named_is_given_and_nothing_is_minted_for_it(program, account):
    done = program.run("exec", "shop", "--only", "BIGCOMMERCE_STORE_HASH", "--", sys.executable, "-c", SHOW)
    assert set(json.loads(done.stdout)) == {"BIGCOMMERCE_STORE_HASH"}
    assert account.storefront_tokens == []


def test_the_programs_exit_code_and_standard_input_are_its_own(program):
    done = program.run(
        "exec", "shop", "--", sys.executable, "-c", "import sys; sys.exit(len(input()))", stdin="seven77\n"
    )
    assert done.returncode == 7


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("exec", "shop", "--", "no-such-program-here"), 127),
        (("exec", "shop", "--", os.curdir), 126),
        (("exec", "shop", "--", ""), 127),
        (("exec", "nobody", "--", "true"), 125),
        (("exec", "shop"), 2),
        (("exec", "shop", "true"), 2),
        (("exec", "shop", "ls", "-l"), 2),
        (("exec", "shop", "--only", "PATH", "--", "true"), 2),
    ],
)
def test_own_failures_have_codes_of_their_own(program, arguments, code):
    done = program.run(*arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_a_secret_under_a_key_that_is_not_held_is_a_failure_of_its_own_and_missing_keys_are_locked_ones(
    program, own_folder, companion
):
    key_id = json.loads(companion("keys", "status", "--json").stdout)["active_key_id"].encode()
    with closing(sqlite3.connect(own_folder / "data" / "companion.sqlite3")) as file, file:
        [(envelope,)] = file.execute("SELECT envelope FROM secrets").fetchall()
        assert key_id in envelope
        other = key_id[:-1] + (b"0" if key_id.endswith(b"1") else b"1")
        file.execute("UPDATE secrets SET envelope = ?", (envelope.replace(key_id, other),))
    done = program.run("exec", "shop", "--", "true")
    assert (done.returncode, "does not hold" in done.stderr) == (125, True)
    (own_folder / "keys" / "key.json").unlink()
    assert program.run("exec", "shop", "--", "true").returncode == 5


@pytest.mark.parametrize("arguments", [("exec", "shop"), ("exec", "shop", "true"), ("exec", "shop", "ls", "-l")])
def test_a_program_without_its_two_dashes_is_told_of_them(companion, arguments):
    done = companion(*arguments)
    assert done.exit_code == 2
    assert "companion exec NAME -- CMD" in done.stderr


def test_the_usage_says_where_the_program_stands(companion):
    assert "exec [OPTIONS] [NAME] -- CMD [ARGUMENT]..." in companion("exec", "--help").output


@pytest.mark.parametrize("command", ["serve", "open", "exec"])
def test_a_command_without_a_document_promises_none(companion, command):
    told = " ".join(companion(command, "--help").output.split())
    assert "Print a JSON document where it cannot begin; otherwise there is none." in told
    assert "exactly one JSON document" not in told


@pytest.mark.parametrize(
    ("body", "shown"),
    [([b'{"a": ', b"1}"], '{"a": 1}\n'), ([b"one\n", b""], "one\n"), ([], ""), ([b"\xc3", b"\xa9"], "\u00e9\n")],
)
def test_at_a_terminal_what_a_store_answers_ends_its_line(monkeypatch, body, shown):
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdout", terminal)
    pass_on(iter(body))
    assert terminal.getvalue() == shown


@pytest.mark.skipif(os.name != "posix", reason="a name that is no text comes as bytes of a POSIX command line")
def test_a_name_that_is_no_text_is_no_connection(program):
    done = program.run("exec", os.fsdecode(b"sh\xffop"), "--", "true")
    assert done.returncode == 125
    assert "There is no connection 'sh\\udcffop'." in done.stderr


def test_a_service_elsewhere_gives_nothing_away(program):
    program.environment["COMPANION_URL"] = "https://companion.example"
    assert program.run("exec", "shop", "--", "true").returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_signal_reaches_the_program(program):
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(42))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)"
    )
    running = program.start("exec", "shop", "--only", "BIGCOMMERCE_STORE_HASH", "--", sys.executable, "-c", code)
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=60) == 42
    running.communicate()
