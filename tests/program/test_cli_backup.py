"""`companion backup` and `companion restore`, from one machine to another."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest

TOKEN = "made-up-access-token-0123456789abcdef"
PASSPHRASE = "a made-up passphrase"


def add(companion: Any, name: str) -> None:
    added = companion(
        "add", name, "--subdomain", "celigo", "--store-hash", "ci4bzn8adz", "--access-token-stdin", "--json",
        stdin=TOKEN,
    )  # fmt: skip
    assert json.loads(added.stdout)["name"] == name


def ran(companion: Any, *arguments: str, stdin: str | None = PASSPHRASE) -> tuple[int, dict[str, Any]]:
    result = companion(*arguments, "--json", stdin=stdin)
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def other_machine(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def change() -> None:
        monkeypatch.setenv("COMPANION_DATA_DIR", str(own_folder / "other" / "data"))
        monkeypatch.setenv("COMPANION_KEY_FILE", str(own_folder / "other" / "key.json"))

    return change


def test_a_backup_goes_to_another_machine(companion: Any, own_folder: Path, other_machine: Any) -> None:
    add(companion, "shop")
    file = own_folder / "saved"
    code, document = ran(companion, "backup", str(file), "--passphrase-stdin")
    assert (code, document["connections"], document["unopened"]) == (0, 1, [])
    assert "cached storefront tokens" in document["left_out"]
    assert "passphrase" not in document
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert TOKEN.encode() not in file.read_bytes()
    before = file.read_bytes()
    assert ran(companion, "backup", str(file), "--passphrase-stdin")[0] == 8
    assert file.read_bytes() == before
    assert [each.name for each in file.parent.glob(".*new")] == []

    other_machine()
    code, document = ran(companion, "restore", str(file), "--passphrase-stdin", stdin="wrong")
    assert (code, document["error"]["code"]) == (5, "wrong-passphrase")
    assert not (own_folder / "other").exists()
    code, document = ran(companion, "restore", str(file), "--passphrase-stdin")
    assert (code, document["restored"], document["kept"]) == (0, 1, [])
    assert "API tokens" in document["left_out"]
    assert ran(companion, "list")[1]["connections"][0]["name"] == "shop"
    status = ran(companion, "keys", "status")[1]
    assert [key["records"] for key in status["keys"]] == [2]  # the access token, and the key of the audit record

    code, document = ran(companion, "restore", str(file), "--passphrase-stdin")
    assert (code, document["error"]["code"]) == (8, "backup-conflicts")
    assert [each["name"] for each in document["conflicts"]] == ["shop"]
    assert ran(companion, "restore", str(file), "--passphrase-stdin", "--on-conflict", "keep")[1]["kept"] == ["shop"]


def test_a_made_up_passphrase_is_shown_once_and_opens_it(companion: Any, own_folder: Path, other_machine: Any) -> None:
    add(companion, "shop")
    file = own_folder / "saved"
    made = ran(companion, "backup", str(file), "--generate")[1]["passphrase"]
    assert len(made) >= 30
    other_machine()
    assert ran(companion, "restore", str(file), "--passphrase-stdin", stdin=made)[1]["restored"] == 1


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [(("--passphrase-stdin",), "too short"), ((), None), (("--generate", "--passphrase-stdin"), PASSPHRASE)],
)
def test_a_backup_without_a_long_passphrase_is_not_made(
    companion: Any, own_folder: Path, arguments: tuple[str, ...], stdin: str | None
) -> None:
    assert ran(companion, "backup", str(own_folder / "saved"), *arguments, stdin=stdin)[0] == 2
    assert not (own_folder / "saved").exists()


def test_a_file_that_is_no_backup_is_refused_and_nothing_is_made(companion: Any, own_folder: Path) -> None:
    for content in (b"", b"PK\x03\x04", b"bigcommerce-companion backup 2\n"):
        (own_folder / "saved").write_bytes(content)
        code, document = ran(companion, "restore", str(own_folder / "saved"), "--passphrase-stdin")
        assert (code, document["error"]["code"]) == (2, "backup-damaged")
    assert ran(companion, "restore", str(own_folder / "missing"), "--passphrase-stdin")[0] == 2
    assert ran(companion, "backup", str(own_folder / "no" / "folder"), "--generate")[0] == 2


def test_a_backup_that_is_damaged_at_its_end_makes_no_data_folder(
    companion: Any, own_folder: Path, other_machine: Any
) -> None:
    add(companion, "shop")
    file = own_folder / "saved"
    ran(companion, "backup", str(file), "--passphrase-stdin")
    content = file.read_bytes()
    file.write_bytes(content[:-20] + bytes([content[-20] ^ 1]) + content[-19:])
    other_machine()
    code, document = ran(companion, "restore", str(file), "--passphrase-stdin")
    assert (code, document["error"]["code"]) == (2, "backup-damaged")
    assert not (own_folder / "other").exists()


def test_the_text_names_what_is_left_out(companion: Any, own_folder: Path) -> None:
    add(companion, "shop")
    told = companion("backup", str(own_folder / "saved"), "--generate").stdout
    assert "Left out: browser sessions, hand-over tickets, API tokens, cached storefront tokens" in told


def test_the_text_of_a_restore_says_of_when_the_backup_is(companion: Any, own_folder: Path, other_machine: Any) -> None:
    add(companion, "shop")
    file = own_folder / "saved"
    ran(companion, "backup", str(file), "--passphrase-stdin")
    other_machine()
    told = companion("restore", str(file), "--passphrase-stdin", stdin=PASSPHRASE).stdout
    assert re.search(r"1 connection restored, as of \d{4}-\d\d-\d\d \d\d:\d\d UTC\.", told)


def test_a_made_up_passphrase_is_shown_before_the_file_is_there(
    companion: Any, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the two, nobody is left with a file that nobody can open."""
    from companion.cli.output import Output

    add(companion, "shop")
    file = own_folder / "saved"
    seen = []
    result = Output.result

    def looked(output: Output, document: Any, text: str) -> None:
        if "passphrase" in document:
            seen.append(file.exists())
        result(output, document, text)

    monkeypatch.setattr(Output, "result", looked)
    assert ran(companion, "backup", str(file), "--generate")[0] == 0
    assert seen == [False]
    assert file.exists()


def test_the_record_goes_along_and_can_be_read_and_verified(
    companion: Any, own_folder: Path, other_machine: Any
) -> None:
    add(companion, "shop")
    file = own_folder / "saved"
    done = ran(companion, "backup", str(file), "--passphrase-stdin")[1]
    assert done["audit_entries"] >= 1
    other_machine()
    restored = ran(companion, "restore", str(file), "--passphrase-stdin")[1]
    assert restored["audit"] == {"entries": done["audit_entries"], "goes_on": True, "chapters": [], "intact": True}

    again = own_folder / "again"
    ran(companion, "backup", str(again), "--passphrase-stdin")
    assert companion("delete", "shop", "--yes").exit_code == 0
    ran(companion, "backup", str(own_folder / "third"), "--passphrase-stdin")
    text = companion("restore", str(again), "--passphrase-stdin", stdin=PASSPHRASE)
    assert "is here already" in text.stdout


def test_in_a_used_folder_the_record_is_a_chapter(companion: Any, own_folder: Path, other_machine: Any) -> None:
    add(companion, "shop")
    file = own_folder / "saved"
    ran(companion, "backup", str(file), "--passphrase-stdin")
    other_machine()
    add(companion, "mine")
    text = companion("restore", str(file), "--passphrase-stdin", stdin=PASSPHRASE)
    assert (text.exit_code, "as chapter 1" in text.stdout) == (0, True)
    verified = companion("audit", "--verify")
    assert (verified.exit_code, "Chapter 1" in verified.stdout) == (0, True)
    [chapter] = ran(companion, "audit", "--verify", stdin=None)[1]["chapters"]
    assert chapter["intact"]
    entries = ran(companion, "audit", "--chapter", "1", stdin=None)[1]["entries"]
    assert entries[-1]["action"] == "add"
    assert entries[-1]["connection"]["name"] == "shop"
    import sqlite3

    with sqlite3.connect(own_folder / "other" / "data" / "companion.sqlite3") as database:
        database.execute("UPDATE audit_chapter_entries SET detail = 'forged' WHERE number = 1")
    database.close()
    broken = companion("audit", "--verify")
    assert (broken.exit_code, "Chapter 1 of the record is broken at entry 1" in broken.stdout) == (9, True)


def test_a_backup_and_a_restore_that_fail_are_recorded(companion: Any, own_folder: Path) -> None:
    add(companion, "shop")
    file = own_folder / "saved"
    ran(companion, "backup", str(file), "--passphrase-stdin")
    assert ran(companion, "backup", str(file), "--passphrase-stdin")[0] == 8
    assert ran(companion, "restore", str(file), "--passphrase-stdin")[0] == 8
    entries = ran(companion, "audit", stdin=None)[1]["entries"]
    assert [(each["action"], each["outcome"]) for each in entries[:3]] == [
        ("restore", "backup-conflicts"),
        ("backup", "conflict"),
        ("backup", "done"),
    ]
