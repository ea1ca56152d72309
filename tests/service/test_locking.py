"""Locking and unlocking is recorded, and a locked service keeps no key: not that of the record either."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from scripted import Clock, ScriptedBigCommerce

from companion.core.connection import World, checked_draft
from companion.core.errors import Conflict, Locked, StorageFailed, TooManyTries, WrongPassphrase
from companion.core.secret import Secret
from companion.keys.choice import open_keys
from companion.keys.folder_keys import FolderKeys
from companion.ports.audit import AuditFilter
from companion.service import add, web_sessions
from companion.service.audit import Recorder, acting, chain_state
from companion.service.locking import lock, unlock
from companion.service.parts import Parts
from companion.service.storefront_token import private_token
from companion.service.unlocking import Unlocking
from companion.service.vault import Vault
from companion.storage.sqlite import open_sqlite_repository

RIGHT, WRONG = Secret("a made-up passphrase"), Secret("another made-up one")


@pytest.fixture
def keys(tmp_path: Path) -> FolderKeys:
    def asked(*, new: bool, again: bool) -> Secret:
        del new, again
        return RIGHT

    return open_keys(tmp_path / "data", wanted="passphrase", key_file=tmp_path / "key.json", ask=asked).provider


@pytest.fixture
def locked_parts(tmp_path: Path, keys: FolderKeys, clock: Clock, bigcommerce: ScriptedBigCommerce) -> Iterator[Parts]:
    repository = open_sqlite_repository(tmp_path / "data")
    vault = Vault(keys, os.urandom)
    repository.record_with(Recorder(vault, clock, "folder"))
    acting("user")
    parts = Parts(repository, vault, bigcommerce, clock, os.urandom, World.REAL, unlocking=Unlocking(keys, clock))
    yield parts
    parts.close()


def recorded(parts: Parts) -> list[tuple[str, str, str]]:
    parts.noted.write()
    entries = parts.repository.audit_page(AuditFilter(), limit=50).entries
    return [(each.told.who, each.told.deed.action, each.told.deed.outcome) for each in reversed(entries)]


def test_both_are_recorded_and_what_failed_meanwhile_once_it_can_be(locked_parts: Parts, clock: Clock) -> None:
    lock(locked_parts)
    with pytest.raises(WrongPassphrase):
        unlock(locked_parts, WRONG)
    with pytest.raises(TooManyTries):
        unlock(locked_parts, RIGHT)
    web_sessions.sign_out_everywhere(locked_parts)  # works while it is locked
    clock.now = clock.now.replace(hour=clock.now.hour + 1)
    unlock(locked_parts, RIGHT)
    assert recorded(locked_parts) == [
        ("user", "lock", "done"),
        ("user", "unlock", "wrong-passphrase"),
        ("user", "unlock", "too-many-tries"),
        ("user", "sign-out", "done"),
        ("user", "unlock", "done"),
    ]
    assert chain_state(locked_parts).intact


def test_after_a_lock_the_key_of_the_record_is_in_no_memory(locked_parts: Parts) -> None:
    unlock(locked_parts, RIGHT)  # which begins the record
    unlock(locked_parts, RIGHT)
    repository = locked_parts.repository
    assert repository._opened is not None  # type: ignore[attr-defined]
    lock(locked_parts)
    assert repository._opened is None  # type: ignore[attr-defined]
    with pytest.raises(Locked):
        chain_state(locked_parts)


def test_after_a_lock_no_token_that_was_opened_is_in_any_memory(locked_parts: Parts) -> None:
    unlock(locked_parts, RIGHT)
    draft = {"name": "Shop", "subdomain": "shop", "store_hash": "abc123", "access_token": Secret("t")}
    shop = add.add_connection(locked_parts, checked_draft(**draft))  # type: ignore[arg-type]
    for _ in range(2):
        private_token(locked_parts, shop.id)
    assert locked_parts.opened._opened
    lock(locked_parts)
    assert not locked_parts.opened._opened


def test_a_lock_that_cannot_be_recorded_locks_all_the_same(
    locked_parts: Parts, keys: FolderKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_told: object) -> None:
        raise StorageFailed("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(locked_parts.noted, "_store", full)
        lock(locked_parts)
    with pytest.raises(Locked):
        _ = keys.active_key_id


def test_where_there_is_nothing_to_lock_that_is_said(locked_parts: Parts) -> None:
    with pytest.raises(Conflict):
        lock(replace(locked_parts, unlocking=None))
