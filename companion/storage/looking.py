"""Looks at a database as it lies there, for who is asked what is wrong: nothing is made, migrated or repaired."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from companion.core.folder_findings import SeenDatabase
from companion.storage import schema
from companion.storage.failures import storage_failures
from companion.storage.postgresql import checked_address, postgresql_engine, where_is
from companion.storage.sqlite import damaged_log_copies, database_file, lacks_room_for_index, reading_uri, was_made


def look_at_sqlite(data_dir: Path) -> SeenDatabase:
    """Look at the database of a data folder."""
    file = database_file(data_dir)
    where, logs = str(file), tuple(map(str, damaged_log_copies(data_dir)))
    if was_made(data_dir) and not (file.exists() and file.stat().st_size):
        return SeenDatabase(where, "it is empty, or gone", None, schema.HEAD, damaged_logs=logs)
    try:
        answer, schema_id = _asked(reading_uri(file))
    except sqlite3.Error as failure:
        if not lacks_room_for_index(failure):
            return SeenDatabase(where, str(failure), None, schema.HEAD, damaged_logs=logs)
        try:
            answer, schema_id = _asked(reading_uri(file, without_index=True))
        except sqlite3.Error as again:
            return SeenDatabase(where, str(again), None, schema.HEAD, damaged_logs=logs)
    damage = "" if answer == "ok" else answer
    return SeenDatabase(where, damage, schema_id, schema.HEAD, damaged_logs=logs)


def _asked(uri: str) -> tuple[str, str | None]:
    """Ask a database whether it is whole, and for the id of its schema."""
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        answer = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "alembic_version" not in tables:
            return answer, None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return answer, None if row is None else str(row[0])


def look_at_postgresql(address: str) -> SeenDatabase:
    """Look at a database on a PostgreSQL server.

    Raises:
        InvalidSetting, StorageFailed: as `open_postgresql_repository`.
    """
    url = checked_address(address)
    engine = postgresql_engine(url)
    try:
        with storage_failures(where_is(url)), engine.connect() as connection:
            version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
            stored = schema.stored_revision(connection)
            return SeenDatabase(where_is(url), "", stored, schema.HEAD, server_version=version // 10_000)
    finally:
        engine.dispose()
