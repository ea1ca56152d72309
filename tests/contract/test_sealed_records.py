"""What is under which key: nothing sealed is forgotten, nothing stored under a key that is gone, all is counted."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, update

from companion.core.connection import AuthType, Connection, Status, World
from companion.core.envelope import associated_data, envelope_from_bytes, rewrap_envelope
from companion.core.errors import KeyRetired, KeyUsedUp
from companion.core.ids import new_id
from companion.core.key_usage import MAX_ENCRYPTIONS, KeyState
from companion.core.secret import Secret
from companion.keys.held import HeldKeys, LocalKeys, new_keys, with_new_key
from companion.ports.connections import SecretField
from companion.service.kept_sessions import KeptSessions
from companion.service.vault import Vault
from companion.storage.repository import SqlRepository
from companion.storage.sealed import SEALED
from companion.storage.sqlite import database_file, open_sqlite_repository
from companion.storage.tables import (
    api_tokens,
    audit,
    audit_chapter_entries,
    audit_chapters,
    audit_head,
    encryption_keys,
    kept_sessions,
    metadata,
    sign_in_links,
    tickets,
    web_sessions,
)

NOW = datetime(2026, 11, 22, 10, 11, 12, 345678, tzinfo=UTC)
FOLDER_ID = "0123456789abcdef0123456789abcdef"
TOKEN, MINTED = SecretField.ACCESS_TOKEN, SecretField.MINTED_STOREFRONT_TOKEN

# Bytes that are no envelope. Whatever else is binary is one, and must be in the register.
NO_ENVELOPES = {
    tickets.c.ticket_hash, tickets.c.spent_digest, kept_sessions.c.user, api_tokens.c.token_hash, audit.c.mac,
    audit_head.c.mac, audit_head.c.seal, audit_chapters.c.mac, audit_chapters.c.seal, audit_chapter_entries.c.mac,
    sign_in_links.c.link_hash, web_sessions.c.session_hash,
}  # fmt: skip


def test_every_column_that_holds_an_envelope_is_in_the_register() -> None:
    registered = {column.table.c.envelope for column in SEALED}
    binary = {
        column for table in metadata.tables.values() for column in table.c if isinstance(column.type, LargeBinary)
    }
    assert binary - NO_ENVELOPES == registered
    named = {
        column for table in metadata.tables.values() for column in table.c
        if any(word in column.name for word in ("envelope", "sealed", "wrapped"))
    }  # fmt: skip
    assert named == registered


def test_every_column_of_the_register_says_under_which_key_each_record_is() -> None:
    for column in SEALED:
        assert "key_id" in column.table.c
        assert list(column.table.primary_key) == list(column.place)
        assert [each.name for each in column.query.selected_columns][: len(column.place)] == [
            each.name for each in column.place
        ]
        assert [each.name for each in column.query.selected_columns][-1] == "envelope"


@dataclass
class Folder:
    """A database, and the keys of whoever rotates them."""

    place: Path
    held: HeldKeys
    repository: SqlRepository

    @property
    def keys(self) -> LocalKeys:
        return LocalKeys("file", self.held)

    @property
    def vault(self) -> Vault:
        return Vault(self.keys, os.urandom)

    def rewrap(self, envelope: bytes, bound: bytes) -> bytes:
        return rewrap_envelope(envelope, unwrap=self.keys.unwrap, wrap=self.keys.wrap, associated_data=bound)

    def sealed(self, connection: Connection, text: str, field: SecretField = TOKEN) -> bytes:
        return self.vault.seal(connection.id, field, connection.store_hash, Secret(text))

    def added(self, name: str) -> Connection:
        connection = Connection(
            id=new_id(NOW, os.urandom), name=name, subdomain="celigo", auth_type=AuthType.CUSTOM,
            store_hash="ci4bzn8adz", channel_id=1, scopes=("Unauthenticated",), tags=(), api_account=None,
            oauth_scopes=None, world=World.REAL, status=Status.UNVERIFIED, findings=(), verified_at=None,
            created_at=NOW, updated_at=NOW, revision=1,
        )  # fmt: skip
        return self.repository.add(connection, {TOKEN: self.sealed(connection, f"token of {name}")})

    def opened(self, connection: Connection, field: SecretField = TOKEN) -> str:
        stored = self.repository.get_with_secrets(connection.id)
        return self.vault.open(connection.id, field, connection.store_hash, stored.secrets[field]).reveal()

    @property
    def sessions(self) -> KeptSessions:
        return KeptSessions(self.repository, self.vault, FOLDER_ID, lambda: NOW, World.REAL)

    def rewrap_all(self, batch: int = 2) -> list[int]:
        return [done.rewrapped for done in self.repository.rewrap_all(self.held.active, self.rewrap, batch=batch)]

    def counts(self) -> dict[str, tuple[KeyState, int, int]]:
        return {each.key_id: (each.state, each.records, each.encryptions) for each in self.repository.key_usage()}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    repository = open_sqlite_repository(tmp_path / "data", folder_id=FOLDER_ID)
    yield Folder(tmp_path / "data", new_keys(os.urandom), repository)
    repository.close()


def test_every_stored_encryption_is_counted_and_stays_counted(folder: Folder) -> None:
    shop = folder.added("shop")
    for text in ("one", "two"):
        envelope = folder.sealed(shop, text, MINTED)
        folder.repository.put_secret(shop.id, MINTED, envelope, expected_revision=1)
    folder.sessions.keep("a@example.com", shop.id, Secret("cookies"))
    assert folder.counts() == {folder.held.active: (KeyState.ACTIVE, 3, 4)}
    folder.repository.delete(shop.id, expected_revision=1)
    assert folder.counts() == {folder.held.active: (KeyState.ACTIVE, 0, 4)}


def test_what_is_refused_is_not_counted(folder: Folder) -> None:
    shop = folder.added("shop")
    with pytest.raises(Exception, match="already a connection"):
        folder.added("SHOP")
    with pytest.raises(Exception, match="changed meanwhile"):
        folder.repository.put_secret(shop.id, MINTED, folder.sealed(shop, "x", MINTED), expected_revision=9)
    assert folder.counts()[folder.held.active] == (KeyState.ACTIVE, 1, 1)


def test_a_key_makes_its_last_encryption_and_no_more(folder: Folder) -> None:
    shop = folder.added("shop")
    with folder.repository._engine.begin() as transaction:
        transaction.execute(update(encryption_keys).values(encryptions=MAX_ENCRYPTIONS - 1))
    folder.repository.put_secret(shop.id, MINTED, folder.sealed(shop, "last", MINTED), expected_revision=1)
    with pytest.raises(KeyUsedUp, match="companion keys rotate"):
        folder.added("one too many")
    with pytest.raises(KeyUsedUp):
        folder.sessions.keep(None, shop.id, Secret("cookies"))
    assert folder.counts()[folder.held.active] == (KeyState.ACTIVE, 2, MAX_ENCRYPTIONS)
    assert folder.opened(shop, MINTED) == "last"
    assert [each.name for each in folder.repository.page(limit=10).connections] == ["shop"]


def test_rewrapping_goes_page_by_page_through_all_that_is_sealed(folder: Folder) -> None:
    shops = [folder.added(f"shop {number}") for number in range(5)]
    folder.sessions.keep("a@example.com", shops[0].id, Secret("cookies"))
    old = folder.held.active
    folder.held = with_new_key(folder.held, os.urandom)
    assert folder.rewrap_all() == [2, 2, 1, 1]
    assert folder.rewrap_all() == []
    assert folder.repository.retire({old}) == {old}
    folder.held = HeldKeys(folder.held.active, {folder.held.active: folder.held.keys[folder.held.active]})
    assert [folder.opened(shop) for shop in shops] == [f"token of shop {number}" for number in range(5)]
    session = folder.sessions.find("a@example.com")
    assert session is not None
    assert session.reveal() == "cookies"
    assert folder.counts() == {old: (KeyState.RETIRED, 0, 6), folder.held.active: (KeyState.ACTIVE, 6, 6)}


def test_nothing_in_the_database_names_the_old_key_after_a_rotation(folder: Folder) -> None:
    shop = folder.added("shop")
    folder.sessions.keep(None, shop.id, Secret("cookies"))
    old = folder.held.active
    folder.held = with_new_key(folder.held, os.urandom)
    folder.rewrap_all()
    folder.repository.retire({old})
    with closing(sqlite3.connect(database_file(folder.place))) as file:
        for table in metadata.tables:
            for row in file.execute(f"SELECT * FROM {table}"):  # noqa: S608  our own tables
                assert table == "encryption_keys" or not any(
                    old.encode() in (cell if isinstance(cell, bytes) else str(cell).encode()) for cell in row
                )


def test_a_key_with_something_under_it_is_not_retired(folder: Folder) -> None:
    shop = folder.added("shop")
    old = folder.held.active
    folder.held = with_new_key(folder.held, os.urandom)
    folder.repository.start_rewrapping(folder.held.active, {old})
    assert folder.repository.retire({old}) == frozenset()
    assert folder.counts()[old][0] is KeyState.RETIRING
    assert folder.opened(shop) == "token of shop"


def test_what_was_sealed_under_a_retired_key_is_refused_or_comes_under_the_new_one(folder: Folder) -> None:
    shop = folder.added("shop")
    late = folder.sealed(shop, "late", MINTED)
    never_used = LocalKeys("file", new_keys(os.urandom))
    strange = Vault(never_used, os.urandom).seal(shop.id, MINTED, shop.store_hash, Secret("strange"))
    old = folder.held.active
    folder.held = with_new_key(folder.held, os.urandom)
    folder.rewrap_all()
    assert folder.repository.retire({old, never_used.active_key_id}) == {old, never_used.active_key_id}
    for envelope in (late, strange):
        with pytest.raises(KeyRetired):
            folder.repository.put_secret(shop.id, MINTED, envelope, expected_revision=1)
    with closing_repository(folder) as knowing:
        knowing.put_secret(shop.id, MINTED, late, expected_revision=1)
    assert folder.opened(shop, MINTED) == "late"
    stored = folder.repository.get_with_secrets(shop.id).secrets[MINTED]
    assert envelope_from_bytes(stored).wrapped_key.key_id == folder.held.active


def closing_repository(folder: Folder) -> closing[SqlRepository]:
    return closing(open_sqlite_repository(folder.place, folder_id=FOLDER_ID, rewrap=folder.rewrap))


def test_a_record_that_does_not_open_is_named_and_the_others_are_rewrapped(folder: Folder) -> None:
    shops = [folder.added(f"shop {number}") for number in range(3)]
    old = folder.held.active
    folder.held = with_new_key(folder.held, os.urandom)
    with closing(sqlite3.connect(database_file(folder.place))) as file, file:
        envelope = file.execute("SELECT envelope FROM secrets WHERE connection_id = ?", (shops[1].id,)).fetchone()[0]
        broken = bytearray(envelope)
        broken[2 + len(old) + 2 + 20] ^= 1  # within the wrapped data key
        file.execute("UPDATE secrets SET envelope = ? WHERE connection_id = ?", (bytes(broken), shops[1].id))
    batches = list(folder.repository.rewrap_all(folder.held.active, folder.rewrap, batch=2))
    [unopened] = [each for batch in batches for each in batch.unopened]
    assert (unopened.what, unopened.place) == ("secret", f"{shops[1].id} access_token")
    assert sum(batch.rewrapped for batch in batches) == 2
    assert folder.repository.retire({old}) == frozenset()
    assert folder.repository.get_with_secrets(shops[1].id).secrets[TOKEN] == bytes(broken)


def test_a_moved_record_does_not_come_under_another_key(folder: Folder) -> None:
    """Rewrapping proves the place, so that it cannot launder a swapped row."""
    one, other = folder.added("one"), folder.added("other")
    folder.held = with_new_key(folder.held, os.urandom)
    with closing(sqlite3.connect(database_file(folder.place))) as file, file:
        file.execute(
            "UPDATE secrets SET envelope = (SELECT envelope FROM secrets WHERE connection_id = ?) "
            "WHERE connection_id = ?",
            (one.id, other.id),
        )
    batches = list(folder.repository.rewrap_all(folder.held.active, folder.rewrap, batch=9))
    assert [each.place for batch in batches for each in batch.unopened] == [f"{other.id} access_token"]


def test_the_associated_data_of_the_register_are_those_of_the_vault(folder: Folder) -> None:
    shop = replace(folder.added("shop"), updated_at=NOW + timedelta(1))
    bound = associated_data(connection_id=shop.id, field=TOKEN, store_hash=shop.store_hash)
    assert folder.rewrap(folder.repository.get_with_secrets(shop.id).secrets[TOKEN], bound)
