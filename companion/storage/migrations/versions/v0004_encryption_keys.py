"""What each key-encryption key has done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and count what is there: a lower bound of the encryptions, and of the keys' age."""
    op.create_table(
        "encryption_keys",
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("encryptions", sa.BigInteger, nullable=False),
        sa.Column("first_used_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_encryption_keys")),
    )
    op.execute(
        """
        INSERT INTO encryption_keys (key_id, state, encryptions, first_used_at)
        SELECT key_id, 'active', SUM(encryptions), MIN(first_used_at) FROM (
            SELECT secrets.key_id AS key_id, COUNT(*) AS encryptions, MIN(connections.created_at) AS first_used_at
            FROM secrets JOIN connections ON connections.id = secrets.connection_id GROUP BY secrets.key_id
            UNION ALL
            SELECT kept_sessions.key_id, COUNT(*), MIN(connections.created_at)
            FROM kept_sessions JOIN connections ON connections.id = kept_sessions.connection_id
            GROUP BY kept_sessions.key_id
        ) AS used GROUP BY key_id
        """
    )
