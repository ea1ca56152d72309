"""`companion doctor`: what it finds of database, keys, audit record, port and clock, and that it changes nothing."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from postgresql_server import PostgresqlServer

from companion.storage import schema
from companion.wiring import bigcommerce as wired_bigcommerce

ADD = ("--subdomain", "celigo", "--store-hash", "ci4bzn8adz", "--access-token-stdin", "--no-verify")


@pytest.fixture
def database(companion: Any, sandbox: Any, own_folder: Path) -> Path:
    """The database of a data folder with two connections."""
    del sandbox
    for name in ("shop", "other"):
        assert companion("add", name, *ADD, stdin=f"made-up-token-of-{name}").exit_code == 0
    return own_folder / "data" / "companion.sqlite3"


def checked(companion: Any, *arguments: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Run it; returns exit code and what was found, by code."""
    result = companion("doctor", "--json", *arguments)
    document = json.loads(result.stdout)
    assert all(each["action"] for each in document["findings"]), "a finding says what to do"
    due = [each for each in document["findings"] if each["status"] != "note"]
    assert result.exit_code == (9 if due else 0)
    return result.exit_code, {each["code"]: each for each in document["checks"]}


def changed(database: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(database)) as file, file:
        file.execute(statement, values)


def test_a_folder_that_is_well_is_said_to_be(companion: Any, database: Path) -> None:
    _, found = checked(companion)
    about = {"keys and database", "clock", "service"}
    said = {code: each["status"] for code, each in found.items() if each["check"] in about}
    codes = ("database", "schema", "keys", "records", "audit", "clock", "service", "port")
    assert said == dict.fromkeys(codes, "ok")
    assert "2 entries" in found["audit"]["message"]
    del database


def test_a_record_that_was_changed_is_named_with_its_connection(companion: Any, database: Path) -> None:
    changed(
        database,
        "UPDATE secrets SET envelope = (SELECT envelope FROM secrets s JOIN connections c ON c.id = s.connection_id "
        "WHERE c.name = 'other') WHERE connection_id = (SELECT id FROM connections WHERE name = 'shop')",
    )
    code, found = checked(companion)
    assert code == 9
    assert "access token of the connection 'shop'" in found["record-damaged"]["message"]
    assert "companion edit shop --access-token-stdin" in found["record-damaged"]["action"]
    assert found["audit"]["status"] == "ok"


def test_so_many_damaged_records_are_counted(companion: Any, database: Path) -> None:
    with closing(sqlite3.connect(database)) as file, file:
        for number in range(30):
            id_ = f"01a204ff-9355-7472-b89f-{number:012}"
            columns = [row[1] for row in file.execute("PRAGMA table_info(connections)")]
            taken = ", ".join({"id": "?", "name": "?", "name_key": "?"}.get(name, name) for name in columns)
            file.execute(
                f"INSERT INTO connections SELECT {taken} FROM connections WHERE name = 'shop'",  # noqa: S608
                (id_, f"copy {number}", f"copy {number}"),
            )
            file.execute(
                "INSERT INTO secrets SELECT ?, field, key_id, envelope FROM secrets s JOIN connections c "
                "ON c.id = s.connection_id WHERE c.name = 'shop'", (id_,),
            )  # fmt: skip
    result = companion("doctor", "--json")
    damaged = [each["message"] for each in json.loads(result.stdout)["findings"] if each["code"] == "record-damaged"]
    assert len(damaged) == 21
    assert "10 more" in damaged[-1]


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE audit SET who = 'tool ERP' WHERE number = 1", "entry 1"),
        ("DELETE FROM audit WHERE number = 2", "entry 2"),
        ("DELETE FROM audit_head", "head"),
        ("UPDATE audit_head SET envelope = x'00'", "key of the audit record"),
    ],
)
def test_a_broken_audit_record_is_named(companion: Any, database: Path, statement: str, says: str) -> None:
    changed(database, statement)
    code, found = checked(companion)
    assert code == 9
    assert says in found["audit-broken"]["message"]


def test_an_older_schema_is_told_and_left_as_it_is(companion: Any, database: Path) -> None:
    changed(database, "UPDATE alembic_version SET version_num = '0001'")
    code, found = checked(companion)
    assert code == 0
    assert (found["schema-older"]["status"], "0001" in found["schema-older"]["message"]) == ("note", True)
    assert "records" not in found
    with closing(sqlite3.connect(database)) as file:
        assert file.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    assert not list(database.parent.glob("*.before-migration-*"))


def test_a_newer_schema_is_refused_by_all_and_left_untouched(companion: Any, database: Path) -> None:
    changed(database, "UPDATE alembic_version SET version_num = '9999'")
    before = database.read_bytes()
    code, found = checked(companion)
    assert (code, found["schema-newer"]["status"]) == (9, "broken")
    assert schema.HEAD in found["schema-newer"]["message"]
    listed = companion("list", "--json")
    assert listed.exit_code == 5
    assert "newer version" in json.loads(listed.stdout)["error"]["detail"]
    assert database.read_bytes() == before


def test_a_cut_database_is_damaged(companion: Any, database: Path) -> None:
    content = database.read_bytes()
    database.write_bytes(content[: len(content) // 2 // 4096 * 4096])
    code, found = checked(companion)
    assert code == 9
    assert found["database-damaged"]["status"] == "broken"


@pytest.mark.parametrize("lose", [lambda file: file.unlink(), lambda file: file.write_bytes(b"")])
def test_a_database_that_is_gone_is_no_empty_one(companion: Any, database: Path, lose: Any) -> None:
    kept = database.read_bytes()
    lose(database)
    code, found = checked(companion)
    assert code == 9
    for command in (("list",), ("show", "shop"), ("verify", "shop"), ("add", "third", *ADD), ("keys", "rotate")):
        refused = companion(*command, "--json", stdin="made-up-token")
        error = json.loads(refused.stdout)["error"]
        assert (refused.exit_code, error["code"]) == (5, "storage-failed")
        assert "this data folder had one" in error["detail"]
        assert "database-made" in error["action"]
    del found
    database.write_bytes(kept)
    assert len(json.loads(companion("list", "--json").stdout)["connections"]) == 2
    lose(database)
    (database.parent / "database-made").unlink()  # what the error says, to begin anew
    assert json.loads(companion("list", "--json").stdout)["connections"] == []


@pytest.mark.parametrize("content", [b"garbage" * 1000, b"\0" * 32, b"7"])
def test_a_damaged_log_is_told_once_and_kept(companion: Any, database: Path, content: bytes) -> None:
    log = database.with_name("companion.sqlite3-wal")
    log.write_bytes(content)
    refused = companion("list", "--json")
    assert refused.exit_code == 5
    assert "may be missing" in json.loads(refused.stdout)["error"]["detail"]
    assert len(json.loads(companion("list", "--json").stdout)["connections"]) == 2
    code, found = checked(companion)
    assert (code, found["log-damaged"]["status"]) == (9, "attention")
    [copy] = database.parent.glob("companion.sqlite3.damaged-log-*")
    assert copy.read_bytes() == content
    copy.unlink()
    assert "log-damaged" not in checked(companion)[1]


def test_a_log_that_sqlite_began_is_taken_as_it_is(companion: Any, database: Path) -> None:
    """As after a kill: the log holds what was written last, and is not put away."""
    with closing(sqlite3.connect(database)) as file:
        file.execute("UPDATE connections SET subdomain = 'changed'")
        file.commit()
        log = database.with_name("companion.sqlite3-wal").read_bytes()
        main = database.read_bytes()
    database.write_bytes(main)
    database.with_name("companion.sqlite3-wal").write_bytes(log)
    connections = json.loads(companion("list", "--json").stdout)["connections"]
    assert {each["subdomain"] for each in connections} == {"changed"}
    assert "log-damaged" not in checked(companion)[1]


def test_a_port_that_is_taken_is_told(companion: Any, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del database
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("COMPANION_PORT", str(port))
        code, found = checked(companion)
    assert (code, found["port-in-use"]["status"]) == (9, "attention")
    assert str(port) in found["port-in-use"]["message"]


@pytest.mark.parametrize(("seconds", "finds"), [(61, True), (-3600, True), (55, False), (0, False)])
def test_a_clock_that_is_wrong_is_a_finding(
    companion: Any, database: Path, monkeypatch: pytest.MonkeyPatch, seconds: int, finds: bool
) -> None:
    del database
    now = wired_bigcommerce.utc_now
    monkeypatch.setattr(wired_bigcommerce, "utc_now", lambda: now() + timedelta(seconds=seconds))
    code, found = checked(companion)
    assert ("clock-skew" in found) is finds
    assert code == (9 if finds else 0)


def test_without_an_answer_nothing_is_said_of_the_clock(
    companion: Any, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del database
    monkeypatch.setenv("COMPANION_HOST_MAP", "*.mybigcommerce.com=127.0.0.1:1")
    monkeypatch.delenv("COMPANION_CA_FILE")
    code, found = checked(companion)
    assert (code, found["clock"]["status"]) == (0, "ok")
    assert "not compared" in found["clock"]["message"]


def test_without_the_passphrase_nothing_is_opened_and_that_is_said(
    companion: Any, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del database
    moved = companion("keys", "rewrap", "--to", "passphrase", "--passphrase-stdin", stdin="a made-up passphrase")
    assert moved.exit_code == 0
    monkeypatch.delenv("COMPANION_KEY_PROVIDER")
    code, found = checked(companion)
    assert (code, found["locked"]["status"]) == (0, "note")
    assert "records" not in found
    monkeypatch.setenv("COMPANION_PASSPHRASE", "a made-up passphrase")
    assert checked(companion)[1]["records"]["status"] == "ok"


def test_a_postgresql_server_is_asked_for_its_version(
    companion: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch, postgresql_server: PostgresqlServer
) -> None:
    del sandbox
    monkeypatch.setenv("COMPANION_DATABASE_URL", postgresql_server.emptied_database())
    assert companion("add", "shop", *ADD, stdin="made-up-token").exit_code == 0
    _, found = checked(companion)
    assert "PostgreSQL 1" in found["database"]["message"]
    assert {found[code]["status"] for code in ("schema", "keys", "records", "audit")} == {"ok"}
    monkeypatch.setenv("COMPANION_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    code, found = checked(companion)
    assert code == 9
    assert "COMPANION_DATABASE_URL" in found["storage-failed"]["action"]


def test_it_says_what_others_can_read(companion: Any, database: Path) -> None:
    if os.name != "posix":
        pytest.skip("file modes")
    database.chmod(0o640)
    with contextlib.suppress(OSError):
        assert "open-to-others" in checked(companion)[1]
