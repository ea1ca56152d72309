"""What is PostgreSQL's own: how it is reached, refused and locked, and that several services share one database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from postgresql_server import PostgresqlServer
from repositories import NOW, TOKEN, added, connection, hand_over, sealed, ticket_to_create

from companion.client import CompanionClient
from companion.core.errors import CompanionError, InvalidSetting, NotFound, StorageFailed, WrongKey
from companion.core.secret import Secret
from companion.service.one_at_a_time import OneAtATime
from companion.settings import Settings, load_settings
from companion.storage import schema
from companion.storage.postgresql import (
    PostgresqlRepository,
    checked_address,
    open_postgresql_repository,
    postgresql_engine,
    where_is,
)
from companion.storage.tables import metadata
from companion.wiring.service import running_service

PASSWORD = "made-up-pass-word"


def settings_in(folder: Path, address: str) -> Settings:
    return load_settings(
        data_dir=folder / "data",
        key_file=folder / "config" / "key.json",
        key_provider="file",
        database_url=address,
        url=None,
    )


@pytest.fixture
def address(postgresql_server: PostgresqlServer) -> str:
    return postgresql_server.emptied_database()


@pytest.fixture
def two(address: str) -> Iterator[tuple[PostgresqlRepository, PostgresqlRepository]]:
    """What two services have open."""
    pair = open_postgresql_repository(address), open_postgresql_repository(address)
    yield pair
    for each in pair:
        each.close()


# Its address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "no address",
        f"postgresql://u:{PASSWORD}@host/base",
        f"postgresql+psycopg2://u:{PASSWORD}@host/base",
        f"postgresql+psycopg://u:{PASSWORD}@host",
        f"postgresql+psycopg://u:{PASSWORD}@host:port/base",
        f"mysql://u:{PASSWORD}@host/base",
        "sqlite:///file",
    ],
)
def test_what_is_no_address_of_a_postgresql_database_is_refused_unrepeated(address: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        checked_address(address)
    assert PASSWORD not in str(refused.value)


def test_a_database_is_named_without_its_password() -> None:
    for address in (
        f"postgresql+psycopg://u:{PASSWORD}@db.example:5433/base",
        f"postgresql+psycopg://u@db.example/base?password={PASSWORD}",
    ):
        assert where_is(checked_address(address)) == "the PostgreSQL database 'base' on db.example"


def test_a_server_that_does_not_answer_is_told_in_words_and_no_password(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = settings_in(tmp_path, f"postgresql+psycopg://u:{PASSWORD}@127.0.0.1:1/base")
    with pytest.raises(StorageFailed, match="cannot be reached") as failed, running_service(settings):
        pass
    told = f"{failed.value} {failed.value!r} {failed.value.__cause__!r} {settings!r} {settings}"
    assert PASSWORD not in told + "".join(capfd.readouterr())


def test_a_database_that_is_not_there_is_told_in_words(postgresql_server: PostgresqlServer) -> None:
    missing = postgresql_server.url.set(database="nobodys").render_as_string(hide_password=False)
    with pytest.raises(StorageFailed, match="'nobodys'"):
        open_postgresql_repository(missing)


# Its schema


def test_services_that_start_at_once_make_one_schema(postgresql_server: PostgresqlServer) -> None:
    address = postgresql_server.new_database(schema=False)
    with ThreadPoolExecutor(4) as starting:
        repositories = list(starting.map(lambda _: open_postgresql_repository(address, folder_id="folder-1"), range(4)))
    assert all(each.is_current() for each in repositories)
    for each in repositories:
        each.close()
    with pytest.raises(WrongKey, match="another data folder"):
        open_postgresql_repository(address, folder_id="folder-2")


def test_all_scripts_in_turn_leave_what_a_new_database_has(postgresql_server: PostgresqlServer) -> None:
    address = postgresql_server.new_database(schema=False)
    repository = PostgresqlRepository(postgresql_engine(checked_address(address)), where="the database")
    repository._write(lambda transaction: schema.run_scripts(transaction, "the database"))
    with repository._engine.connect() as connection_:
        assert compare_metadata(MigrationContext.configure(connection_), metadata) == []
    repository.close()


def test_a_schema_of_a_newer_version_and_another_programs_tables_are_refused(
    postgresql_server: PostgresqlServer,
) -> None:
    newer, foreign = postgresql_server.new_database(), postgresql_server.new_database(schema=False)
    postgresql_server.sql("UPDATE alembic_version SET version_num = '9999'", address=newer)
    postgresql_server.sql("CREATE TABLE connections (id INTEGER)", address=foreign)
    with pytest.raises(StorageFailed, match="newer version"):
        open_postgresql_repository(newer)
    with pytest.raises(StorageFailed, match="another program"):
        open_postgresql_repository(foreign)
    assert postgresql_server.sql("SELECT version_num FROM alembic_version", address=newer) == [("9999",)]
    assert postgresql_server.sql("SELECT * FROM connections", address=foreign) == []


# Trouble


def test_a_database_that_can_only_be_read_is_told_and_still_read(
    postgresql_server: PostgresqlServer, address: str
) -> None:
    repository = open_postgresql_repository(address)
    shop = added(repository)
    name = checked_address(address).database
    postgresql_server.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    try:
        reopened = open_postgresql_repository(address)
        with pytest.raises(StorageFailed, match="only be read"):
            added(reopened, "Other")
        assert reopened.page(limit=10).connections == (shop,)
        reopened.close()
    finally:
        postgresql_server.sql(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        repository.close()


def test_a_server_that_hung_up_meanwhile_is_no_failure(postgresql_server: PostgresqlServer, address: str) -> None:
    repository = open_postgresql_repository(address)
    shop = added(repository)
    postgresql_server.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bigcommerce-companion'"
    )
    assert repository.get(shop.id) == shop
    repository.close()


# Several services


def test_what_one_service_is_at_the_other_waits_for(two: tuple[PostgresqlRepository, PostgresqlRepository]) -> None:
    ours, theirs = (OneAtATime(each.one_at_a_time) for each in two)
    there, order, other = threading.Event(), list[str](), list[str]()

    def enter() -> None:
        with theirs.of("b"):
            other.append("another lock is free")
            there.set()
        with theirs.of("a"):
            order.append("theirs")

    with ours.of("a"):
        waiting = threading.Thread(target=enter)
        waiting.start()
        assert there.wait(60)
        order.append("ours")
    waiting.join(60)
    assert (order, other) == (["ours", "theirs"], ["another lock is free"])


def test_a_lock_that_stays_held_is_told_where_it_must_not_be_passed(
    two: tuple[PostgresqlRepository, PostgresqlRepository],
) -> None:
    ours, theirs = two
    with (
        ours.holding("rotation", seconds=1),
        pytest.raises(StorageFailed, match="holds it"),
        theirs.holding("rotation", seconds=1),
    ):
        pass
    with theirs.holding("rotation", seconds=1):
        pass


def test_a_ticket_is_spent_once_among_services(two: tuple[PostgresqlRepository, PostgresqlRepository]) -> None:
    two[0].issue_ticket(ticket_to_create(), now=NOW)
    start = threading.Barrier(8)

    def spend(number: int) -> bool:
        start.wait()
        try:
            two[number % 2].add(connection(), {TOKEN: sealed()}, hand_over=hand_over(f"{number}".encode()))
        except CompanionError:
            return False
        return True

    with ThreadPoolExecutor(8) as spending:
        assert sum(spending.map(spend, range(8))) == 1
    assert len(two[1].page(limit=10).connections) == 1


def test_no_update_is_lost_among_services(two: tuple[PostgresqlRepository, PostgresqlRepository]) -> None:
    shop = added(two[0])

    def change(number: int) -> int:
        done = 0
        while done < 5:
            before = two[number % 2].get(shop.id)
            try:
                two[number % 2].patch(
                    shop.id, expected_revision=before.revision, updated_at=NOW, tags=(*before.tags, f"{number}-{done}")
                )
            except CompanionError:
                continue
            done += 1
        return done

    with ThreadPoolExecutor(4) as changing:
        assert sum(changing.map(change, range(4))) == 20
    after = two[1].get(shop.id)
    assert (after.revision, len(set(after.tags))) == (21, 2 + 20)


def test_services_on_two_machines_serve_one_database(postgresql_server: PostgresqlServer, tmp_path: Path) -> None:
    address = postgresql_server.emptied_database()
    here = settings_in(tmp_path / "here", address)
    there = settings_in(tmp_path / "there", address)
    with running_service(here, public=True) as one:
        there.data_dir.mkdir(mode=0o700, parents=True)
        there.key_file.parent.mkdir(parents=True, exist_ok=True)
        for ours, theirs in (
            (here.data_dir / "keys.json", there.data_dir / "keys.json"),
            (here.key_file, there.key_file),
        ):
            theirs.write_bytes(ours.read_bytes())
            theirs.chmod(0o600)
        with (
            running_service(there, public=True) as other,
            CompanionClient(one.url, one.api_token) as a,
            CompanionClient(other.url, other.api_token) as b,
        ):
            made = a.create(
                {"name": "Shop", "subdomain": "celigo", "store_hash": "abc"}, Secret("made-up-token-0123456789")
            )
            assert b.connection("shop") == made
            renamed = b.patch(made["id"], made["revision"], name="Renamed")
            assert a.connection("renamed") == renamed
            with pytest.raises(NotFound):
                a.connection("shop")
    assert not list(tmp_path.rglob("*.sqlite3"))
