"""Brings a database from any released schema to the present one; never back, and never one that is newer than us.

A new database is made as `tables.py` says, in which a test finds no difference to all scripts run in turn. So Alembic
is imported only for a database of an older schema: a program that is started for one command would wait for it.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, insert, inspect, select

from companion.core.errors import StorageFailed
from companion.storage.tables import metadata

# The id of the newest script in `migrations/versions/`; a test compares them.
HEAD = "0010"

_SCRIPTS = Path(__file__).parent / "migrations"

# Alembic's own table, as it makes it itself.
_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def stored_revision(connection: Connection) -> str | None:
    """Return the id of the schema that the database has, None where it has none."""
    if not inspect(connection).has_table(_version.name):
        return None
    return connection.execute(select(_version.c.version_num)).scalar()


def is_current(connection: Connection) -> bool:
    """Say whether the database has the present schema."""
    return stored_revision(connection) == HEAD


def older_than_ours(connection: Connection) -> str | None:
    """Return the id of the schema that the database has where scripts are to be run on it, else None."""
    stored = stored_revision(connection)
    return stored if stored is not None and stored.isdigit() and stored < HEAD else None


def migrate(connection: Connection, where: str) -> None:
    """Make the tables, or run the missing scripts, in the transaction of `connection`, which the caller commits.

    Raises:
        StorageFailed: the schema is newer than this program, or nothing that it knows; nothing was changed.
    """
    if stored_revision(connection) is not None:
        run_scripts(connection, where)
    elif inspect(connection).get_table_names():
        raise StorageFailed(
            f"The database in {where} belongs to another program.",
            why="It has tables, but none of this program's.",
            next_step="Choose another data folder or database.",
        )
    else:
        metadata.create_all(connection)
        _version.create(connection)
        connection.execute(insert(_version).values(version_num=HEAD))


def drop(connection: Connection) -> None:
    """Drop every table of this program, in the transaction of `connection`, which the caller commits."""
    metadata.drop_all(connection)
    _version.drop(connection, checkfirst=True)


def run_scripts(connection: Connection, where: str) -> None:
    """Run the scripts that are missing; all of them where there is no table yet.

    Raises:
        StorageFailed: the schema is newer than this program.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    stored = stored_revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if stored is not None and stored not in known:
        raise StorageFailed(
            f"The database in {where} was made by a newer version of this program.",
            why=f"Its schema is {stored}; this version knows schemas up to {HEAD}. It was left as it is.",
            next_step="Install the newest version of bigcommerce-companion.",
        )
    command.upgrade(config, "head")
