"""Kept browser sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make their table."""
    op.create_table(
        "kept_sessions",
        sa.Column("user", sa.LargeBinary(32), nullable=False),
        sa.Column("world", sa.String(16), nullable=False),
        sa.Column("connection_id", sa.String(36), nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("envelope", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_kept_sessions_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user", "world", name=op.f("pk_kept_sessions")),
    )
