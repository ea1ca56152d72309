"""Kept browser sessions: whose they are, how long they last, and what ends them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from repositories import connection
from scripted import Clock

from companion.core.connection import Connection, World
from companion.core.errors import NotFound, StorageFailed
from companion.core.ids import new_id
from companion.core.secret import Secret
from companion.keys.choice import open_keys
from companion.ports.audit import AuditFilter
from companion.ports.kept_sessions import KeptSession
from companion.service.audit import Recorder
from companion.service.kept_sessions import KEPT_FOR, KeptSessions
from companion.service.vault import Vault
from companion.storage.repository import SqlRepository
from companion.storage.sqlite import database_file, open_sqlite_repository

SESSION = Secret('[{"name":"session","value":"made-up-cookie-0123456789abcdef"}]')
OWNER = "owner@shop.example"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def sessions(data: Path, tmp_path: Path, clock: Clock) -> Iterator[KeptSessions]:
    keys = open_keys(data, wanted="file", key_file=tmp_path / "config" / "key.json")
    repository = open_sqlite_repository(data, folder_id=keys.folder_id)
    yield KeptSessions(repository, Vault(keys.provider, os.urandom), str(keys.folder_id), clock, World.REAL)
    repository.close()


def connected(sessions: KeptSessions, name: str = "shop") -> Connection:
    assert isinstance(sessions.repository, SqlRepository)
    return sessions.repository.add(connection(name, created_at=sessions.clock()), {})


def test_a_session_is_its_users_or_the_only_one(sessions: KeptSessions) -> None:
    shop = connected(sessions)
    sessions.keep(OWNER, shop.id, SESSION)
    assert sessions.find(" Owner@SHOP.example ") == SESSION
    assert sessions.find(None) == SESSION
    assert sessions.find("other@shop.example") is None
    sessions.keep(None, shop.id, Secret("[]"))
    assert sessions.find(None) is None  # two: which one is meant is not known
    assert sessions.find(OWNER) == SESSION


def test_keeping_using_and_dropping_a_session_are_recorded_and_looking_for_one_is_not(sessions: KeptSessions) -> None:
    repository = sessions.repository
    assert isinstance(repository, SqlRepository)
    repository.record_with(Recorder(sessions.vault, sessions.clock, sessions.folder_id))
    shop = connected(sessions)
    sessions.keep(OWNER, shop.id, SESSION)
    assert sessions.find("other@shop.example") is None
    assert not sessions.is_there("other@shop.example")
    assert sessions.is_there(OWNER)
    assert sessions.is_there(None)
    assert sessions.find(OWNER) == SESSION
    sessions.drop(OWNER)
    assert sessions.find(OWNER) is None
    entries = repository.audit_page(AuditFilter(), limit=10).entries
    deeds = [(str(each.told.deed.action), each.told.deed.connection_name) for each in reversed(entries)]
    assert deeds == [("add", "shop"), ("keep-session", "shop"), ("use-session", "shop"), ("drop-session", None)]
    assert OWNER not in str(entries)


def test_a_session_whose_use_cannot_be_recorded_is_not_used(
    sessions: KeptSessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions.keep(OWNER, connected(sessions).id, SESSION)

    def full(_session: KeptSession) -> None:
        raise StorageFailed("The disk is full.")

    monkeypatch.setattr(sessions.repository, "used_session", full)
    with pytest.raises(StorageFailed):
        sessions.find(OWNER)


def test_a_session_of_the_other_world_is_not_there(sessions: KeptSessions) -> None:
    sessions.keep(OWNER, connected(sessions).id, SESSION)
    simulated = replace(sessions, world=World.SIMULATED)
    assert simulated.find(OWNER) is None
    assert simulated.find(None) is None
    simulated.drop(OWNER)
    assert sessions.find(OWNER) == SESSION


def test_a_session_ends_after_fourteen_days_and_is_deleted(sessions: KeptSessions, clock: Clock) -> None:
    ends_at = sessions.keep(OWNER, connected(sessions).id, SESSION)
    assert ends_at == clock() + timedelta(days=14) == clock() + KEPT_FOR
    clock.now = ends_at - timedelta(seconds=1)
    assert sessions.is_there(OWNER)
    assert sessions.find(OWNER) == SESSION
    clock.now = ends_at
    assert not sessions.is_there(OWNER)
    assert sessions.find(OWNER) is None
    assert sessions.repository.sessions(World.REAL) == ()


def test_deleting_its_connection_deletes_the_session(sessions: KeptSessions) -> None:
    assert isinstance(sessions.repository, SqlRepository)
    first, second = connected(sessions), connected(sessions, "second")
    sessions.keep(OWNER, first.id, SESSION)
    sessions.keep(OWNER, second.id, SESSION)  # kept anew: it goes with the second now
    sessions.repository.delete(first.id, expected_revision=1)
    assert sessions.find(OWNER) == SESSION
    sessions.repository.delete(second.id, expected_revision=1)
    assert sessions.find(OWNER) is None


def test_a_session_goes_with_a_connection_that_is_there(sessions: KeptSessions) -> None:
    with pytest.raises(NotFound):
        sessions.keep(OWNER, new_id(sessions.clock(), os.urandom), SESSION)


@pytest.mark.parametrize("change", ["world = 'simulated'", "ends_at = ends_at - 1", "user = zeroblob(32)", "moved"])
def test_a_session_that_was_moved_or_made_to_last_does_not_open_and_is_deleted(
    sessions: KeptSessions, data: Path, change: str
) -> None:
    sessions.keep(OWNER, connected(sessions).id, SESSION)
    if change == "moved":
        elsewhere = replace(sessions, folder_id="another-folder")
    else:
        with sqlite3.connect(database_file(data)) as file:
            file.execute(f"UPDATE kept_sessions SET {change}")  # noqa: S608  ours, from above
        file.close()
        elsewhere = replace(sessions, world=World.SIMULATED if "world" in change else World.REAL)
    assert elsewhere.find(None) is None
    assert elsewhere.repository.sessions(elsewhere.world) == ()


def test_no_file_shows_a_session_or_its_user(sessions: KeptSessions, data: Path) -> None:
    sessions.keep(OWNER, connected(sessions).id, SESSION)
    for file in (each for each in data.rglob("*") if each.is_file()):
        assert b"made-up-cookie" not in file.read_bytes()
        assert OWNER.encode() not in file.read_bytes()


def test_all_are_dropped_at_once(sessions: KeptSessions) -> None:
    shop = connected(sessions)
    sessions.keep(OWNER, shop.id, SESSION)
    replace(sessions, world=World.SIMULATED).keep(OWNER, shop.id, SESSION)
    assert sessions.repository.drop_sessions() == 2
    assert sessions.find(OWNER) is None
