"""The database that the settings lead to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, cast

from companion.keys.choice import OpenedKeys
from companion.service.one_at_a_time import FileLocks
from companion.storage.repository import SqlRepository
from companion.storage.sqlite import database_file, open_sqlite_repository

if TYPE_CHECKING:
    from companion.settings import Settings
    from companion.storage.postgresql import PostgresqlRepository


def open_repository(settings: Settings, keys: OpenedKeys | None = None) -> SqlRepository:
    """Open the database, and make or migrate it where it has to be.

    Args:
        keys: of the data folder; what comes under a key that was retired meanwhile is rewrapped with them.

    Raises:
        InvalidSetting, StorageFailed: it cannot be used.
    """
    address = settings.database_url
    if address is not None:
        return open_postgresql(address.get_secret_value())
    folder_id, rewrap = (None, None) if keys is None else (keys.folder_id, keys.provider.rewrap)
    return open_sqlite_repository(settings.data_dir, folder_id=folder_id, rewrap=rewrap)


def open_postgresql(address: str) -> PostgresqlRepository:
    """Open the database on a PostgreSQL server. Raises as `open_repository`."""
    # Loaded for those who have one alone.
    from companion.storage.postgresql import open_postgresql_repository

    return open_postgresql_repository(address)


def has_database(settings: Settings) -> bool:
    """Say whether there is a database, as far as that shows without opening it."""
    return settings.database_url is not None or database_file(settings.data_dir).exists()


def between_processes(settings: Settings, repository: SqlRepository) -> Callable[[str], AbstractContextManager[None]]:
    """Return the lock that every process on the same database takes."""
    if settings.database_url is None:
        return FileLocks(settings.data_dir / "locks").of
    return cast("PostgresqlRepository", repository).one_at_a_time
