"""Connections, sealed secrets, hand-over tickets, facts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "connections",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("subdomain", sa.String(63), nullable=False),
        sa.Column("auth_type", sa.String(16), nullable=False),
        sa.Column("store_hash", sa.String(63), nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("api_account_name", sa.Text),
        sa.Column("api_account_client_id", sa.Text),
        sa.Column("oauth_scopes", sa.JSON),
        sa.Column("world", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("findings", sa.JSON, nullable=False),
        sa.Column("verified_at", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_connections_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connections")),
        sa.UniqueConstraint("name_key", name=op.f("uq_connections_name_key")),
    )
    op.create_table(
        "secrets",
        sa.Column("connection_id", sa.String(36), nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("envelope", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_secrets_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", "field", name=op.f("pk_secrets")),
    )
    op.create_index(op.f("ix_secrets_key_id"), "secrets", ["key_id"])
    op.create_table(
        "tickets",
        sa.Column("ticket_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("connection_id", sa.String(36)),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("spent_connection_id", sa.String(36)),
        sa.Column("spent_digest", sa.LargeBinary(32)),
        sa.PrimaryKeyConstraint("ticket_hash", name=op.f("pk_tickets")),
    )
    op.create_index(op.f("ix_tickets_expires_at"), "tickets", ["expires_at"])
    op.create_table(
        "facts",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
