"""`companion keys`, as a person or a script uses it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

TOKEN = "made-up-access-token-0123456789abcdef"


def document_of(result: Result) -> dict[str, Any]:
    return dict(json.loads(result.stdout))


def add(companion: Any, name: str = "shop") -> None:
    added = companion(
        "add", name, "--subdomain", "celigo", "--store-hash", "ci4bzn8adz", "--access-token-stdin", "--json",
        stdin=TOKEN,
    )  # fmt: skip
    assert document_of(added)["name"] == name


def test_a_look_at_keys_that_are_not_there_yet_makes_nothing(companion: Any, own_folder: Path) -> None:
    looked = companion("keys", "status", "--json")
    assert (looked.exit_code, document_of(looked)["provider"], document_of(looked)["keys"]) == (0, None, [])
    assert not (own_folder / "data").exists()


def test_a_rotation_leaves_one_other_key_with_everything_under_it(companion: Any) -> None:
    add(companion)
    [before] = document_of(companion("keys", "status", "--json"))["keys"]
    assert (before["records"], before["encryptions"], before["active"], before["held"]) == (2, 2, True, True)

    rotated = companion("keys", "rotate", "--json")

    assert rotated.exit_code == 0
    assert (document_of(rotated)["rewrapped"], document_of(rotated)["forgotten"]) == (2, [before["key_id"]])
    after = document_of(companion("keys", "status", "--json"))
    assert [key["key_id"] for key in after["keys"]] == [after["active_key_id"]] != [before["key_id"]]
    assert (after["provider"], after["unfinished"], after["retired_keys"], after["findings"]) == ("file", False, 1, [])
    text = companion("keys", "status").stdout
    assert after["active_key_id"] in text
    assert "not protected by a password or keychain" in text


def test_a_record_that_does_not_open_is_attention_due(companion: Any, own_folder: Path) -> None:
    add(companion)
    add(companion, "other")
    with closing(sqlite3.connect(own_folder / "data" / "companion.sqlite3")) as file, file:
        file.execute("UPDATE secrets SET envelope = (SELECT envelope FROM secrets ORDER BY connection_id LIMIT 1)")
    rotated = companion("keys", "rotate", "--json")
    assert rotated.exit_code == 9
    assert [each["what"] for each in document_of(rotated)["unopened"]] == ["secret"]
    status = companion("keys", "status", "--json")
    assert status.exit_code == 9
    assert [finding["code"] for finding in document_of(status)["findings"]] == ["rotation-unfinished"]


def test_a_key_that_is_missing_is_told_and_not_made_anew(companion: Any, own_folder: Path) -> None:
    add(companion)
    (own_folder / "keys" / "key.json").unlink()
    status = companion("keys", "status", "--json")
    assert status.exit_code == 9
    assert [finding["code"] for finding in document_of(status)["findings"]] == ["keys-unavailable"]
    assert document_of(status)["keys"][0]["held"] is None
    assert companion("keys", "rotate", "--json").exit_code == 5
    assert not (own_folder / "keys" / "key.json").exists()


def test_the_keys_of_another_service_are_not_touched(companion: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("COMPANION_URL", "http://127.0.0.1:1")
    for command in ("status", "rotate"):
        assert companion("keys", command, "--json").exit_code == 2


def test_a_move_to_a_passphrase_and_a_change_of_it(
    companion: Any, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(companion)
    to_passphrase = ("keys", "rewrap", "--to", "passphrase", "--passphrase-stdin", "--json")
    assert companion("keys", "rewrap", "--to", "file", "--json").exit_code == 8
    assert companion(*to_passphrase, stdin="too short").exit_code == 2
    assert companion("keys", "rewrap", "--to", "passphrase", "--json").exit_code == 2
    assert document_of(companion("keys", "status", "--json"))["provider"] == "file"

    moved = companion(*to_passphrase, stdin="a made-up passphrase")
    assert (moved.exit_code, document_of(moved)["rewrapped"], document_of(moved)["left_behind"]) == (0, 2, [])
    assert document_of(moved)["unset"] == "COMPANION_KEY_PROVIDER"
    assert not (own_folder / "keys" / "key.json").exists()
    refused = companion("list", "--json")
    assert refused.exit_code == 2
    assert document_of(refused)["error"]["action"].startswith("Unset COMPANION_KEY_PROVIDER")
    monkeypatch.delenv("COMPANION_KEY_PROVIDER")
    assert companion("list", "--json").exit_code == 5
    locked = companion("keys", "status", "--json")
    assert (locked.exit_code, document_of(locked)["findings"][0]["code"]) == (9, "locked")

    monkeypatch.setenv("COMPANION_PASSPHRASE", "a made-up passphrase")
    assert document_of(companion("list", "--json"))["connections"][0]["name"] == "shop"
    changed = companion(*to_passphrase, stdin="another made-up passphrase")
    assert (changed.exit_code, document_of(changed)["rewrapped"], document_of(changed)["unset"]) == (0, 2, None)
    assert document_of(companion("list", "--json"))["error"]["code"] == "wrong-passphrase"
    monkeypatch.setenv("COMPANION_PASSPHRASE", "another made-up passphrase")
    assert companion("keys", "status", "--json").exit_code == 0


def test_a_move_names_the_file_that_still_says_the_provider_before(
    companion: Any, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(companion)
    monkeypatch.delenv("COMPANION_KEY_PROVIDER")
    (own_folder / "data" / "config.toml").write_text('key_provider = "file"\n')
    moved = companion("keys", "rewrap", "--to", "passphrase", "--passphrase-stdin", stdin="a made-up passphrase")
    assert moved.exit_code == 0
    assert "What to do: unset key_provider in config.toml" in moved.stdout
    refused = companion("list")
    assert refused.exit_code == 2
    assert "take `key_provider` out of config.toml" in refused.stderr
