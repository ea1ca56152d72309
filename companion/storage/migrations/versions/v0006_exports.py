"""Exports to other tools, and since when a connection has its access token."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the column; an access token that is there counts from when its connection was made."""
    op.add_column("connections", sa.Column("access_token_since", sa.BigInteger))
    op.execute("UPDATE connections SET access_token_since = created_at")
    op.create_table(
        "exports",
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("connection_id", sa.String(36), nullable=False),
        sa.Column("tool", sa.String(16), nullable=False),
        sa.Column("written_at", sa.BigInteger, nullable=False),
        sa.Column("has_access_token", sa.Boolean, nullable=False),
        sa.Column("access_token_since", sa.BigInteger),
        sa.Column("storefront_token_ends", sa.BigInteger),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_exports_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_exports")),
    )
    op.create_index(op.f("ix_exports_connection_id"), "exports", ["connection_id"])
