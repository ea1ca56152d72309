"""Brings a database from any released schema to the present one; never back, and never one that is newer than us.

Alembic is imported only where there is something to do, since a program that is started for one command waits for it.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from companion.core.errors import StorageFailed

# The id of the newest script in `migrations/versions/`; a test compares them.
HEAD = "0002"

_SCRIPTS = Path(__file__).parent / "migrations"


def stored_revision(connection: Connection) -> str | None:
    """Return the id of the schema that the database has, None where it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_current(connection: Connection) -> bool:
    """Say whether the database has the present schema."""
    return stored_revision(connection) == HEAD


def migrate(connection: Connection, where: str) -> None:
    """Run the missing scripts in the transaction of `connection`, which the caller commits.

    Raises:
        StorageFailed: the schema is newer than this program, or nothing that it knows; nothing was changed.
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
    if stored is None and inspect(connection).get_table_names():
        raise StorageFailed(
            f"The database in {where} belongs to another program.",
            why="It has tables, but none of this program's.",
            next_step="Choose another data folder or database.",
        )
    command.upgrade(config, "head")
