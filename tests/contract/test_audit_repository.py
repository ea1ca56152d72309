"""The audit chain in a real database, under a real key."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from postgresql_server import PostgresqlServer
from repositories import connection
from sqlalchemy import text

from companion.core.audit import Deed, first_break
from companion.core.audit_actions import AuditAction
from companion.core.connection import Status
from companion.core.errors import InvalidInput, NameTaken, StaleRevision, StorageFailed, Tampered
from companion.core.secret import Secret
from companion.keys.choice import open_keys
from companion.ports.audit import AuditFilter
from companion.ports.connections import SecretField
from companion.service.audit import Recorder, acting
from companion.service.vault import Vault
from companion.storage.postgresql import open_postgresql_repository
from companion.storage.repository import SqlRepository
from companion.storage.sqlite import open_sqlite_repository

NOW = datetime(2026, 11, 22, 10, 11, 12, 345678, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], SqlRepository]]:
    """Opens the one database as another process would."""
    address = ""
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        address = server.emptied_database()
    made: list[SqlRepository] = []

    def opening() -> SqlRepository:
        keys = open_keys(tmp_path / "data", wanted="file", key_file=tmp_path / "config" / "key.json")
        made.append(
            open_postgresql_repository(address, folder_id=keys.folder_id)
            if address
            else open_sqlite_repository(tmp_path / "data", folder_id=keys.folder_id)
        )
        made[-1].record_with(Recorder(Vault(keys.provider, os.urandom), lambda: NOW, keys.folder_id))
        return made[-1]

    yield opening
    for each in made:
        each.close()


@pytest.fixture
def repository(opened: Callable[[], SqlRepository]) -> SqlRepository:
    return opened()


def meddle(repository: SqlRepository, statement: str, **values: object) -> None:
    """Write to the database as somebody who has it, and no key."""
    with repository._engine.execution_options(companion_writes=True).begin() as transaction:
        transaction.execute(text(statement), values)


def recorded(repository: SqlRepository) -> list[tuple[str, str | None]]:
    page = repository.audit_page(AuditFilter(), limit=100)
    return [(each.told.deed.action, each.told.deed.connection_name) for each in reversed(page.entries)]


def what_is_wrong(repository: SqlRepository) -> int | None:
    with repository.audit_chain() as chain:
        assert chain.head is not None
        assert chain.key is not None
        found = first_break(chain.key, chain.head, chain.entries)
    return None if found is None else found.number


def test_each_change_is_recorded_with_itself(repository: SqlRepository) -> None:
    shop = repository.add(connection(), {})
    shop = repository.patch(shop.id, expected_revision=1, updated_at=NOW, name="Other")
    shop = repository.save_verification(
        shop.id, expected_revision=shop.revision, status=Status.READY, findings=(), verified_at=NOW
    )
    shop = repository.replace(shop, {}, expected_revision=shop.revision)
    shop = repository.replace(shop, {}, expected_revision=shop.revision, action=AuditAction.REAUTHORIZE)
    repository.delete(shop.id, expected_revision=shop.revision)
    assert recorded(repository) == [
        ("add", "Shop"),
        ("edit", "Other"),
        ("verify", "Other"),
        ("replace", "Other"),
        ("reauthorize", "Other"),
        ("delete", "Other"),
    ]
    assert what_is_wrong(repository) is None


def test_what_was_not_done_is_not_recorded(repository: SqlRepository) -> None:
    shop = repository.add(connection(), {})
    with pytest.raises(NameTaken):
        repository.add(connection(), {})
    with pytest.raises(StaleRevision):
        repository.delete(shop.id, expected_revision=7)
    with pytest.raises(Tampered):
        repository.put_secret(shop.id, SecretField.ACCESS_TOKEN, b"not sealed", expected_revision=1)
    assert recorded(repository) == [("add", "Shop")]


def test_pages_are_newest_first_and_filtered(repository: SqlRepository) -> None:
    shops = [repository.add(connection(f"Shop {number}"), {}) for number in range(5)]
    acting("tool ERP")
    repository.patch(shops[1].id, expected_revision=1, updated_at=NOW, tags=("eu",))
    first = repository.audit_page(AuditFilter(), limit=4)
    assert [each.number for each in first.entries] == [6, 5, 4, 3]
    second = repository.audit_page(AuditFilter(), limit=4, before=first.before)
    assert ([each.number for each in second.entries], second.before) == ([2, 1], None)
    of_one = repository.audit_page(AuditFilter(connection_id=shops[1].id), limit=10)
    assert [each.number for each in of_one.entries] == [6, 2]
    of_tool = repository.audit_page(AuditFilter(who="tool ERP"), limit=10)
    assert [each.told.who for each in of_tool.entries] == ["tool ERP"]
    assert repository.audit_page(AuditFilter(action=AuditAction.DELETE), limit=10).entries == ()
    for limit in (0, 1001):
        with pytest.raises(InvalidInput):
            repository.audit_page(AuditFilter(), limit=limit)


def test_processes_at_once_make_one_chain(opened: Callable[[], SqlRepository]) -> None:
    repositories = [opened() for _ in range(4)]
    with ThreadPoolExecutor(len(repositories)) as pool:
        list(
            pool.map(
                lambda each: [each.add(connection(f"{id(each)} {number}"), {}) for number in range(10)], repositories
            )
        )
    assert len(recorded(repositories[0])) == 40
    assert [what_is_wrong(each) for each in repositories] == [None] * 4


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE audit SET who = 'tool ERP' WHERE number = 2", 2),
        ("UPDATE audit SET connection_name = 'Shop' WHERE number = 3", 3),
        ("UPDATE audit SET action = 'unheard-of' WHERE number = 1", 1),
        ("DELETE FROM audit WHERE number = 2", 2),
        ("DELETE FROM audit WHERE number = 4", 4),
        ("UPDATE audit_head SET count = 3, mac = (SELECT mac FROM audit WHERE number = 3)", 3),
    ],
)
def test_who_writes_to_the_database_without_the_key_is_found(
    repository: SqlRepository, tmp_path: Path, statement: str, number: int
) -> None:
    for each in range(4):
        repository.add(connection(f"Shop {each}"), {})
    meddle(repository, statement)
    assert what_is_wrong(repository) == number
    repository.audit_page(AuditFilter(), limit=10)  # can still be read


def test_without_the_chains_key_nothing_is_changed(opened: Callable[[], SqlRepository], tmp_path: Path) -> None:
    shop = opened().add(connection(), {})
    reading = opened()
    with reading._engine.begin() as transaction:
        envelope = bytes(transaction.execute(text("SELECT envelope FROM audit_head")).scalar_one())
    meddle(reading, "UPDATE audit_head SET envelope = :changed", changed=envelope[:-1] + bytes([envelope[-1] ^ 1]))
    with pytest.raises(Tampered):
        opened().delete(shop.id, expected_revision=1)
    assert opened().get(shop.id) == shop


def test_an_entry_that_cannot_be_written_takes_the_change_with_it(repository: SqlRepository, tmp_path: Path) -> None:
    shop = repository.add(connection(), {})
    meddle(repository, "ALTER TABLE audit RENAME TO elsewhere")
    with pytest.raises(StorageFailed):
        repository.patch(shop.id, expected_revision=1, updated_at=NOW, tags=("eu",))
    meddle(repository, "ALTER TABLE elsewhere RENAME TO audit")
    assert repository.get(shop.id) == shop


def test_no_secret_is_recorded(repository: SqlRepository, tmp_path: Path) -> None:
    keys = open_keys(tmp_path / "data", wanted="file", key_file=tmp_path / "config" / "key.json")
    shop = connection()
    canary = Secret("canary" + os.urandom(12).hex())
    sealed = Vault(keys.provider, os.urandom).seal(shop.id, SecretField.ACCESS_TOKEN, shop.store_hash, canary)
    repository.add(shop, {SecretField.ACCESS_TOKEN: sealed})
    repository.record((Recorder(Vault(keys.provider, os.urandom), lambda: NOW, keys.folder_id).told(Deed("exec")),))
    with repository.audit_chain() as chain:
        told = repr(list(chain.entries))
    assert canary.reveal() not in told
    assert "exec" in told
