"""A database that was damaged where it lies: what is wrong is named, contained to its record, and never served."""

from __future__ import annotations

import json
import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

BOTH_SCOPES = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation"})
QUERY = "{ site { settings { storeName } } }"
ACCESS, MINTED = "access_token", "minted_storefront_token"
SEED = os.environ.get("COMPANION_TEST_SEED")  # read here: the tests run without the variables of the program

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def database(own_folder: Path) -> Path:
    return own_folder / "data" / "companion.sqlite3"


@pytest.fixture
def run(companion: Any, sandbox: Any, database: Path) -> Run:
    """The program, with connections `one` and `two`, each with an access token and a minted storefront token."""
    store = sandbox.store.state.store

    def run(*arguments: str, stdin: str | None = None) -> tuple[int, dict[str, Any]]:
        given = arguments if "--" in arguments else (*arguments, "--json")
        result = companion(*given, stdin=stdin)
        return result.exit_code, json.loads(result.stdout) if "--" not in arguments else {"text": result.output}

    form = ("--subdomain", store.subdomain, "--store-hash", store.store_hash, "--access-token-stdin")
    for name in ("one", "two"):
        account = store.create_api_account(f"Account {name}", BOTH_SCOPES)
        assert run("add", name, *form, stdin=account.access_token)[0] == 0
        assert run("graphql", name, QUERY)[0] == 0
    assert set(fields_of(database, "one")) == {ACCESS, MINTED}
    return run


def changed(database: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(database)) as file, file:
        file.execute(statement, values)


def fields_of(database: Path, name: str) -> dict[str, bytes]:
    with closing(sqlite3.connect(database)) as file:
        rows = file.execute(
            "SELECT field, envelope FROM secrets s JOIN connections c ON c.id = s.connection_id WHERE c.name = ?",
            (name,),
        )
        return {field: bytes(envelope) for field, envelope in rows}


def put(database: Path, name: str, field: str, envelope: bytes) -> None:
    changed(
        database,
        "UPDATE secrets SET envelope = ? WHERE field = ? AND connection_id = "
        "(SELECT id FROM connections WHERE name = ?)", envelope, field, name,
    )  # fmt: skip


def check_that_the_other_works(run: Run) -> None:
    assert run("verify", "two")[0] == 0
    assert run("graphql", "two", QUERY)[0] == 0
    listed = run("list")[1]["connections"]
    assert [each["name"] for each in listed] == ["one", "two"]
    assert run("show", "one")[1]["access_token_set"]


def check_that_it_is_refused_and_said(run: Run, own_folder: Path) -> None:
    """What needs the access token of `one` says what is wrong with it, and gives nothing."""
    for arguments in (
        ("verify", "one"),
        ("api", "one", "GET", "v2/time"),
        ("export", "one", "--format", "dotenv", "--output", str(own_folder / "env")),
    ):
        code, document = run(*arguments)
        assert code == 5, (arguments, document)
        error = document["error"]
        assert error["code"] in {"tampered", "wrong-key"}, (arguments, error)
        assert "access token" in error["detail"], (arguments, error)
        assert error["action"], arguments
    assert not (own_folder / "env").exists()
    code, document = run("exec", "one", "--", "printenv")
    assert code == 125
    assert "access token" in document["text"]
    assert "BIGCOMMERCE" not in document["text"]
    code, document = run("doctor")
    assert code == 9
    [damage] = [each for each in document["findings"] if each["code"] == "record-damaged"]
    assert "'one'" in damage["message"]
    assert "companion edit one --access-token-stdin" in damage["action"]


POSITIONS = [f"{part}:{number}" for part in ("head", "key id", "wrapped key", "payload", "tag") for number in range(8)]


def position(envelope: bytes, where: str) -> int:
    """Return a place in the named part of an envelope; the seed of the run draws which."""
    part, _, number = where.partition(":")
    draw = random.Random(f"{SEED} {where}")  # noqa: S311  a sample
    length = envelope[1]
    parts = {
        "head": range(2),
        "key id": range(2, 2 + length),
        "wrapped key": range(2 + length, 2 + length + 60),
        "payload": range(2 + length + 60, len(envelope) - 16),
        "tag": range(len(envelope) - 16, len(envelope)),
    }
    places = parts[part]
    return places[int(number)] if part == "head" and int(number) < 2 else draw.choice(places)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("where", POSITIONS)
def test_a_flipped_byte_of_an_access_token_is_named_and_contained(
    run: Run, database: Path, own_folder: Path, where: str
) -> None:
    envelope = bytearray(fields_of(database, "one")[ACCESS])
    draw = random.Random(where)  # noqa: S311  a sample
    envelope[position(bytes(envelope), where)] ^= 1 << draw.randrange(8)
    put(database, "one", ACCESS, bytes(envelope))
    check_that_it_is_refused_and_said(run, own_folder)
    check_that_the_other_works(run)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("cut", [0, 1, 2, 30, -1])
def test_a_cut_access_token_is_named_and_contained(run: Run, database: Path, own_folder: Path, cut: int) -> None:
    put(database, "one", ACCESS, fields_of(database, "one")[ACCESS][:cut])
    check_that_it_is_refused_and_said(run, own_folder)
    check_that_the_other_works(run)


@pytest.mark.parametrize(("name", "field"), [("two", ACCESS), ("one", MINTED), ("two", MINTED)])
def test_a_swapped_access_token_is_named_and_contained(
    run: Run, database: Path, own_folder: Path, name: str, field: str
) -> None:
    put(database, "one", ACCESS, fields_of(database, name)[field])
    check_that_it_is_refused_and_said(run, own_folder)
    check_that_the_other_works(run)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "damage",
    [
        lambda own, _: own[:-1] + bytes([own[-1] ^ 1]),
        lambda _, others: others[MINTED],
        lambda _, others: others[ACCESS],
        lambda own, _: own[:10],
    ],
    ids=["flipped", "another's", "another's access token", "cut"],
)
def test_a_damaged_storefront_token_is_never_served_and_made_anew(run: Run, database: Path, damage: Any) -> None:
    """It is one that can be minted again: the damage is told by doctor until somebody needs the token."""
    put(database, "one", MINTED, damage(fields_of(database, "one")[MINTED], fields_of(database, "two")))
    code, document = run("doctor")
    assert code == 9
    [damaged] = [each for each in document["findings"] if each["code"] == "record-damaged"]
    assert "minted storefront token of the connection 'one'" in damaged["message"]
    code, document = run("graphql", "one", QUERY)
    assert code == 0, document
    assert run("doctor")[0] == 0
    check_that_the_other_works(run)


def test_a_damaged_access_token_is_mended_by_giving_it_again(
    run: Run, database: Path, own_folder: Path, sandbox: Any
) -> None:
    put(database, "one", ACCESS, fields_of(database, "two")[ACCESS])
    check_that_it_is_refused_and_said(run, own_folder)
    account = sandbox.store.state.store.create_api_account("Account three", BOTH_SCOPES)
    code, document = run("edit", "one", "--access-token-stdin", stdin=account.access_token)
    assert code == 0, document
    assert run("verify", "one")[0] == 0
    assert run("doctor")[0] == 0


@pytest.mark.sampled(2)
@pytest.mark.parametrize("part", range(1, 20))
def test_a_cut_database_is_named_by_every_command_and_kept(
    run: Run, database: Path, own_folder: Path, part: int
) -> None:
    content = database.read_bytes()
    cut = content[: len(content) * part // 20]
    database.write_bytes(cut)
    for arguments in (
        ("list",),
        ("show", "one"),
        ("verify", "one"),
        ("graphql", "one", QUERY),
        ("export", "one", "--format", "dotenv", "--output", str(own_folder / "env")),
        ("keys", "status"),
        ("audit",),
    ):
        code, document = run(*arguments)
        if code == 0 and arguments[0] in {"list", "show", "audit"}:
            continue  # what is asked for lies in the part that is there
        assert code == 5, (arguments, document)
        assert document["error"]["code"] == "storage-failed", (arguments, document)
        assert "damaged" in document["error"]["detail"], (arguments, document)
        assert "backup" in document["error"]["action"], arguments
    assert not (own_folder / "env").exists()
    code, document = run("exec", "one", "--", "printenv")
    assert (code, "damaged" in document["text"]) == (125, True)
    code, document = run("doctor")
    assert code == 9
    assert "database-damaged" in {each["code"] for each in document["findings"]}
    assert database.read_bytes()[: len(cut)] == cut


def test_a_log_that_was_cut_gives_what_was_written_whole(run: Run, database: Path) -> None:
    """As after a power cut: the database is as it was at some write, and nothing is half there."""
    with closing(sqlite3.connect(database)) as holding:  # so that the log is not taken into the database
        holding.execute("SELECT count(*) FROM connections").fetchone()
        for number in range(5):
            assert run("tag", "one", f"t{number}")[0] == 0
        log = database.with_name("companion.sqlite3-wal").read_bytes()
        main = database.read_bytes()
    assert len(log) > 5 * 4096
    for length in (len(log) - 1, len(log) * 2 // 3, len(log) // 3, 5000, 40):
        for suffix in ("-shm", "-wal"):
            database.with_name(f"companion.sqlite3{suffix}").unlink(missing_ok=True)
        database.write_bytes(main)
        database.with_name("companion.sqlite3-wal").write_bytes(log[:length])
        code, document = run("audit", "--verify")
        assert (code, document["intact"]) == (0, True)
        tags = run("show", "one")[1]["tags"]
        assert tags in [[], *([f"t{number}"] for number in range(5)), *(
            [f"t{each}" for each in range(number + 1)] for number in range(5)
        )]  # fmt: skip
        assert run("doctor")[0] == 0
