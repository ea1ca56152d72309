"""Earlier chapters of the audit record, and the storefront tokens that were minted for files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make their tables."""
    op.create_table(
        "exported_tokens",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("connection_id", sa.String(36), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("envelope", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exported_tokens")),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_exported_tokens_connection_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_exported_tokens_connection_id"), "exported_tokens", ["connection_id"])
    op.create_table(
        "audit_chapters",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("restored_at", sa.BigInteger, nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("envelope", sa.LargeBinary, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.Column("seal", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_chapters")),
    )
    op.create_table(
        "audit_chapter_entries",
        sa.Column("chapter", sa.Integer, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("connection_id", sa.String(36)),
        sa.Column("connection_name", sa.Text),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("chapter", "number", name=op.f("pk_audit_chapter_entries")),
        sa.ForeignKeyConstraint(
            ["chapter"],
            ["audit_chapters.number"],
            name=op.f("fk_audit_chapter_entries_chapter"),
            ondelete="CASCADE",
        ),
    )
