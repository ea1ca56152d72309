"""The data folder itself: its keys and its database, opened together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from companion.core.secret import Secret
from companion.keys.choice import AskPassphrase, OpenedKeys, glance_at_keys, open_keys
from companion.service.audit import Recorder
from companion.service.vault import Vault
from companion.storage.repository import SqlRepository
from companion.wiring.clock import utc_now
from companion.wiring.database import open_postgresql, open_repository

if TYPE_CHECKING:
    from companion.settings import Settings
    from companion.storage.postgresql import PostgresqlRepository


def opened_folder(
    settings: Settings, ask: AskPassphrase | None = None, *, may_be_locked: bool = False
) -> tuple[OpenedKeys, SqlRepository]:
    """Open the keys and the database, which records from now on whatever changes in it.

    Args:
        ask, may_be_locked: as `open_parts`.

    Raises:
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    repository: SqlRepository
    if settings.database_url is None:
        keys = opened_keys(settings, ask, may_be_locked=may_be_locked)
        repository = open_repository(settings, keys)
    else:
        keys, repository = _opened_with_others(settings, settings.database_url.get_secret_value(), ask, may_be_locked)
    repository.record_with(Recorder(Vault(keys.provider, os.urandom), utc_now, keys.folder_id))
    return keys, repository


def _opened_with_others(
    settings: Settings, address: str, ask: AskPassphrase | None, may_be_locked: bool
) -> tuple[OpenedKeys, PostgresqlRepository]:
    """Open a database that other machines may use, and the keys as the last one left them."""
    repository = open_postgresql(address)
    try:
        keys = opened_keys(settings, ask, may_be_locked=may_be_locked, shared=repository)
        repository.seal_with(keys.folder_id, keys.provider.rewrap)
        keys.provider.share(repository)
    except BaseException:
        repository.close()
        raise
    return keys, repository


def opened_keys(
    settings: Settings,
    ask: AskPassphrase | None,
    *,
    may_be_locked: bool = False,
    shared: PostgresqlRepository | None = None,
) -> OpenedKeys:
    """Open the keys of the data folder; a new one gets those that the settings ask for.

    Args:
        ask, may_be_locked: as `open_parts`.
        shared: the database through which several machines share keys; None on one machine.

    Raises:
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """

    def of_the_environment(*, new: bool, again: bool) -> Secret | None:
        del new
        return None if again else settings.passphrase_secret

    return open_keys(
        settings.data_dir,
        wanted=settings.key_provider,
        key_file=settings.key_file,
        kms_key=settings.aws_kms_key,
        ask=ask or of_the_environment,
        may_be_locked=may_be_locked,
        shared=shared,
    )


def of_the_folder(settings: Settings) -> Settings:
    """Let the data folder say which provider it has: a variable may still name the one before a move."""
    known = glance_at_keys(settings.data_dir, key_file=settings.key_file) is not None
    return settings.model_copy(update={"key_provider": None}) if known else settings
