"""`companion audit`, as a person uses it."""

from __future__ import annotations

import json
import sqlite3

import pytest


@pytest.fixture
def shop(companion):
    added = companion(
        "add", "shop", "--subdomain", "celigo", "--store-hash", "ci4bzn8adz", "--access-token-stdin", "--no-verify",
        "--json", stdin="canary-of-the-access-token",
    )  # fmt: skip
    assert added.exit_code == 0, added.output
    assert companion("rename", "shop", "Store").exit_code == 0
    return json.loads(added.stdout)


def test_it_says_who_did_what(companion, shop):
    result = companion("audit")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "was shop" in lines[1]
    assert "add" in lines[2]
    page = json.loads(companion("audit", "store", "--limit", "1", "--json").stdout)
    assert [each["action"] for each in page["entries"]] == ["edit"]
    older = json.loads(companion("audit", "--before", str(page["next"]), "--json").stdout)
    assert [(each["action"], each["connection"]["id"]) for each in older["entries"]] == [("add", shop["id"])]
    assert "canary" not in result.output


def test_an_empty_record_says_so_and_is_whole(companion):
    result = companion("audit")
    assert (result.exit_code, result.stdout) == (0, "")
    assert companion("audit", "--verify").exit_code == 0


def test_a_program_that_was_given_the_token_is_recorded(companion, shop):
    del shop
    assert companion("exec", "store", "--only", "BIGCOMMERCE_STORE_HASH", "--", "true").exit_code == 0
    [entry] = json.loads(companion("audit", "--action", "exec", "--json").stdout)["entries"]
    assert entry["detail"] == "BIGCOMMERCE_STORE_HASH"


def test_a_record_that_was_changed_is_attention_and_says_where(companion, shop, own_folder):
    del shop
    anchor = companion("audit", "--anchor").stdout.strip()
    assert companion("audit", "--verify", "--since", anchor).exit_code == 0
    with sqlite3.connect(own_folder / "data" / "companion.sqlite3") as database:
        database.execute("UPDATE audit SET who = 'tool ERP' WHERE number = 1")
    database.close()
    broken = companion("audit", "--verify", "--json")
    assert broken.exit_code == 9
    document = json.loads(broken.stdout)
    assert document["broken_at"] == 1
    assert "companion rotate" in document["action"]
    told = companion("audit", "--verify")
    assert f"What to do: {document['action']}" in told.stderr


@pytest.mark.parametrize("number", ["0", "-1", "9223372036854775808", "9" * 5000, "x"])
def test_a_number_that_is_none_is_refused_in_a_few_lines(companion, own_folder, number):
    refused = companion("audit", "--before", number)
    assert refused.exit_code == 2
    assert len(refused.stderr) < 1500
    assert not (own_folder / "data").exists()


@pytest.mark.parametrize("wrong", [["--since", "x"], ["--verify", "--anchor"], ["shop", "--verify"]])
def test_what_does_not_go_together_is_refused(companion, wrong):
    assert companion("audit", *wrong).exit_code == 2
