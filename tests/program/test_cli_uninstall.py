"""`companion uninstall`, in a home of its own: afterwards nothing of the program is there, and all else is."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest
from postgresql_server import PostgresqlServer
from sqlalchemy import create_engine, inspect

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the places are Linux's"),
    pytest.mark.sampled(3, group="uninstall"),
]

TOKEN = "r4nd0mt0k3n" * 3


@pytest.fixture
def home(process, own_folder):
    """A home with things of others, in which every path of the program is the usual one."""
    home = own_folder / "home"
    for name in ("COMPANION_DATA_DIR", "COMPANION_KEY_FILE", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        process.environment.pop(name, None)
    (own_folder / "temporary").mkdir()
    process.environment.update(HOME=str(home), TMPDIR=str(own_folder / "temporary"))
    for path in (".config/others/settings", ".local/share/others/data", "documents/precious"):
        (home / path).parent.mkdir(parents=True)
        (home / path).write_text("precious")
    return home


@pytest.fixture
def data(home):
    return home / ".local/share/bigcommerce-companion"


def everything(*folders: Path) -> list[str]:
    return sorted(str(path) for folder in folders for path in folder.rglob("*"))


def files(*folders: Path) -> list[str]:
    return [each for each in everything(*folders) if not Path(each).is_dir()]


def added(process, place: Path, name: str = "shop") -> None:
    file = place / "credentials.txt"
    file.write_text(f"ACCESS TOKEN: {TOKEN}\nNAME: ERP\nAPI PATH: https://api.bigcommerce.com/stores/ci4bzn8adz/v3/\n")
    given = ("--subdomain", "celigo", "--credentials-file", str(file), "--delete-file", "--no-verify")
    result = process.run("add", name, *given)
    assert result.returncode == 0, result.stderr


def uninstalled(process, *options: str, stdin: str = ""):
    result = process.run("uninstall", "--json", *options, stdin=stdin)
    return result.returncode, json.loads(result.stdout), result.stderr


def test_after_a_whole_life_nothing_is_left_behind_and_nothing_of_others_is_gone(process, home, data, own_folder):
    before = files(home, own_folder / "temporary")
    added(process, own_folder)
    assert process.run("open", "--install").returncode == 0
    assert process.run("keys", "rotate").returncode == 0
    assert process.run("export", "shop", "--format", "stencil").returncode == 0  # into the project
    assert process.run("doctor").returncode in {0, 9}
    for left in (
        "companion.sqlite3.before-migration-from-0007", "companion.sqlite3.damaged-log-0123456789ab", "sign-in.html",
        "panel-controls.json", ".keys.json.0123456789abcdef.new", "locks/03.lock", "service.json",
    ):  # fmt: skip
        (data / left).parent.mkdir(exist_ok=True)
        (data / left).write_text("x")
    killed = own_folder / "temporary" / "bigcommerce-companion-99999999-abcdefgh"
    (killed / "profile").mkdir(parents=True)

    code, document, said = uninstalled(process, "--yes")
    assert code == 0, said
    # Empty folders of the desktop's own are as good as none.
    assert files(home, own_folder / "temporary") == before
    exported = str(own_folder / "project" / "secrets.stencil.json")
    assert document["left"]["exports"] == [exported]
    assert Path(exported).exists()
    assert not [each for each in everything(home) if "companion" in each]
    assert document["not_removed"] == []
    (alive,) = document["still_alive"]
    assert (alive["name"], alive["store_hash"], alive["connection"]) == ("ERP", "ci4bzn8adz", "shop")
    assert said.index("'ERP' in store ci4bzn8adz") < said.index("Will be removed")
    assert TOKEN not in json.dumps(document) + said

    code, document, _ = uninstalled(process, "--yes")  # again there is nothing to do, and nothing is made
    assert (code, document["removed"]) == (0, [])
    assert not [each for each in everything(home) if "companion" in each]


def test_without_a_yes_everything_stays_and_the_plan_is_told(process, home, own_folder):
    added(process, own_folder)
    before = everything(home)
    code, document, said = uninstalled(process)
    assert (code, document["error"]["code"]) == (2, "confirmation-needed")
    assert "'ERP' in store ci4bzn8adz" in said
    code, document, _ = uninstalled(process, "--dry-run")
    assert (code, document["dry_run"], document["removed"]) == (0, True, [])
    assert set(document["found"]) >= {each for each in before if each.endswith((".sqlite3", "keys.json"))}
    assert everything(home) == before


def test_what_is_not_this_programs_stays_and_no_link_is_followed(process, home, data, own_folder):
    added(process, own_folder)
    precious = own_folder / "precious"
    (precious / "inner").mkdir(parents=True)
    (precious / "inner" / "0123456789abcdef.json").write_text("precious")
    (data / "notes.txt").write_text("mine")
    (data / "config.toml").write_text("port = 7470\n")
    (data / "locks").mkdir(exist_ok=True)
    (data / "locks" / "notes").write_text("mine")
    (data / "accounts-under-way").symlink_to(precious / "inner")
    (data / "companion.sqlite3.damaged-log-0123456789ab").symlink_to(precious / "inner" / "0123456789abcdef.json")
    code, document, said = uninstalled(process, "--yes")
    others = [
        "accounts-under-way",
        "companion.sqlite3.damaged-log-0123456789ab",
        "config.toml",
        "locks/notes",
        "notes.txt",
    ]
    assert document["left"]["others"] == sorted(str(data / each) for each in others)
    assert set(everything(data)) == {str(data / "locks"), *(str(data / each) for each in others)}
    assert (precious / "inner" / "0123456789abcdef.json").read_text() == "precious"
    assert (code, document["not_removed"]) == (0, []), said


def test_a_data_folder_that_is_a_link_is_refused(process, home, data, own_folder):
    real = own_folder / "elsewhere"
    real.mkdir(mode=0o700)
    data.symlink_to(real)
    added(process, own_folder)
    code, document, _ = uninstalled(process, "--yes")
    assert (code, document["error"]["code"]) == (8, "conflict")
    assert (real / "companion.sqlite3").exists()


def test_keys_of_another_data_folder_stay(process, home, data, own_folder):
    added(process, own_folder)
    other = {**process.environment, "COMPANION_DATA_DIR": str(own_folder / "other")}
    second = type(process)(other)
    added(second, own_folder)
    code, _, said = uninstalled(process, "--yes")
    assert code == 0
    assert "keys of other data folders" in said
    assert not data.exists()
    key_file = home / ".config/bigcommerce-companion/key-encryption-key.json"
    assert len(json.loads(key_file.read_text())["folders"]) == 1
    assert json.loads(second.run("keys", "status", "--json").stdout)
    assert uninstalled(second, "--yes")[0] == 0
    assert not key_file.parent.exists()


def test_while_a_service_runs_nothing_is_removed(process, home, own_folder):
    added(process, own_folder)
    service = process.start("serve", "--port", "0")
    try:
        assert service.stderr is not None
        while "Listening on" not in service.stderr.readline():
            assert service.poll() is None
        before = everything(home)
        code, document, _ = uninstalled(process, "--yes")
        assert (code, document["error"]["code"]) == (8, "already-running")
        assert f"process {service.pid}" in document["error"]["detail"]
        assert everything(home) == before
    finally:
        service.terminate()
        service.communicate(timeout=60)
    assert uninstalled(process, "--yes")[0] == 0


def test_a_retrieval_under_way_stops_it(process, home, data, own_folder):
    from companion.account_notes import AccountNote, AccountNotes

    added(process, own_folder)
    note = AccountNotes(data).held()
    note.write(AccountNote("real", "ci4bzn8adz", "Companion 1", "companion connect shop", "2026-01-01T00:00:00Z"))
    code, document, _ = uninstalled(process, "--yes")
    assert (code, document["error"]["code"]) == (8, "conflict")
    note._lock.release()  # as a kill would
    code, document, said = uninstalled(process, "--yes")
    assert code == 0, said
    assert [each["name"] for each in document["still_alive"]] == ["ERP", "Companion 1"]
    assert not data.exists()


def test_a_damaged_database_is_said_and_removed(process, home, data, own_folder):
    added(process, own_folder)
    (data / "companion.sqlite3").write_bytes(b"no database at all" * 100)
    code, document, said = uninstalled(process, "--yes")
    assert code == 0, said
    assert document["still_alive_unread"]
    assert "could not all be read" in said
    assert not data.exists()


def test_a_keychain_that_does_not_answer_is_named_and_can_be_done_later(process, home, data, own_folder):
    keychain = {
        "PYTHON_KEYRING_BACKEND": "keychain_for_tests.Keychain",
        "KEYCHAIN_FOR_TESTS_FILE": str(own_folder / "keychain"),
        "PYTHONPATH": str(Path(__file__).parents[1] / "contract"),
        "COMPANION_KEY_PROVIDER": "keyring",
    }
    process.environment.update(keychain)
    added(process, own_folder)
    assert "key-encryption-keys" in (own_folder / "keychain").read_text()
    process.environment["KEYCHAIN_FOR_TESTS"] = "fails"
    code, document, _ = uninstalled(process, "--yes")
    assert code == 9
    assert "key-encryption-keys:" in document["not_removed"][0]["what"]
    assert everything(data) == [str(data / "keys.json")]
    process.environment["KEYCHAIN_FOR_TESTS"] = "works"
    code, document, said = uninstalled(process, "--yes")
    assert code == 0, said
    assert "key-encryption-keys" not in (own_folder / "keychain").read_text()
    assert not data.exists()


def test_a_backup_is_written_first(process, home, data, own_folder):
    added(process, own_folder)
    file = own_folder / "backup"
    refused, _, _ = uninstalled(process, "--yes", "--backup", str(file), stdin="short\n")
    assert (refused, data.exists(), file.exists()) == (2, True, False)
    code, _, said = uninstalled(process, "--yes", "--backup", str(file), stdin="a passphrase of some length\n")
    assert code == 0, said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not data.exists()
    restored = process.run("restore", str(file), "--passphrase-stdin", stdin="a passphrase of some length\n")
    assert restored.returncode == 0, restored.stderr
    assert json.loads(process.run("show", "shop", "--json").stdout)["api_account"]["name"] == "ERP"


def test_what_cannot_be_removed_is_named(process, home, data, own_folder):
    if os.geteuid() == 0:
        pytest.skip("root removes everything")
    added(process, own_folder)
    data.chmod(0o500)
    try:
        code, document, _ = uninstalled(process, "--yes")
    finally:
        data.chmod(0o700)
    assert code == 9
    assert str(data / "companion.sqlite3") in {each["what"] for each in document["not_removed"]}


def test_a_database_on_a_server_stays_unless_its_tables_are_to_go(
    process, home, data, own_folder, postgresql_server: PostgresqlServer
):
    address = postgresql_server.new_database()
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS others")
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS others.precious (x int)")
    assert process.run("uninstall", "--drop-tables", "--yes").returncode == 2  # there is no server
    process.environment["COMPANION_DATABASE_URL"] = address
    added(process, own_folder)
    tables = inspect(engine).get_table_names()
    code, document, said = uninstalled(process, "--yes")
    assert code == 0, said
    assert not data.exists()
    assert "PostgreSQL" in document["left"]["database"]
    assert inspect(engine).get_table_names() == tables
    code, _, said = uninstalled(process, "--yes", "--drop-tables")
    assert code == 0, said
    assert inspect(engine).get_table_names() == []
    assert inspect(engine).get_table_names(schema="others") == ["precious"]
    engine.dispose()
