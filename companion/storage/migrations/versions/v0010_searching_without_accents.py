"""How names are looked for: without their accents."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and put it into the index; fill it for the names for which it is not their `name_key`."""
    op.add_column("connections", sa.Column("search_key", sa.Text))
    op.drop_index(op.f("ix_connections_found_by"), "connections")
    op.create_index(
        op.f("ix_connections_found_by"), "connections", ["name_key", "search_key", "subdomain", "store_hash", "id"]
    )
    stored = sa.table(
        "connections",
        sa.column("id", sa.String),
        sa.column("name_key", sa.Text),
        sa.column("search_key", sa.Text),
    )
    database = op.get_bind()
    rows = [
        {"of": connection_id, "key": without}
        for connection_id, name_key in database.execute(sa.select(stored.c.id, stored.c.name_key)).all()
        if (without := _without_accents(name_key)) != name_key
    ]
    if rows:
        database.execute(
            sa.update(stored).where(stored.c.id == sa.bindparam("of")).values(search_key=sa.bindparam("key")), rows
        )


def _without_accents(name_key: str) -> str:
    """Return what `search_key` made of the name when this was written; a script keeps no company with later code."""
    apart = unicodedata.normalize("NFKD", name_key)
    kept = "".join(character for character in apart if unicodedata.category(character) != "Mn")
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", kept).casefold())
    folded = unicodedata.normalize("NFKC", folded.casefold())
    return " ".join("".join(each for each in folded if unicodedata.category(each) != "Cf").split()) or name_key
