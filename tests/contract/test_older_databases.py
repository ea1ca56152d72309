"""Databases as the program of each earlier schema left them: copied, brought up to date, and everything opens."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from companion.core.connection import AuthType
from companion.core.errors import StorageFailed
from companion.keys.choice import open_keys
from companion.ports.connections import SecretField
from companion.service.vault import Vault
from companion.storage import schema
from companion.storage import sqlite as module
from companion.storage.sqlite import database_file, open_sqlite_repository

FOLDERS = sorted((Path(__file__).parents[1] / "data" / "databases").glob("schema-*"))
TOKENS = {"ci4bzn8adz": "made-up-access-token-of-shop", "abc123": "made-up-access-token-of-the-other"}


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A data folder as that version left it; its key lies beside it."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    database_file(data).write_bytes(gzip.decompress((request.param / "companion.sqlite3.gz").read_bytes()))
    shutil.copy(request.param / "keys.json", data)
    shutil.copy(request.param / "key.json", tmp_path)
    (tmp_path / "key.json").chmod(0o600)
    return data


def contents(data: Path) -> dict[str, tuple[str, str, AuthType, tuple[str, ...], int]]:
    """Open everything; returns what is told of each connection, by its access token."""
    keys = open_keys(data, wanted="file", key_file=data.parent / "key.json")
    vault = Vault(keys.provider, os.urandom)
    with closing(open_sqlite_repository(data, folder_id=keys.folder_id, rewrap=keys.provider.rewrap)) as repository:
        told = {}
        for each in repository.page(limit=50).connections:
            sealed = repository.get_with_secrets(each.id).secrets[SecretField.ACCESS_TOKEN]
            token = vault.open(each.id, SecretField.ACCESS_TOKEN, each.store_hash, sealed).reveal()
            told[token] = (each.name, each.store_hash, each.auth_type, each.tags, each.channel_id)
        changed = repository.find("shop")
        repository.patch(changed.id, expected_revision=changed.revision, updated_at=changed.updated_at, tags=("new",))
    return told


def copies(data: Path) -> list[Path]:
    return sorted(data.glob(f"companion.sqlite3{module.COPY_MARK}*"))


def test_there_is_a_database_of_every_earlier_schema() -> None:
    assert {folder.name for folder in FOLDERS} >= {f"schema-{number:04}" for number in range(1, int(schema.HEAD))}


def test_everything_in_an_older_database_opens_and_can_be_changed(kept: Path) -> None:
    told = contents(kept)
    assert told == {
        TOKENS["ci4bzn8adz"]: ("Shop", "ci4bzn8adz", AuthType.CUSTOM, ("eu",), 7),
        TOKENS["abc123"]: ("متجر 👩‍👩‍👧", "abc123", AuthType.TOKEN, (), 1),
    }
    again = contents(kept)
    assert again[TOKENS["ci4bzn8adz"]][3] == ("new",)


def test_a_copy_of_the_older_database_stays_and_opens(kept: Path) -> None:
    with closing(sqlite3.connect(database_file(kept))) as file:
        before = list(file.iterdump())
        number = file.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    stale = kept / f"companion.sqlite3{module.COPY_MARK}0000"
    stale.write_text("of an earlier migration")
    contents(kept)
    if number == schema.HEAD:
        assert copies(kept) == [stale]
        return
    (copy,) = copies(kept)
    assert copy.name.endswith(number)
    with closing(sqlite3.connect(copy)) as file:
        assert list(file.iterdump()) == before
    if os.name == "posix":
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_where_no_copy_can_be_made_the_database_stays_as_it_is(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(database_file(kept))) as file:
        number = file.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    if number == schema.HEAD:
        pytest.skip("needs no migration")
    before = database_file(kept).read_bytes()

    def full(_file: Path) -> bool:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        real = module._make_private_file
        patched.setattr(module, "_make_private_file", lambda file: full(file) if "before" in file.name else real(file))
        with pytest.raises(StorageFailed, match="disk is full"):
            contents(kept)
    assert database_file(kept).read_bytes() == before
    assert copies(kept) == []
    assert contents(kept)
