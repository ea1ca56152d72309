"""The worst inputs and the likeliest mistakes of a newcomer: each message says what to do, and nothing is stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

TOKEN = "canary0access0token0of0nobody00"
PLACE = ("--subdomain", "celigo", "--store-hash", "ci4bzn8adz", "--access-token-stdin")

MISTAKES = {
    "a command is misspelt": (["conect", "shop"], "", 2, "Did you mean 'connect'?"),
    "no connection is named": (["connect"], "", 2, "Give its NAME"),
    "there is nothing to sign in with": (["connect", "shop", "--mode", "unattended"], "", 3, "--mode guided"),
    "the connection is not there yet": (["verify", "shop"], "", 7, "`companion list`"),
    "the query is left out": (["graphql", "shop"], "", 2, "the query in quotes"),
    "the token is left out": (["add", "shop", *PLACE[:-1]], "", 2, "Pipe it in with --access-token-stdin"),
    "the token is given as an argument": (
        ["add", "shop", *PLACE, "--access-token", "x"], TOKEN, 2, "--access-token-stdin",
    ),
    "another file is taken for the credentials": (
        ["add", "shop", "--credentials-file", "notes.txt"], "", 2, "its name begins",
    ),
    "the credentials file is not there": (["add", "shop", "--credentials-file", "none.txt"], "", 2, "Check the path"),
    "exec has no dashes": (["exec", "shop"], "", 2, "companion exec NAME -- CMD"),
    "a scope is misspelt": (
        ["connect", "shop", "--mode", "unattended", "--oauth-scope", "Product=all"], "", 2, "Products",
    ),
    "a variant is unknown": (["sandbox", "serve", "--variant", "nosuch"], "", 2, "`companion sandbox variants`"),
}  # fmt: skip

WORST = {
    "a credentials file of random bytes": (
        ["add", "shop", "--credentials-file", "random.bin"], "", 2, "not a text file",
    ),
    "a credentials file of megabytes": (["add", "shop", "--credentials-file", "big.txt"], "", 2, "64 KiB"),
    "a token with an emoji in it": (["add", "shop", *PLACE], f"{TOKEN} \U0001f600", 2, "Copy it again"),
    "a token without end": (["add", "shop", *PLACE], TOKEN * 4000, 2, "longer than"),
    "a name that steers the terminal": (["add", "sh\x1b[31mop", *PLACE], TOKEN, 2, "Use letters, digits"),
    "a subdomain that climbs": (
        ["add", "shop", "--subdomain", "../etc", *PLACE[2:]], TOKEN, 2, "before `.mybigcommerce.com`",
    ),
    "a store hash of somebody else's host": (
        ["add", "shop", *PLACE[:2], "--store-hash", "https://evil.example/stores/abc", *PLACE[4:]], TOKEN, 2,
        "https://store-HASH.mybigcommerce.com/manage",
    ),
    "a channel below zero": (["add", "shop", *PLACE, "--channel-id", "-3"], TOKEN, 2, "1 or more"),
    "a backup of random bytes": (["restore", "random.bin", "--passphrase-stdin"], "pw\n", 2, "another copy"),
    "a guide into a folder below a file": (["guide", "notes.txt/guide"], "", 5, "Name another folder"),
}  # fmt: skip


@pytest.fixture
def project(own_folder: Path) -> Path:
    here = own_folder / "project"
    (here / "notes.txt").write_text("not a credentials file\n")
    (here / "random.bin").write_bytes(bytes(range(256)) * 20)
    (here / "big.txt").write_text("a" * 3_000_000)
    return here


@pytest.mark.parametrize("what", [*MISTAKES, *WORST])
def test_the_message_says_what_to_do_and_nothing_is_stored(what, project, process):
    arguments, stdin, code, told = (MISTAKES | WORST)[what]
    done = process.run(*arguments, stdin=stdin)
    assert done.returncode == code, done.stderr
    message = done.stderr.partition("Error: ")[2]
    assert told in message
    assert "What to do: " in message
    assert "Traceback" not in done.stderr
    assert TOKEN not in done.stderr + done.stdout
    assert "\x1b" not in done.stderr
    assert done.stdout == ""


def test_after_all_of_them_there_is_no_connection(project, process):
    for arguments, stdin, _, _ in list(WORST.values())[2:6]:
        process.run(*arguments, stdin=stdin)
    assert json.loads(process.run("list", "--json").stdout)["connections"] == []


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("COMPANION_HOST_MAP", "*.mybigcommerce.com=203.0.113.7:443", "`companion sandbox serve`"),
        ("COMPANION_PORT", "99999", "COMPANION_PORT"),
        ("COMPANION_KEY_PROVIDER", "vault", "'keyring', 'file', 'passphrase' or 'aws-kms'"),
        ("COMPANION_URL", "http://127.0.0.1:9", "unset COMPANION_URL"),
    ],
)
def test_a_setting_that_does_not_fit_is_named_with_what_would(name, value, told, project, process):
    process.environment[name] = value
    done = process.run("list")
    assert done.returncode in {2, 5}
    assert told in done.stderr
    assert "What to do: " in done.stderr
