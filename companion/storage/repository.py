"""The repository on SQLAlchemy: connections, sealed secrets, tickets.

Each method is one transaction. Nothing here knows which database it speaks to; `FOR UPDATE` holds a row on PostgreSQL
and is left out on SQLite, where a writing transaction holds the whole file.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace as with_changes
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection as Transaction
from sqlalchemy import Engine, RowMapping, delete, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from companion.core.connection import (
    ApiAccount,
    AuthType,
    Connection,
    Finding,
    Severity,
    Status,
    World,
    name_key,
)
from companion.core.envelope import envelope_from_bytes
from companion.core.errors import (
    Conflict,
    FieldError,
    InvalidInput,
    NameTaken,
    NotAllowed,
    NotAuthorized,
    NotFound,
    StaleRevision,
    WrongKey,
)
from companion.core.ids import is_id
from companion.core.paging import MAX_PAGE
from companion.core.tickets import Spent, Ticket, TicketPurpose
from companion.ports import Page, SecretField, StoredConnection, TicketSpending
from companion.storage import schema
from companion.storage.failures import is_busy, storage_failures
from companion.storage.tables import connections, facts, sealed_secrets, tickets

# Set on a SQLAlchemy connection whose transaction is going to write.
WRITES = "companion_writes"

_TRIES = 6
_TICKETS_ARE_KEPT_FOR = timedelta(days=1)
_FOLDER_ID = "folder_id"

_T = TypeVar("_T")


class SqlRepository:
    """A `ConnectionRepository`; safe to share between threads and beside other processes."""

    def __init__(self, engine: Engine, *, where: str) -> None:
        """Take over the engine.

        Args:
            where: what errors call the database; no password in it.
        """
        self.where = where
        self._engine = engine
        self._writing_engine = engine.execution_options(**{WRITES: True})
        # SQLite lets waiting processes poll, with growing pauses. Threads of one process queue up here instead.
        self._writer: AbstractContextManager[Any] = Lock() if engine.dialect.name == "sqlite" else nullcontext()

    # Schema

    def is_current(self) -> bool:
        """Say whether the database has the present schema."""
        return self._read(schema.is_current)

    def migrate(self) -> None:
        """Bring the schema up to date, in one transaction. Raises `StorageFailed` for a schema from the future."""
        self._write(lambda transaction: None if schema.is_current(transaction) else self._run_scripts(transaction))

    def set_journal_mode_wal(self) -> None:
        """Let readers read while one writes; kept in SQLite's file, so it is said once."""
        with storage_failures(self.where):
            connection = self._engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA journal_mode = WAL").close()
            except self._engine.dialect.loaded_dbapi.Error as failure:
                raise DBAPIError("PRAGMA journal_mode", None, failure) from None
            finally:
                connection.close()

    def bind_to_folder(self, folder_id: str) -> None:
        """Write the data folder's id into a database that has none.

        Raises:
            WrongKey: it has another folder's id.
        """
        stored = self._read(lambda transaction: _fact(transaction, _FOLDER_ID))
        if stored is None:
            stored = self._write(lambda transaction: _set_fact_once(transaction, _FOLDER_ID, folder_id))
        if stored != folder_id:
            raise WrongKey(
                f"The database in {self.where} belongs to another data folder.",
                why="Its secrets are sealed under that folder's keys. It was left as it is.",
                next_step="Put the database back that belongs to this folder, or use the whole other folder.",
            )

    def _run_scripts(self, transaction: Transaction) -> None:
        schema.migrate(transaction, self.where)

    # Connections

    def add(
        self, connection: Connection, secrets: Mapping[SecretField, bytes], *, hand_over: TicketSpending | None = None
    ) -> Connection:
        """See `ConnectionRepository.add`."""

        def work(transaction: Transaction) -> Connection:
            if hand_over is not None:
                before = _spend(transaction, hand_over, TicketPurpose.CREATE, connection)
                if before is not None:
                    return before
            stored = with_changes(connection, revision=1, storefront_token_set=SecretField.STOREFRONT_TOKEN in secrets)
            _refuse_taken_name(transaction, stored.name, except_id=None)
            transaction.execute(insert(connections).values(_row_of(stored)))
            _put_secrets(transaction, stored.id, secrets)
            return stored

        return self._write_named(work, connection.name)

    def get(self, connection_id: str) -> Connection:
        """See `ConnectionRepository.get`."""
        return self._read(lambda transaction: _connection_of(_get_row(transaction, connection_id)))

    def get_with_secrets(self, connection_id: str) -> StoredConnection:
        """See `ConnectionRepository.get_with_secrets`."""

        def work(transaction: Transaction) -> StoredConnection:
            connection = _connection_of(_get_row(transaction, connection_id))
            rows = transaction.execute(
                select(sealed_secrets.c.field, sealed_secrets.c.envelope).where(
                    sealed_secrets.c.connection_id == connection_id
                )
            )
            return StoredConnection(connection, {SecretField(field): bytes(envelope) for field, envelope in rows})

        return self._read(work)

    def find(self, name_or_id: str) -> Connection:
        """See `ConnectionRepository.find`."""

        def work(transaction: Transaction) -> Connection:
            row = transaction.execute(_SELECT.where(connections.c.name_key == name_key(name_or_id))).mappings().first()
            return _connection_of(row if row is not None else _get_row(transaction, name_or_id.strip().lower()))

        return self._read(work)

    def page(self, *, limit: int, after: str | None = None) -> Page:
        """See `ConnectionRepository.page`."""
        if not 1 <= limit <= MAX_PAGE:
            raise _refused("/limit", f"A page has 1 to {MAX_PAGE} connections.")
        if after is not None and not is_id(after):
            raise _refused("/after", "This is not where a page ended. Use what the page before it gave.")
        query = _SELECT.order_by(connections.c.id).limit(limit + 1)
        if after is not None:
            query = query.where(connections.c.id > after)

        def work(transaction: Transaction) -> Page:
            rows = transaction.execute(query).mappings().all()
            found = tuple(_connection_of(row) for row in rows[:limit])
            return Page(found, found[-1].id if len(rows) > limit else None)

        return self._read(work)

    def replace(
        self,
        connection: Connection,
        secrets: Mapping[SecretField, bytes],
        *,
        expected_revision: int | None,
        hand_over: TicketSpending | None = None,
    ) -> Connection:
        """See `ConnectionRepository.replace`."""
        if expected_revision is None and hand_over is None:
            raise ValueError("a replacement names the revision it was made from, or spends a ticket")

        def work(transaction: Transaction) -> Connection:
            if hand_over is not None:
                before = _spend(transaction, hand_over, TicketPurpose.REPLACE, connection)
                if before is not None:
                    return before
            old = _get_for_change(transaction, connection.id, expected_revision)
            stored = with_changes(
                connection,
                revision=old.revision + 1,
                created_at=old.created_at,
                storefront_token_set=SecretField.STOREFRONT_TOKEN in secrets,
            )
            _refuse_taken_name(transaction, stored.name, except_id=stored.id)
            transaction.execute(update(connections).where(connections.c.id == stored.id).values(_row_of(stored)))
            _delete_secrets(transaction, stored.id)
            _put_secrets(transaction, stored.id, secrets)
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
            _refuse_taken_name(transaction, stored.name, except_id=stored.id)
            transaction.execute(update(connections).where(connections.c.id == stored.id).values(_row_of(stored)))
            return stored

        return self._write_named(work, name or "")

    def save_verification(
        self,
        connection_id: str,
        *,
        expected_revision: int,
        status: Status,
        findings: tuple[Finding, ...],
        verified_at: datetime,
    ) -> Connection:
        """See `ConnectionRepository.save_verification`."""

        def work(transaction: Transaction) -> Connection:
            old = _get_for_change(transaction, connection_id, expected_revision)
            stored = with_changes(old, status=status, findings=findings, verified_at=verified_at)
            transaction.execute(update(connections).where(connections.c.id == stored.id).values(_row_of(stored)))
            return stored

        return self._write(work)

    def put_secret(
        self, connection_id: str, field: SecretField, envelope: bytes | None, *, expected_revision: int
    ) -> None:
        """See `ConnectionRepository.put_secret`."""

        def work(transaction: Transaction) -> None:
            _get_for_change(transaction, connection_id, expected_revision)
            _delete_secrets(transaction, connection_id, field)
            if envelope is not None:
                _put_secrets(transaction, connection_id, {field: envelope})

        self._write(work)

    def delete(self, connection_id: str, *, expected_revision: int) -> Connection:
        """See `ConnectionRepository.delete`."""

        def work(transaction: Transaction) -> Connection:
            old = _get_for_change(transaction, connection_id, expected_revision)
            transaction.execute(delete(connections).where(connections.c.id == connection_id))
            return old

        return self._write(work)

    # Tickets

    def issue_ticket(self, ticket: Ticket, *, now: datetime) -> None:
        """See `ConnectionRepository.issue_ticket`."""

        def work(transaction: Transaction) -> None:
            if ticket.connection_id is not None:
                _get_row(transaction, ticket.connection_id)
            else:
                _refuse_taken_name(transaction, ticket.name, except_id=None)
            transaction.execute(delete(tickets).where(tickets.c.expires_at < now - _TICKETS_ARE_KEPT_FOR))
            transaction.execute(
                insert(tickets).values(
                    ticket_hash=ticket.ticket_hash,
                    purpose=ticket.purpose.value,
                    name=ticket.name,
                    connection_id=ticket.connection_id,
                    expires_at=ticket.expires_at,
                )
            )

        self._write(work)

    def ticket(self, ticket_hash: bytes) -> Ticket | None:
        """See `ConnectionRepository.ticket`."""
        return self._read(lambda transaction: _ticket(transaction, ticket_hash))

    def renew_ticket(self, ticket_hash: bytes, *, expires_at: datetime, now: datetime) -> Ticket:
        """See `ConnectionRepository.renew_ticket`."""

        def work(transaction: Transaction) -> Ticket:
            ticket = _ticket(transaction, ticket_hash)
            if ticket is None or not ticket.is_open(now):
                raise _ticket_not_valid()
            transaction.execute(
                update(tickets).where(tickets.c.ticket_hash == ticket_hash).values(expires_at=expires_at)
            )
            return Ticket(ticket.ticket_hash, ticket.purpose, ticket.name, ticket.connection_id, expires_at)

        return self._write(work)

    def revoke_ticket(self, ticket_hash: bytes) -> None:
        """See `ConnectionRepository.revoke_ticket`."""
        self._write(
            lambda transaction: transaction.execute(delete(tickets).where(tickets.c.ticket_hash == ticket_hash))
        )

    def close(self) -> None:
        """See `ConnectionRepository.close`."""
        self._engine.dispose()

    # Transactions

    def _read(self, work: Callable[[Transaction], _T]) -> _T:
        return self._run(work, self._engine)

    def _write(self, work: Callable[[Transaction], _T]) -> _T:
        with self._writer:
            return self._run(work, self._writing_engine)

    def _write_named(self, work: Callable[[Transaction], _T], name: str) -> _T:
        try:
            return self._write(work)
        except _UniqueNameViolated:
            raise NameTaken(name) from None

    def _run(self, work: Callable[[Transaction], _T], engine: Engine) -> _T:
        with storage_failures(self.where):
            for attempt in range(1, _TRIES + 1):
                try:
                    with engine.begin() as transaction:
                        return work(transaction)
                except IntegrityError as violation:
                    # Two services on one database may insert one name at once; the later one is told by the constraint.
                    if "name_key" in str(violation.orig):
                        raise _UniqueNameViolated from None
                    raise
                except DBAPIError as failure:
                    if attempt == _TRIES or not is_busy(failure):
                        raise
        raise AssertionError("the last try returns or raises")


class _UniqueNameViolated(Exception):
    pass


_SELECT = select(
    connections,
    select(sealed_secrets.c.field)
    .where(
        sealed_secrets.c.connection_id == connections.c.id,
        sealed_secrets.c.field == SecretField.STOREFRONT_TOKEN.value,
    )
    .exists()
    .label("storefront_token_set"),
)


def _get_row(transaction: Transaction, connection_id: str) -> RowMapping:
    row = transaction.execute(_SELECT.where(connections.c.id == connection_id)).mappings().first()
    if row is None:
        raise NotFound(
            "There is no such connection.",
            why="It was deleted, or its name or id is another.",
            next_step="`companion list` shows the connections there are.",
        )
    return row


def _get_for_change(transaction: Transaction, connection_id: str, expected_revision: int | None) -> Connection:
    transaction.execute(select(connections.c.id).where(connections.c.id == connection_id).with_for_update())
    connection = _connection_of(_get_row(transaction, connection_id))
    if expected_revision is not None and connection.revision != expected_revision:
        raise StaleRevision(
            f"The connection {connection.name!r} was changed meanwhile.",
            why=f"The change was made from revision {expected_revision}, and it is at {connection.revision} now.",
            next_step="Read the connection again and repeat the change.",
        )
    return connection


def _refuse_taken_name(transaction: Transaction, name: str, *, except_id: str | None) -> None:
    holder = transaction.execute(select(connections.c.id).where(connections.c.name_key == name_key(name))).scalar()
    if holder is not None and holder != except_id:
        raise NameTaken(name)


def _put_secrets(transaction: Transaction, connection_id: str, sealed: Mapping[SecretField, bytes]) -> None:
    for field, envelope in sealed.items():
        # Taking the envelope apart also makes sure that nothing unsealed is ever written.
        key_id = envelope_from_bytes(envelope).wrapped_key.key_id
        transaction.execute(
            insert(sealed_secrets).values(
                connection_id=connection_id, field=field.value, key_id=key_id, envelope=envelope
            )
        )


def _delete_secrets(transaction: Transaction, connection_id: str, field: SecretField | None = None) -> None:
    statement = delete(sealed_secrets).where(sealed_secrets.c.connection_id == connection_id)
    transaction.execute(statement if field is None else statement.where(sealed_secrets.c.field == field.value))


def _spend(
    transaction: Transaction, hand_over: TicketSpending, purpose: TicketPurpose, connection: Connection
) -> Connection | None:
    """Mark the ticket as spent on `connection`; return the connection where that was done before.

    Raises:
        NotAuthorized, NotAllowed, Conflict: as `ConnectionRepository.add` says.
    """
    held = select(tickets.c.ticket_hash).where(tickets.c.ticket_hash == hand_over.ticket_hash).with_for_update()
    transaction.execute(held)
    ticket = _ticket(transaction, hand_over.ticket_hash)
    if ticket is None:
        raise _ticket_not_valid()
    if ticket.spent is not None:
        return _spent_before(transaction, ticket.spent, hand_over)
    if not ticket.is_open(hand_over.now):
        raise _ticket_not_valid()
    allowed = (
        ticket.connection_id == connection.id
        if ticket.purpose is TicketPurpose.REPLACE
        else name_key(ticket.name) == name_key(connection.name)
    )
    if ticket.purpose is not purpose or not allowed:
        raise NotAllowed(
            "This hand-over ticket is for another connection.",
            why=f"It allows to {ticket.purpose.value} the connection {ticket.name!r} and nothing else.",
            next_step="Ask for a ticket for this connection.",
        )
    transaction.execute(
        update(tickets)
        .where(tickets.c.ticket_hash == ticket.ticket_hash)
        .values(spent_connection_id=connection.id, spent_digest=hand_over.digest)
    )
    return None


def _spent_before(transaction: Transaction, spent: Spent, hand_over: TicketSpending) -> Connection:
    if hmac.compare_digest(spent.digest, hand_over.digest):
        row = transaction.execute(_SELECT.where(connections.c.id == spent.connection_id)).mappings().first()
        if row is not None:
            return _connection_of(row)
    raise Conflict(
        "This hand-over ticket was used before.",
        why="A ticket serves one hand-over; the same one again is answered as the first, another one is not.",
        next_step="Ask for a new ticket.",
    )


def _ticket(transaction: Transaction, ticket_hash: bytes) -> Ticket | None:
    row = transaction.execute(select(tickets).where(tickets.c.ticket_hash == ticket_hash)).mappings().first()
    if row is None:
        return None
    spent = row["spent_connection_id"]
    return Ticket(
        ticket_hash=bytes(row["ticket_hash"]),
        purpose=TicketPurpose(row["purpose"]),
        name=row["name"],
        connection_id=row["connection_id"],
        expires_at=row["expires_at"],
        spent=None if spent is None else Spent(spent, bytes(row["spent_digest"])),
    )


def _ticket_not_valid() -> NotAuthorized:
    return NotAuthorized(
        "The hand-over ticket is not valid.",
        why="It is unknown, was used, or has expired: a ticket lives for 15 minutes unless it is renewed.",
        next_step="Ask for a new ticket; `companion connect` does that by itself.",
    )


def _fact(transaction: Transaction, name: str) -> str | None:
    return transaction.execute(select(facts.c.value).where(facts.c.name == name)).scalar()


def _set_fact_once(transaction: Transaction, name: str, value: str) -> str:
    stored = _fact(transaction, name)
    if stored is None:
        transaction.execute(insert(facts).values(name=name, value=value))
    return value if stored is None else stored


def _row_of(connection: Connection) -> dict[str, Any]:
    account = connection.api_account
    return {
        "id": connection.id,
        "name": connection.name,
        "name_key": name_key(connection.name),
        "subdomain": connection.subdomain,
        "auth_type": connection.auth_type.value,
        "store_hash": connection.store_hash,
        "channel_id": connection.channel_id,
        "scopes": list(connection.scopes),
        "tags": list(connection.tags),
        "api_account_name": None if account is None else account.name,
        "api_account_client_id": None if account is None else account.client_id,
        "oauth_scopes": None if connection.oauth_scopes is None else list(connection.oauth_scopes),
        "world": connection.world.value,
        "status": connection.status.value,
        "findings": [
            {
                "code": finding.code,
                "message": finding.message,
                "action": finding.action,
                "severity": finding.severity.value,
            }
            for finding in connection.findings
        ],
        "verified_at": connection.verified_at,
        "created_at": connection.created_at,
        "updated_at": connection.updated_at,
        "revision": connection.revision,
    }


def _connection_of(row: RowMapping) -> Connection:
    account = row["api_account_name"]
    oauth_scopes = row["oauth_scopes"]
    return Connection(
        id=row["id"],
        name=row["name"],
        subdomain=row["subdomain"],
        auth_type=AuthType(row["auth_type"]),
        store_hash=row["store_hash"],
        channel_id=row["channel_id"],
        scopes=tuple(row["scopes"]),
        tags=tuple(row["tags"]),
        api_account=None if account is None else ApiAccount(account, row["api_account_client_id"]),
        oauth_scopes=None if oauth_scopes is None else tuple(oauth_scopes),
        world=World(row["world"]),
        status=Status(row["status"]),
        findings=tuple(
            Finding(finding["code"], finding["message"], finding["action"], Severity(finding["severity"]))
            for finding in row["findings"]
        ),
        verified_at=row["verified_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        revision=row["revision"],
        storefront_token_set=bool(row["storefront_token_set"]),
    )


def _refused(pointer: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, fields=(FieldError(pointer, detail),))
