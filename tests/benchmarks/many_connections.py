"""Data folders with very many connections, written past the service, each row and envelope as it writes them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from companion.core.envelope import associated_data, seal_envelope
from companion.core.ids import new_id
from companion.keys.choice import open_keys
from companion.keys.held import LocalKeys, new_keys
from companion.ports.connections import SecretField
from companion.service.vault import Vault
from companion.storage.sqlite import database_file, open_sqlite_repository

STORE_HASH = "ci4bzn8adz"
FIELD = "access_token"
TOKEN = "t" * 31

_COLUMNS = (
    "id, name, name_key, subdomain, auth_type, store_hash, channel_id, scopes, tags, world, status, findings, "
    "created_at, updated_at, revision, access_token_since"
)


def fill(place: Path, number: int) -> list[str]:
    """Make the data folder of `serving.environment_of` with so many connections; returns their ids in order."""
    keys = open_keys(place / "data", wanted="file", key_file=place / "config" / "key.json")
    open_sqlite_repository(place / "data", folder_id=keys.folder_id).close()
    local = LocalKeys("file", keys.provider.places.keeper("file").load(keys.folder_id) or new_keys(os.urandom))
    began = datetime.now(UTC) - timedelta(days=1)
    ids = [new_id(began + timedelta(milliseconds=each), os.urandom) for each in range(number)]

    def connections() -> Iterator[tuple[object, ...]]:
        for each, connection_id in enumerate(ids):
            name = f"old shop {each}"
            yield (
                *(connection_id, name, name, "celigo", "custom", STORE_HASH, 1, '["Unauthenticated"]', "[]", "real"),
                *("unverified", "[]", 0, 0, 1, 0),
            )

    def secrets() -> Iterator[tuple[object, ...]]:
        for connection_id in ids:
            bound = associated_data(connection_id=connection_id, field=FIELD, store_hash=STORE_HASH)
            envelope = seal_envelope(TOKEN.encode(), wrap=local.wrap, associated_data=bound, entropy=os.urandom)
            yield connection_id, FIELD, local.active_key_id, envelope

    with closing(sqlite3.connect(database_file(place / "data"))) as file, file:
        marks = ",".join("?" * len(_COLUMNS.split(",")))
        file.executemany(f"INSERT INTO connections ({_COLUMNS}) VALUES ({marks})", connections())  # noqa: S608
        file.executemany("INSERT INTO secrets VALUES (?,?,?,?)", secrets())
        file.execute("INSERT INTO encryption_keys VALUES (?, 'active', ?, 0)", (local.active_key_id, number))
    with closing(open_sqlite_repository(place / "data", folder_id=keys.folder_id)) as repository:
        last = repository.get_with_secrets(ids[-1]).secrets[SecretField.ACCESS_TOKEN]
    opened = Vault(keys.provider, os.urandom).open(ids[-1], SecretField.ACCESS_TOKEN, STORE_HASH, last)
    assert opened.reveal() == TOKEN
    return ids
