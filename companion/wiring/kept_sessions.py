"""Kept browser sessions out of the data folder itself; no service is asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from companion.keys.choice import AskPassphrase
from companion.service.kept_sessions import KeptSessions
from companion.service.vault import Vault
from companion.wiring.clock import utc_now
from companion.wiring.database import has_database, open_repository
from companion.wiring.folder import opened_folder

if TYPE_CHECKING:
    from companion.settings import Settings


@contextmanager
def opened_sessions(settings: Settings, *, ask: AskPassphrase | None = None) -> Iterator[KeptSessions]:
    """Give the kept browser sessions out of the data folder itself, as the user who owns it; no service is asked.

    Args:
        ask: as `open_parts`.

    Raises:
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    keys, repository = opened_folder(settings, ask)
    vault = Vault(keys.provider, os.urandom)
    try:
        yield KeptSessions(repository, vault, keys.folder_id, utc_now, settings.world)
    finally:
        repository.close()


def any_session(settings: Settings) -> bool:
    """Say whether a browser session is kept in this world, without asking for the keys.

    Raises:
        InvalidSetting, StorageFailed: as `open_parts`.
    """
    if not has_database(settings):
        return False
    repository = open_repository(settings)
    try:
        return bool(repository.sessions(settings.world))
    finally:
        repository.close()


def drop_sessions(settings: Settings) -> int:
    """Delete every kept browser session, of both worlds, without asking for the keys; returns how many there were.

    Raises:
        InvalidSetting, StorageFailed: as `open_parts`.
    """
    if not has_database(settings):
        return 0
    repository = open_repository(settings)
    try:
        return repository.drop_sessions()
    finally:
        repository.close()
