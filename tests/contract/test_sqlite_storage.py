"""What is SQLite's own: files, modes, migrations, other processes, and days when the disk is bad."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from repositories import connection
from sqlalchemy import create_engine, inspect

from companion.core.connection import Connection, World
from companion.core.errors import CompanionError, StorageFailed, Tampered, WrongKey
from companion.core.secret import Secret
from companion.keys.held import LocalKeys, new_keys
from companion.ports.connections import SecretField
from companion.service.vault import Vault
from companion.storage import schema
from companion.storage.repository import SqlRepository
from companion.storage.sqlite import database_file, open_sqlite_repository, sqlite_engine
from companion.storage.tables import metadata

NOW = datetime(2026, 11, 22, 10, 11, 12, tzinfo=UTC)
CANARY = "made-up-access-token-0123456789abcdef"
TOKEN = SecretField.ACCESS_TOKEN

posix_only = pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's")


@pytest.fixture
def vault() -> Vault:
    return Vault(LocalKeys("file", new_keys(os.urandom)), os.urandom)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def repository(folder: Path) -> Iterator[SqlRepository]:
    repository = open_sqlite_repository(folder)
    yield repository
    repository.close()


def added(repository: SqlRepository, vault: Vault, name: str = "Shop") -> Connection:
    given = connection(name)
    return repository.add(given, {TOKEN: vault.seal(given.id, TOKEN, given.store_hash, Secret(CANARY))})


def opened(repository: SqlRepository, vault: Vault, given: Connection) -> str:
    stored = repository.get_with_secrets(given.id)
    return vault.open(given.id, TOKEN, stored.connection.store_hash, stored.secrets[TOKEN]).reveal()


# Files


@posix_only
def test_every_file_is_this_users_alone(repository: SqlRepository, vault: Vault, folder: Path) -> None:
    added(repository, vault)
    files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert {"companion.sqlite3", "companion.sqlite3-wal", "companion.sqlite3-shm"} <= set(files)
    assert set(files.values()) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@posix_only
def test_a_database_that_was_open_to_others_is_narrowed(folder: Path) -> None:
    open_sqlite_repository(folder).close()
    database_file(folder).chmod(0o644)
    open_sqlite_repository(folder).close()
    assert stat.S_IMODE(database_file(folder).stat().st_mode) == 0o600


@posix_only
def test_a_link_in_place_of_the_database_is_not_followed(folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    database_file(folder).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageFailed, match="symbolic link, and none is followed"):
        open_sqlite_repository(folder)
    assert not (tmp_path / "elsewhere").exists()


def test_no_file_shows_a_secret_while_open_and_after(repository: SqlRepository, vault: Vault, folder: Path) -> None:
    shop = added(repository, vault)
    assert opened(repository, vault, shop) == CANARY
    for _ in range(2):
        for file in folder.iterdir():
            assert CANARY.encode() not in file.read_bytes()
        repository.close()


def test_a_deleted_secret_is_overwritten_and_not_only_forgotten(
    repository: SqlRepository, vault: Vault, folder: Path
) -> None:
    shop = added(repository, vault)
    envelope = repository.get_with_secrets(shop.id).secrets[TOKEN]
    repository.delete(shop.id, expected_revision=1)
    repository.close()
    assert envelope not in database_file(folder).read_bytes()


def test_the_connection_keeps_to_what_durability_needs(repository: SqlRepository) -> None:
    def read(name: str) -> object:
        with repository._engine.connect() as connection:
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

    assert read("journal_mode") == "wal"
    assert read("synchronous") == 2  # FULL
    assert read("foreign_keys") == 1
    assert read("secure_delete") == 1


# Damage


def test_a_flipped_byte_is_told_and_contained_to_its_record(
    repository: SqlRepository, vault: Vault, folder: Path
) -> None:
    shop, other = added(repository, vault), added(repository, vault, "Other")
    with sqlite3.connect(database_file(folder)) as file:
        envelope = bytearray(
            file.execute("SELECT envelope FROM secrets WHERE connection_id = ?", [shop.id]).fetchone()[0]
        )
        envelope[-1] ^= 1
        file.execute("UPDATE secrets SET envelope = ? WHERE connection_id = ?", [bytes(envelope), shop.id])
    file.close()
    with pytest.raises(Tampered, match=shop.id):
        opened(repository, vault, shop)
    assert opened(repository, vault, other) == CANARY
    assert repository.get(shop.id) == shop


def test_swapped_rows_do_not_open(repository: SqlRepository, vault: Vault, folder: Path) -> None:
    shop, other = added(repository, vault), added(repository, vault, "Other")
    with sqlite3.connect(database_file(folder)) as file:
        for here, there in ((shop.id, "x"), (other.id, shop.id), ("x", other.id)):
            file.execute("UPDATE secrets SET connection_id = ? WHERE connection_id = ?", [there, here])
    file.close()
    for given in (shop, other):
        with pytest.raises(Tampered):
            opened(repository, vault, given)


def test_a_changed_store_hash_makes_the_token_useless(repository: SqlRepository, vault: Vault, folder: Path) -> None:
    shop = added(repository, vault)
    with sqlite3.connect(database_file(folder)) as file:
        file.execute("UPDATE connections SET store_hash = 'attacker1'")
    file.close()
    with pytest.raises(Tampered):
        opened(repository, vault, shop)


@pytest.mark.parametrize("content", [b"not a database, " * 100, b"SQLite format 3\0" + bytes(5000)])
def test_a_file_that_is_no_database_is_told_and_kept(folder: Path, content: bytes) -> None:
    folder.mkdir()
    database_file(folder).write_bytes(content)
    with pytest.raises(StorageFailed, match="damaged"):
        open_sqlite_repository(folder)
    assert database_file(folder).read_bytes() == content


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StorageFailed) as raised:
            open_sqlite_repository(place)
        assert raised.value.explained.next_step
        assert str(place) in str(raised.value)


def test_a_full_disk_is_told_nothing_is_half_written_and_reading_goes_on(
    repository: SqlRepository, vault: Vault
) -> None:
    shop = added(repository, vault)
    with repository._engine.connect() as connection_:
        pages = connection_.exec_driver_sql("PRAGMA page_count").scalar()
    # SQLite's own limit fails as a full disk does, with SQLITE_FULL, and belongs to each connection of the pool.
    from sqlalchemy import event

    event.listen(
        repository._engine, "begin", lambda began: began.exec_driver_sql(f"PRAGMA max_page_count = {pages}").close()
    )
    big = replace(connection("Big"), tags=("x" * 50_000,))
    with pytest.raises(StorageFailed, match="disk is full"):
        repository.add(big, {TOKEN: vault.seal(big.id, TOKEN, big.store_hash, Secret(CANARY))})
    assert [stored.name for stored in repository.page(limit=10).connections] == ["Shop"]
    assert opened(repository, vault, shop) == CANARY


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_told(folder: Path) -> None:
    open_sqlite_repository(folder).close()
    database_file(folder).chmod(0o400)
    with pytest.raises(StorageFailed, match="cannot be opened or written"):
        open_sqlite_repository(folder)


def test_errors_hold_neither_statements_nor_values(repository: SqlRepository, vault: Vault, folder: Path) -> None:
    with sqlite3.connect(database_file(folder)) as file:
        file.execute("DROP TABLE secrets")
    file.close()
    with pytest.raises(StorageFailed) as raised:
        added(repository, vault, "Canary name")
    assert "INSERT" not in str(raised.value)
    assert "Canary" not in str(raised.value)
    assert raised.value.__cause__ is None


# Schema


@pytest.mark.parametrize(
    "change",
    ["status = 'zz'", "tags = '{'", "findings = '[1]'", "created_at = 'zz'", "created_at = 9000000000000000000"],
)
def test_a_row_that_another_program_changed_is_told(
    repository: SqlRepository, vault: Vault, folder: Path, change: str
) -> None:
    shop = added(repository, vault)
    with sqlite3.connect(database_file(folder)) as other:
        other.execute(f"UPDATE connections SET {change}")  # noqa: S608  ours, from above
    other.close()

    with pytest.raises(StorageFailed, match="does not write"):
        repository.get(shop.id)
    with pytest.raises(StorageFailed, match="does not write"):
        repository.page(limit=10)


def by_scripts(tmp_path: Path) -> SqlRepository:
    """A database that was brought to the present schema by every script in turn."""
    file = tmp_path / "by-scripts.sqlite3"
    repository = SqlRepository(sqlite_engine(file), where=str(file))
    repository._write(lambda transaction: schema.run_scripts(transaction, str(file)))
    return repository


def described(repository: SqlRepository) -> dict[str, object]:
    """All that a database holds but for the order in which its parts were named: tables, triggers, views and rows."""
    with repository._engine.connect() as connection_:
        inspector = inspect(connection_)
        tables = {
            table: {
                "columns": [{**each, "type": repr(each["type"])} for each in inspector.get_columns(table)],
                "primary key": inspector.get_pk_constraint(table),
                "foreign keys": inspector.get_foreign_keys(table),
                "unique": sorted(inspector.get_unique_constraints(table), key=repr),
                "checks": sorted(inspector.get_check_constraints(table), key=repr),
                "indexes": sorted(inspector.get_indexes(table), key=repr),
                "rows": [tuple(row) for row in connection_.exec_driver_sql(f'SELECT * FROM "{table}"')],  # noqa: S608
            }
            for table in inspector.get_table_names()
        }
        others = connection_.exec_driver_sql(
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type NOT IN ('table', 'index') ORDER BY name"
        )
        return {"tables": tables, "others": [tuple(row) for row in others]}


def test_the_migrations_leave_behind_what_a_new_database_gets(repository: SqlRepository, tmp_path: Path) -> None:
    migrated = by_scripts(tmp_path)
    made, by_them = described(repository), described(migrated)
    assert set(made["tables"]) == {*metadata.tables, "alembic_version"}
    assert made == by_them
    with migrated._engine.connect() as connection_:
        context = MigrationContext.configure(connection_, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    migrated.close()


def test_a_new_database_is_made_without_alembic(folder: Path) -> None:
    program = (
        "import sys, pathlib; from companion.storage.sqlite import open_sqlite_repository as opened\n"
        "opened(pathlib.Path(sys.argv[1])).close(); assert not any(name.startswith('alembic') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, str(folder)], check=True, capture_output=True)


def test_a_database_of_the_first_schema_keeps_what_it_holds(folder: Path, vault: Vault) -> None:
    repository = open_sqlite_repository(folder)
    shop = added(repository, vault)
    repository.close()
    with sqlite3.connect(database_file(folder)) as file:  # later ones added tables, indexes, and two columns
        for table in metadata.tables.keys() - {"connections", "secrets", "tickets", "facts"}:
            file.execute(f"DROP TABLE {table}")
        for index in metadata.tables["connections"].indexes:
            file.execute(f"DROP INDEX {index.name}")
        for column in ("access_token_since", "search_key"):
            file.execute(f"ALTER TABLE connections DROP COLUMN {column}")
        file.execute("UPDATE alembic_version SET version_num = '0001'")
    file.close()

    repository = open_sqlite_repository(folder)
    assert repository.is_current()
    assert repository.get(shop.id) == replace(shop, access_token_since=shop.created_at)
    assert opened(repository, vault, shop) == CANARY
    assert repository.sessions(World.REAL) == ()
    [key] = repository.key_usage()
    assert (key.key_id, key.records, key.encryptions) == (vault.keys.active_key_id, 1, 1)
    assert key.first_used_at == shop.created_at
    with repository._engine.connect() as connection_:
        assert compare_metadata(MigrationContext.configure(connection_), metadata) == []
    repository.close()


def test_the_head_that_start_up_looks_for_is_the_newest_script() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_a_second_start_runs_no_migration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_sqlite_repository(folder).close()

    def must_not_run(*_: object) -> None:
        raise AssertionError("migrations ran though the schema is current")

    monkeypatch.setattr(schema, "migrate", must_not_run)
    open_sqlite_repository(folder).close()


def test_an_interrupted_first_start_is_gone_on_with(folder: Path) -> None:
    folder.mkdir()
    database_file(folder).touch()
    repository = open_sqlite_repository(folder)
    assert repository.is_current()
    repository.close()


def test_a_schema_of_a_newer_version_is_refused_untouched(folder: Path, vault: Vault) -> None:
    repository = open_sqlite_repository(folder)
    added(repository, vault)
    repository.close()
    with sqlite3.connect(database_file(folder)) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    file.close()
    before = database_file(folder).read_bytes()
    with pytest.raises(StorageFailed, match="newer version"):
        open_sqlite_repository(folder)
    assert database_file(folder).read_bytes() == before


def test_a_database_of_another_program_is_refused_untouched(folder: Path) -> None:
    folder.mkdir()
    with sqlite3.connect(database_file(folder)) as file:
        file.execute("CREATE TABLE connections (id INTEGER)")
    file.close()
    with pytest.raises(StorageFailed, match="another program"):
        open_sqlite_repository(folder)
    engine = create_engine(f"sqlite:///{database_file(folder)}")
    with engine.connect() as connection_:
        assert MigrationContext.configure(connection_).get_current_revision() is None
    engine.dispose()


def test_a_database_belongs_to_one_data_folder(folder: Path) -> None:
    open_sqlite_repository(folder).close()
    open_sqlite_repository(folder, folder_id="folder-1").close()
    open_sqlite_repository(folder, folder_id="folder-1").close()
    with pytest.raises(WrongKey, match="another data folder"):
        open_sqlite_repository(folder, folder_id="folder-2")
    open_sqlite_repository(folder, folder_id="folder-1").close()


# Other processes


def _add_many(folder: Path, prefix: str, count: int, start: object, told: object) -> None:
    keys = Vault(LocalKeys("file", new_keys(os.urandom)), os.urandom)
    start.wait()  # type: ignore[attr-defined]
    try:
        repository = open_sqlite_repository(folder, folder_id="folder-1")
        for number in range(count):
            shop = added(repository, keys, f"{prefix} {number}")
            repository.patch(shop.id, expected_revision=1, updated_at=NOW, tags=("patched",))
        repository.close()
    except CompanionError as error:
        told.put(str(error))  # type: ignore[attr-defined]
    else:
        told.put("")  # type: ignore[attr-defined]


def test_processes_that_start_and_write_at_once_lose_nothing_and_see_no_lock(folder: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, told = context.Barrier(3), context.Queue()
    processes = [context.Process(target=_add_many, args=(folder, f"p{n}", 25, start, told)) for n in range(3)]
    for process in processes:
        process.start()
    assert [told.get(timeout=300) for _ in processes] == ["", "", ""]
    for process in processes:
        process.join()
    repository = open_sqlite_repository(folder)
    stored = repository.page(limit=200).connections
    repository.close()
    assert len(stored) == 75
    assert {(each.revision, each.tags) for each in stored} == {(2, ("patched",))}


def test_a_writer_waits_for_another_programs_transaction(repository: SqlRepository, vault: Vault, folder: Path) -> None:
    import threading

    other = sqlite3.connect(database_file(folder), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO facts VALUES ('held', 'by another')")
    waiting = threading.Event()
    held: list[Connection] = []

    def write() -> None:
        waiting.set()
        held.append(added(repository, vault))

    writer = threading.Thread(target=write)
    writer.start()
    waiting.wait()
    assert repository.page(limit=10).connections == ()  # readers do not wait
    other.execute("COMMIT")
    other.close()
    writer.join()
    assert [stored.id for stored in repository.page(limit=10).connections] == [held[0].id]


def test_a_database_that_stays_locked_is_told_in_words(
    repository: SqlRepository, vault: Vault, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from companion.storage import transactions as module

    monkeypatch.setattr(module, "_TRIES", 2)
    writing = repository._writers._taken()  # the one that every write goes through
    writing.exec_driver_sql("PRAGMA busy_timeout = 1")
    writing.rollback()
    repository._writers._give_back(writing)
    other = sqlite3.connect(database_file(folder), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageFailed, match="Another program holds it"):
        added(repository, vault)
    other.execute("ROLLBACK")
    other.close()
    assert added(repository, vault).name == "Shop"
