"""Use cases on a real database and real keys, in front of a BigCommerce that follows a script."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from machines import Machine
from scripted import Clock, ScriptedBigCommerce

from companion.core.connection import World
from companion.keys.choice import open_keys
from companion.service.audit import Recorder
from companion.service.parts import Parts
from companion.service.vault import Vault
from companion.storage.postgresql import open_postgresql_repository
from companion.storage.sqlite import open_sqlite_repository


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))


@pytest.fixture
def bigcommerce(clock: Clock) -> ScriptedBigCommerce:
    return ScriptedBigCommerce(clock)


@pytest.fixture(params=["sqlite", "postgresql"])
def parts(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Clock, bigcommerce: ScriptedBigCommerce
) -> Iterator[Parts]:
    keys = open_keys(tmp_path / "data", wanted="file", key_file=tmp_path / "config" / "key.json")
    folder_id, rewrap = keys.folder_id, keys.provider.rewrap
    if request.param == "sqlite":
        repository = open_sqlite_repository(tmp_path / "data", folder_id=folder_id, rewrap=rewrap)
    else:
        address = request.getfixturevalue("postgresql_server").emptied_database()
        repository = open_postgresql_repository(address, folder_id=folder_id, rewrap=rewrap)
    repository.record_with(Recorder(Vault(keys.provider, os.urandom), clock, folder_id))
    filled = Parts(
        repository=repository,
        vault=Vault(keys.provider, os.urandom),
        bigcommerce=bigcommerce,
        clock=clock,
        entropy=os.urandom,
        world=World.REAL,
    )
    yield filled
    filled.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    """Makes data folders, each with keys and a database of its own, of one kind unless another is asked for."""
    made: list[Machine] = []

    def machine(name: str, kind: str = request.param) -> Machine:
        address = None if kind == "sqlite" else request.getfixturevalue("postgresql_server").new_database()
        made.append(Machine(tmp_path / name, address))
        return made[-1]

    yield machine
    for each in made:
        each.repository.close()


@pytest.fixture
def other_world(parts: Parts) -> Parts:
    return replace(parts, world=World.SIMULATED)
