"""Use cases on a real database and real keys, in front of a BigCommerce that follows a script."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scripted import Clock, ScriptedBigCommerce

from companion.core.connection import World
from companion.keys.choice import open_keys
from companion.service.parts import Parts
from companion.service.vault import Vault
from companion.storage.sqlite import open_sqlite_repository


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))


@pytest.fixture
def bigcommerce(clock: Clock) -> ScriptedBigCommerce:
    return ScriptedBigCommerce(clock)


@pytest.fixture
def parts(tmp_path: Path, clock: Clock, bigcommerce: ScriptedBigCommerce) -> Iterator[Parts]:
    keys = open_keys(tmp_path / "data", wanted="file", key_file=tmp_path / "config" / "key.json")
    filled = Parts(
        repository=open_sqlite_repository(tmp_path / "data", folder_id=keys.folder_id),
        vault=Vault(keys.provider, os.urandom),
        bigcommerce=bigcommerce,
        clock=clock,
        entropy=os.urandom,
        world=World.REAL,
    )
    yield filled
    filled.close()


@pytest.fixture
def other_world(parts: Parts) -> Parts:
    return replace(parts, world=World.SIMULATED)
