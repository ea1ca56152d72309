"""What connections are found by: indexes, and a table of their tags."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them, and fill the table from the tags that the connections have."""
    op.create_table(
        "connection_tags",
        sa.Column("tag", sa.Text, nullable=False),
        sa.Column("connection_id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_connection_tags_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tag", "connection_id", name=op.f("pk_connection_tags")),
    )
    op.create_index(op.f("ix_connection_tags_connection_id"), "connection_tags", ["connection_id"])
    op.create_index(op.f("ix_connections_status"), "connections", ["status", "name_key"])
    op.create_index(op.f("ix_connections_auth_type"), "connections", ["auth_type", "name_key"])
    op.create_index(op.f("ix_connections_found_by"), "connections", ["name_key", "subdomain", "store_hash", "id"])
    stored = sa.table("connections", sa.column("id", sa.String), sa.column("tags", sa.JSON))
    tags = sa.table("connection_tags", sa.column("tag", sa.Text), sa.column("connection_id", sa.String))
    database = op.get_bind()
    rows = [
        {"tag": tag, "connection_id": connection_id}
        for connection_id, given in database.execute(sa.select(stored.c.id, stored.c.tags)).all()
        for tag in dict.fromkeys(given)
    ]
    if rows:
        database.execute(sa.insert(tags), rows)
