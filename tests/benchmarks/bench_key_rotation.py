"""Rotating 100,000 records against a bare sqlite3 loop that does the same reads, unwraps, wraps and updates."""

from __future__ import annotations

import os
import sqlite3
import statistics
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from companion.core.envelope import associated_data, seal_envelope
from companion.core.ids import new_id
from companion.keys.changing import changing_keys
from companion.keys.choice import OpenedKeys, open_keys
from companion.keys.held import LocalKeys, new_keys
from companion.service.rotate_keys import BATCH, rotate_keys
from companion.storage.sqlite import database_file, open_sqlite_repository

RECORDS = 100_000
ROUNDS = 3
LIMIT = 0.5

_FIELD, _STORE = "access_token", "ci4bzn8adz"
_COLUMNS = (
    "id, name, name_key, subdomain, auth_type, store_hash, channel_id, scopes, tags, world, status, findings, "
    "created_at, updated_at, revision"
)


def filled_folder(folder: Path) -> OpenedKeys:
    """A data folder with `RECORDS` connections, each with an access token."""
    keys = open_keys(folder / "data", wanted="file", key_file=folder / "key.json")
    open_sqlite_repository(folder / "data", folder_id=keys.folder_id).close()
    local = LocalKeys("file", keys.provider.places.keeper("file").load(keys.folder_id) or new_keys(os.urandom))
    now = datetime.now(UTC)
    with closing(sqlite3.connect(database_file(folder / "data"))) as file, file:
        for number in range(RECORDS):
            connection_id = new_id(now, os.urandom)
            name = f"shop {number}"
            file.execute(
                f"INSERT INTO connections ({_COLUMNS}) VALUES (?,?,?,'celigo','custom',?,1,'[]','[]','real',"  # noqa: S608
                "'unverified','[]',0,0,1)",
                (connection_id, name, name, _STORE),
            )
            bound = associated_data(connection_id=connection_id, field=_FIELD, store_hash=_STORE)
            envelope = seal_envelope(b"t" * 31, wrap=local.wrap, associated_data=bound, entropy=os.urandom)
            file.execute("INSERT INTO secrets VALUES (?,?,?,?)", (connection_id, _FIELD, local.active_key_id, envelope))
    return keys


def rotated(folder: Path, keys: OpenedKeys) -> float:
    """Rotate by our means; returns the seconds."""
    repository = open_sqlite_repository(folder / "data", folder_id=keys.folder_id)
    before = time.perf_counter()
    with changing_keys(keys.provider) as changing:
        rotation = rotate_keys(changing, repository)
    seconds = time.perf_counter() - before
    repository.close()
    assert (rotation.rewrapped, rotation.unopened, len(rotation.forgotten)) == (RECORDS, (), 1)
    return seconds


def rotated_bare(folder: Path, keys: OpenedKeys) -> float:
    """Rotate by a loop that knows the lengths of everything, and checks nothing but the tags; returns the seconds."""
    held = keys.provider.places.keeper("file").load(keys.folder_id)
    assert held is not None
    old_id, new_key = held.active.encode(), new_keys(os.urandom)
    old = AESGCM(held.keys[held.active])
    new_id_, new = new_key.active.encode(), AESGCM(new_key.keys[new_key.active])
    start = 2 + len(old_id) + 2
    head = bytes((1, len(new_id_))) + new_id_ + (60).to_bytes(2, "big")
    purpose = b"bigcommerce-companion secret"

    def part(text: bytes) -> bytes:
        return len(text).to_bytes(4, "big") + text

    first, old_tail, new_tail = part(purpose) + part(b"\x01"), part(old_id), part(new_id_)
    done, after = 0, ("", "")
    with closing(sqlite3.connect(database_file(folder / "data"))) as file:
        file.execute("PRAGMA synchronous = FULL")
        before = time.perf_counter()
        while rows := file.execute(
            "SELECT s.connection_id, s.field, c.store_hash, s.envelope FROM secrets s JOIN connections c "
            "ON c.id = s.connection_id WHERE (s.connection_id, s.field) > (?, ?) "
            "ORDER BY s.connection_id, s.field LIMIT ?",
            (*after, BATCH),
        ).fetchall():
            changes = []
            for connection_id, field, store_hash, envelope in rows:
                bound = first + part(connection_id.encode()) + part(field.encode()) + part(store_hash.encode())
                data_key = old.decrypt(
                    envelope[start : start + 12], envelope[start + 12 : start + 60], bound + old_tail
                )
                nonce = os.urandom(12)
                wrapped = nonce + new.encrypt(nonce, data_key, bound + new_tail)
                changes.append((new_key.active, head + wrapped + envelope[start + 60 :], connection_id, field))
            file.executemany(
                "UPDATE secrets SET key_id = ?, envelope = ? WHERE connection_id = ? AND field = ?", changes
            )
            file.commit()
            done, after = done + len(rows), rows[-1][:2]
        seconds = time.perf_counter() - before
    assert done == RECORDS
    # What comes next is to find the folder as our own rotation leaves it.
    keys.provider.places.keeper("file").replace(keys.folder_id, new_key)
    return seconds


def test_rotation_keeps_up_with_a_bare_loop(tmp_path: Path) -> None:
    ratios, ours_took, bare_took = [], [], []
    for number in range(ROUNDS):
        # Each on its own fresh folder: a database that was rewritten once is laid out differently.
        for kind in ("ours", "bare") if number % 2 else ("bare", "ours"):
            folder = tmp_path / f"{kind}-{number}"
            folder.mkdir()
            keys = filled_folder(folder)
            (ours_took if kind == "ours" else bare_took).append(
                (rotated if kind == "ours" else rotated_bare)(folder, keys)
            )
        ratios.append(bare_took[-1] / ours_took[-1])
    print(  # noqa: T201
        f"\nrotation of {RECORDS:,} records: {RECORDS / statistics.median(ours_took):,.0f} a second, bare "
        f"{RECORDS / statistics.median(bare_took):,.0f}, median ratio {statistics.median(ratios):.2f}"
    )
    assert statistics.median(ratios) >= LIMIT
