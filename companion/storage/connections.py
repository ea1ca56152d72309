"""Connections and their sealed secrets in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace as with_changes
from datetime import datetime

from sqlalchemy import Connection as Transaction
from sqlalchemy import Integer, bindparam, delete, insert, select, update

from companion.core.audit_actions import AuditAction
from companion.core.connection import Connection, Finding, Status, name_key, serves_alike
from companion.core.envelope import associated_data
from companion.core.errors import FieldError, InvalidInput, StaleRevision
from companion.core.ids import is_id
from companion.core.paging import MAX_PAGE
from companion.core.tickets import TicketPurpose
from companion.ports.connections import Page, SecretField, StoredConnection, TicketSpending
from companion.storage.audit import AuditStorage
from companion.storage.exports import drop_exported_tokens
from companion.storage.listing import put_tags
from companion.storage.prepared import Prepared
from companion.storage.rows import (
    CONNECTION,
    SELECT_CONNECTIONS,
    connection_of,
    get_connection,
    no_such_connection,
    refuse_taken_name,
    row_of,
)
from companion.storage.sealed import Rewrap, stored_under
from companion.storage.tables import connections, sealed_secrets
from companion.storage.tickets import spend

_INSERT_CONNECTION = Prepared(insert(connections))
_INSERT_SECRET = Prepared(insert(sealed_secrets))
# The table once more: `SELECT_CONNECTIONS` looks into it, too.
_its_secrets = sealed_secrets.alias()
_WITH_SECRETS = Prepared(
    SELECT_CONNECTIONS.add_columns(_its_secrets.c.field, _its_secrets.c.envelope)
    .outerjoin(_its_secrets, _its_secrets.c.connection_id == connections.c.id)
    .where(connections.c.id == bindparam("id"))
)
_PAGE_OF_CONNECTIONS = Prepared(
    SELECT_CONNECTIONS.where(connections.c.id > bindparam("after"))
    .order_by(connections.c.id)
    .limit(bindparam("number", type_=Integer))
)


class ConnectionStorage(AuditStorage):
    """The part of a `ConnectionRepository` that is about connections."""

    def add(
        self, connection: Connection, secrets: Mapping[SecretField, bytes], *, hand_over: TicketSpending | None = None
    ) -> Connection:
        """See `ConnectionRepository.add`."""

        def work(transaction: Transaction) -> Connection:
            if hand_over is not None:
                before = spend(transaction, hand_over, TicketPurpose.CREATE, connection)
                if before is not None:
                    return before
            has_token = SecretField.STOREFRONT_TOKEN in secrets
            stored = connection
            if (stored.revision, stored.storefront_token_set) != (1, has_token):
                stored = with_changes(connection, revision=1, storefront_token_set=has_token)
            refuse_taken_name(transaction, stored.name, except_id=None)
            _INSERT_CONNECTION.change(transaction, **row_of(stored))
            put_tags(transaction, stored, is_new=True)
            _put_secrets(transaction, stored, secrets, self._rewrap)
            self._record_of(transaction, AuditAction.ADD if hand_over is None else AuditAction.HAND_OVER, stored)
            return stored

        return self._write_named(work, connection.name)

    def get(self, connection_id: str) -> Connection:
        """See `ConnectionRepository.get`."""
        return self._read_once(lambda transaction: get_connection(transaction, connection_id))

    def get_with_secrets(self, connection_id: str) -> StoredConnection:
        """See `ConnectionRepository.get_with_secrets`."""

        rows = self._read_once(lambda transaction: _WITH_SECRETS.grouped(transaction, CONNECTION, 2, id=connection_id))
        if rows is None:
            raise no_such_connection()
        connection, secrets = rows
        return StoredConnection(
            connection,
            {SecretField(field): bytes(sealed) for field, sealed in secrets if field is not None},
        )

    def find(self, name_or_id: str) -> Connection:
        """See `ConnectionRepository.find`."""
        if not _can_be_stored(name_or_id):
            raise no_such_connection()

        def work(transaction: Transaction) -> Connection:
            row = (
                transaction.execute(SELECT_CONNECTIONS.where(connections.c.name_key == name_key(name_or_id)))
                .mappings()
                .first()
            )
            if row is None:
                return get_connection(transaction, name_or_id.strip().lower())
            return connection_of(row)

        return self._read(work)

    def page(self, *, limit: int, after: str | None = None) -> Page:
        """See `ConnectionRepository.page`."""
        if not 1 <= limit <= MAX_PAGE:
            raise _refused("/limit", f"A page has 1 to {MAX_PAGE} connections.")
        if after is not None and not is_id(after):
            raise _refused("/after", "This is not where a page ended. Use what the page before it gave.")

        def work(transaction: Transaction) -> Page:
            # Every id comes after the empty text.
            rows = _PAGE_OF_CONNECTIONS.all(transaction, after=after or "", number=limit + 1)
            found = tuple(connection_of(row) for row in rows[:limit])
            return Page(found, found[-1].id if len(rows) > limit else None)

        return self._read(work)

    def replace(
        self,
        connection: Connection,
        secrets: Mapping[SecretField, bytes],
        *,
        expected_revision: int | None,
        hand_over: TicketSpending | None = None,
        action: AuditAction = AuditAction.REPLACE,
    ) -> Connection:
        """See `ConnectionRepository.replace`."""
        if expected_revision is None and hand_over is None:
            raise ValueError("a replacement names the revision it was made from, or spends a ticket")

        def work(transaction: Transaction) -> Connection:
            if hand_over is not None:
                before = spend(transaction, hand_over, TicketPurpose.REPLACE, connection)
                if before is not None:
                    return before
            old = _get_for_change(transaction, connection.id, expected_revision)
            stored = with_changes(
                connection,
                revision=old.revision + 1,
                created_at=old.created_at,
                storefront_token_set=SecretField.STOREFRONT_TOKEN in secrets,
            )
            refuse_taken_name(transaction, stored.name, except_id=stored.id)
            transaction.execute(update(connections).where(connections.c.id == stored.id).values(row_of(stored)))
            put_tags(transaction, stored)
            _delete_secrets(transaction, stored.id)
            if action is AuditAction.REAUTHORIZE or not serves_alike(old, stored):
                drop_exported_tokens(transaction, stored.id, stored.updated_at)
            _put_secrets(transaction, stored, secrets, self._rewrap)
            self._record_of(transaction, action if hand_over is None else AuditAction.HAND_OVER, stored)
            return stored

        return self._write_named(work, connection.name)

    def patch(
        self,
        connection_id: str,
        *,
        expected_revision: int,
        updated_at: datetime,
        name: str | None = None,
        tags: tuple[str, ...] | None = None,
    ) -> Connection:
        """See `ConnectionRepository.patch`."""

        def work(transaction: Transaction) -> Connection:
            old = _get_for_change(transaction, connection_id, expected_revision)
            stored = with_changes(
                old,
                name=old.name if name is None else name,
                tags=old.tags if tags is None else tags,
                updated_at=updated_at,
                revision=old.revision + 1,
            )
            refuse_taken_name(transaction, stored.name, except_id=stored.id)
            transaction.execute(update(connections).where(connections.c.id == stored.id).values(row_of(stored)))
            put_tags(transaction, stored)
            renamed = f"was {old.name}" if stored.name != old.name else ""
            self._record_of(transaction, AuditAction.EDIT, stored, renamed)
            return stored

        return self._write_named(work, name or "")

    def save_verification(
        self,
        connection_id: str,
        *,
        expected_revision: int,
        status: Status,
        findings: tuple[Finding, ...],
        verified_at: datetime | None,
        action: AuditAction = AuditAction.VERIFY,
    ) -> Connection:
        """See `ConnectionRepository.save_verification`."""

        def work(transaction: Transaction) -> Connection:
            old = _get_for_change(transaction, connection_id, expected_revision)
            stored = with_changes(old, status=status, findings=findings, verified_at=verified_at)
            transaction.execute(update(connections).where(connections.c.id == stored.id).values(row_of(stored)))
            self._record_of(transaction, action, stored, status.value)
            return stored

        return self._write(work)

    def put_secret(
        self, connection_id: str, field: SecretField, envelope: bytes | None, *, expected_revision: int
    ) -> None:
        """See `ConnectionRepository.put_secret`."""

        def work(transaction: Transaction) -> None:
            connection = _get_for_change(transaction, connection_id, expected_revision)
            _delete_secrets(transaction, connection_id, field)
            if envelope is not None:
                _put_secrets(transaction, connection, {field: envelope}, self._rewrap)
                self._record_of(transaction, AuditAction.MINT, connection)

        self._write(work)

    def delete(self, connection_id: str, *, expected_revision: int) -> Connection:
        """See `ConnectionRepository.delete`."""

        def work(transaction: Transaction) -> Connection:
            old = _get_for_change(transaction, connection_id, expected_revision)
            transaction.execute(delete(connections).where(connections.c.id == connection_id))
            self._record_of(transaction, AuditAction.DELETE, old)
            return old

        return self._write(work)


def _can_be_stored(text: str) -> bool:
    """Say whether a database takes this for text: bytes of a command line need not be any."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _get_for_change(transaction: Transaction, connection_id: str, expected_revision: int | None) -> Connection:
    transaction.execute(select(connections.c.id).where(connections.c.id == connection_id).with_for_update())
    connection = get_connection(transaction, connection_id)
    if expected_revision is not None and connection.revision != expected_revision:
        raise StaleRevision(
            f"The connection {connection.name!r} was changed meanwhile.",
            why=f"The change was made from revision {expected_revision}, and it is at {connection.revision} now.",
            next_step="Read the connection again and repeat the change.",
        )
    return connection


def _put_secrets(
    transaction: Transaction, connection: Connection, secrets: Mapping[SecretField, bytes], rewrap: Rewrap | None
) -> None:
    for field, given in secrets.items():
        bound = associated_data(connection_id=connection.id, field=field, store_hash=connection.store_hash)
        key_id, envelope = stored_under(transaction, given, bound, rewrap)
        _INSERT_SECRET.change(
            transaction, connection_id=connection.id, field=field.value, key_id=key_id, envelope=envelope
        )


def _delete_secrets(transaction: Transaction, connection_id: str, field: SecretField | None = None) -> None:
    statement = delete(sealed_secrets).where(sealed_secrets.c.connection_id == connection_id)
    transaction.execute(statement if field is None else statement.where(sealed_secrets.c.field == field.value))


def _refused(pointer: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, fields=(FieldError(pointer, detail),))
