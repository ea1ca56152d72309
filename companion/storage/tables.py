"""The tables, as a new database gets them. All migrations run in turn leave the same; a test compares them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware time in UTC, kept as whole microseconds since 1970: the same on every database, and it sorts."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ARG002  the base class's
        """Return microseconds."""
        if value is None:
            return None
        since = value - _EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002  the base class's
        """Return the time."""
        if value is None:
            return None
        try:
            return _EPOCH + timedelta(microseconds=value)
        except OverflowError:
            raise ValueError("a moment that no calendar holds") from None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

connections = Table(
    "connections",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("subdomain", String(63), nullable=False),
    Column("auth_type", String(16), nullable=False),
    Column("store_hash", String(63), nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("api_account_name", Text),
    Column("api_account_client_id", Text),
    Column("oauth_scopes", JSON(none_as_null=True)),
    Column("world", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("findings", JSON, nullable=False),
    Column("verified_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("revision", BigInteger, nullable=False),
    # Null only where it is not known.
    Column("access_token_since", Moment),
    # How the name is looked for, where that is not its `name_key`: without its accents.
    Column("search_key", Text),
    CheckConstraint("revision >= 1", name="revision"),
)
Index("ix_connections_status", connections.c.status, connections.c.name_key)
Index("ix_connections_auth_type", connections.c.auth_type, connections.c.name_key)
# All that a search looks at, so that it reads no rows but those it shows.
Index(
    "ix_connections_found_by",
    connections.c.name_key,
    connections.c.search_key,
    connections.c.subdomain,
    connections.c.store_hash,
    connections.c.id,
)

# The tags once more, for finding connections by them.
connection_tags = Table(
    "connection_tags",
    metadata,
    Column("tag", Text, primary_key=True),
    Column("connection_id", ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True, index=True),
)

sealed_secrets = Table(
    "secrets",
    metadata,
    Column("connection_id", ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True),
    Column("field", String(32), primary_key=True),
    # Of the key-encryption key, as in the envelope: for counting, and for finding what is still to be rewrapped.
    Column("key_id", String(64), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
)
Index("ix_secrets_key_id", sealed_secrets.c.key_id)

tickets = Table(
    "tickets",
    metadata,
    Column("ticket_hash", LargeBinary(32), primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("connection_id", String(36)),
    Column("expires_at", Moment, nullable=False),
    # No foreign keys: what a ticket was spent on is remembered when the connection is gone.
    Column("spent_connection_id", String(36)),
    Column("spent_digest", LargeBinary(32)),
)
Index("ix_tickets_expires_at", tickets.c.expires_at)

# The browser session of a user, sealed. It goes with the connection it was kept with.
kept_sessions = Table(
    "kept_sessions",
    metadata,
    Column("user", LargeBinary(32), primary_key=True),
    Column("world", String(16), primary_key=True),
    Column("connection_id", ForeignKey("connections.id", ondelete="CASCADE"), nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
)

# The API tokens of tools, each by its hash alone.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("token_hash", LargeBinary(32), nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    # Ids, or null for all. No foreign keys: a limit to what is gone stays a limit.
    Column("connections", JSON(none_as_null=True)),
    Column("actions", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("last_used_at", Moment),
)

# What each key-encryption key has done. One that was rotated away keeps its row, so that nothing is stored under it.
encryption_keys = Table(
    "encryption_keys",
    metadata,
    Column("key_id", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("encryptions", BigInteger, nullable=False),
    Column("first_used_at", Moment, nullable=False),
)

# Links that begin a session of the web page, and the sessions; each by its hash alone.
sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("link_hash", LargeBinary(32), primary_key=True),
    Column("expires_at", Moment, nullable=False),
)
web_sessions = Table(
    "web_sessions",
    metadata,
    Column("session_hash", LargeBinary(32), primary_key=True),
    Column("began_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("confirmed_at", Moment, nullable=False),
)

# The files that were written for other tools, and hold a secret.
exports = Table(
    "exports",
    metadata,
    Column("path", Text, primary_key=True),
    Column("connection_id", ForeignKey("connections.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("tool", String(16), nullable=False),
    Column("written_at", Moment, nullable=False),
    Column("has_access_token", Boolean, nullable=False),
    Column("access_token_since", Moment),
    Column("storefront_token_ends", Moment),
)

# Storefront tokens that were minted for files, sealed, as long as they live: so that they can be revoked.
exported_tokens = Table(
    "exported_tokens",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("connection_id", ForeignKey("connections.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires_at", Moment, nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
)

# The audit chain. No foreign keys: what was done to a connection is remembered when it is gone.
audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("connection_id", String(36)),
    Column("connection_name", Text),
    Column("outcome", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("mac", LargeBinary(32), nullable=False),
)
Index("ix_audit_connection_id", audit.c.connection_id, audit.c.number)

# One row: the chain's key, sealed, and where the chain ends.
audit_head = Table(
    "audit_head",
    metadata,
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("key_id", String(64), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("mac", LargeBinary(32), nullable=False),
    Column("seal", LargeBinary(32), nullable=False),
    CheckConstraint("number = 1", name="only"),
)

# Chains that restored backups brought along, each under its own key: `audit` and `audit_head` again, by chapter.
audit_chapters = Table(
    "audit_chapters",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("restored_at", Moment, nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("mac", LargeBinary(32), nullable=False),
    Column("seal", LargeBinary(32), nullable=False),
)
audit_chapter_entries = Table(
    "audit_chapter_entries",
    metadata,
    Column("chapter", ForeignKey("audit_chapters.number", ondelete="CASCADE"), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("connection_id", String(36)),
    Column("connection_name", Text),
    Column("outcome", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("mac", LargeBinary(32), nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
