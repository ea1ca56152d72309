"""A data folder with keys of its own, on either database, that is backed up and restored."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from companion.core.audit import Anchor
from companion.core.backup_file import BackupKey, Read, backup_key_of, new_backup_key
from companion.core.connection import Connection, World, checked_draft
from companion.core.ids import new_id
from companion.core.passphrases import Cost
from companion.core.secret import Secret
from companion.keys.choice import open_keys
from companion.ports.audit import AuditFilter
from companion.ports.backup import OnConflict
from companion.ports.connections import SecretField
from companion.service.audit import ChainState, Recorder, chain_state
from companion.service.backup import BackedUp, backup_pieces
from companion.service.parts import Parts
from companion.service.restore import Restored, restore
from companion.service.sealing import connection_from_draft
from companion.service.vault import Vault
from companion.storage.postgresql import open_postgresql_repository
from companion.storage.repository import SqlRepository
from companion.storage.sqlite import open_sqlite_repository

NOW = datetime(2026, 11, 22, 10, 11, 12, 345678, tzinfo=UTC)
CHEAP = Cost(memory_kib=64, iterations=1, lanes=1)
PASSPHRASE = Secret("a made-up passphrase")
TOKEN, MINTED = SecretField.ACCESS_TOKEN, SecretField.MINTED_STOREFRONT_TOKEN


class Machine:
    """A data folder with keys of its own."""

    def __init__(self, place: Path, address: str | None = None) -> None:
        """Make it.

        Args:
            address: of an empty PostgreSQL database; None for SQLite.
        """
        self.place = place
        self.opened = open_keys(place / "data", wanted="file", key_file=place / "config" / "key.json")
        self.keys = self.opened.provider
        folder_id, rewrap = self.opened.folder_id, self.keys.rewrap
        self.repository: SqlRepository = (
            open_sqlite_repository(place / "data", folder_id=folder_id, rewrap=rewrap)
            if address is None
            else open_postgresql_repository(address, folder_id=folder_id, rewrap=rewrap)
        )
        self.vault = Vault(self.keys, os.urandom)
        self.repository.record_with(Recorder(self.vault, lambda: NOW, folder_id))

    def added(self, name: str, **changes: object) -> Connection:
        draft = checked_draft(
            name=name, subdomain="celigo", store_hash="ci4bzn8adz", access_token=Secret(token_of(name)), tags=("eu",)
        )
        parts = type("Parts", (), {"clock": staticmethod(lambda: NOW), "world": World.REAL})()
        connection = replace(connection_from_draft(parts, new_id(NOW, os.urandom), draft), **changes)  # type: ignore[arg-type]
        sealed = {
            field: self.vault.seal(
                connection.id, field, connection.store_hash, Secret(f"{token_of(name)}{field.value}")
            )
            for field in (TOKEN, MINTED)
        }
        return self.repository.add(connection, sealed)

    def token(self, name: str) -> str:
        stored = self.repository.get_with_secrets(self.repository.find(name).id)
        connection = stored.connection
        return self.vault.open(connection.id, TOKEN, connection.store_hash, stored.secrets[TOKEN]).reveal()

    def names(self) -> list[str]:
        return [each.name for each in self.repository.page(limit=100).connections]

    def backup(self) -> bytes:
        self.done = BackedUp(0, [])
        key = new_backup_key(PASSPHRASE, entropy=os.urandom, cost=CHEAP)
        return b"".join(
            backup_pieces(
                self.repository,
                self.keys,
                key,
                folder_id=self.opened.folder_id,
                made_at=NOW,
                version="0",
                done=self.done,
            )
        )

    def restore(
        self, content: bytes, on_conflict: OnConflict = OnConflict.STOP, passphrase: Secret = PASSPHRASE
    ) -> Restored:
        return restore(self.repository, self.keys, opening(content, passphrase), on_conflict, now=NOW)

    def meddle(self, statement: str, **values: object) -> None:
        """Write to the database as somebody who has it, and no key."""
        with self.repository._writing_engine.begin() as transaction:
            transaction.execute(text(statement), values)

    @property
    def parts(self) -> Parts:
        nowhere: Any = None
        return Parts(self.repository, self.vault, nowhere, lambda: NOW, os.urandom, World.REAL)

    def record(self, anchor: Anchor | None = None) -> ChainState:
        """As `companion audit --verify` sees it."""
        return chain_state(self.parts, anchor)

    def recorded(self, chapter: int | None = None) -> list[str]:
        """What was done, the first first."""
        page = self.repository.audit_page(AuditFilter(chapter=chapter), limit=100)
        return [each.told.deed.action for each in reversed(page.entries)]


def opening(content: bytes, passphrase: Secret = PASSPHRASE) -> Callable[[], tuple[BackupKey, Read]]:
    def open_again() -> tuple[BackupKey, Read]:
        read = io.BytesIO(content).read
        return backup_key_of(read, passphrase, entropy=os.urandom), read

    return open_again


def token_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:31]
