"""The repository on SQLAlchemy: connections, sealed secrets, tickets.

Each method is one transaction. Nothing here knows which database it speaks to; `FOR UPDATE` holds a row on PostgreSQL
and is left out on SQLite, where a writing transaction holds the whole file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace as with_changes
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection as Transaction
from sqlalchemy import Engine, RowMapping, delete, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from companion.core.audit import Deed
from companion.core.audit_actions import AuditAction
from companion.core.connection import (
    Connection,
    Finding,
    Status,
    World,
    name_key,
)
from companion.core.envelope import associated_data
from companion.core.errors import (
    FieldError,
    InvalidInput,
    NameTaken,
    NotFound,
    StaleRevision,
    WrongKey,
)
from companion.core.ids import is_id
from companion.core.key_usage import KeyUsage
from companion.core.paging import MAX_PAGE
from companion.core.tickets import Ticket, TicketPurpose
from companion.ports import (
    ConnectionConflict,
    KeptSession,
    OnConflict,
    Page,
    RewrappedBatch,
    SecretField,
    StoredConnection,
    TicketSpending,
)
from companion.storage import backup_rows, schema, sealed
from companion.storage.audit import AuditStorage
from companion.storage.callers import CallerStorage
from companion.storage.exports import ExportStorage
from companion.storage.failures import UniqueNameViolated, is_busy, storage_failures
from companion.storage.rows import SELECT_CONNECTIONS, connection_of, row_of
from companion.storage.session_rows import delete_session, delete_sessions, put_session, sessions_in
from companion.storage.tables import connections, facts, sealed_secrets, tickets
from companion.storage.ticket_rows import spend, ticket_not_valid, ticket_with_hash

# Set on a SQLAlchemy connection whose transaction is going to write.
WRITES = "companion_writes"

_TRIES = 6
_TICKETS_ARE_KEPT_FOR = timedelta(days=1)
_FOLDER_ID = "folder_id"

_T = TypeVar("_T")


class SqlRepository(AuditStorage, CallerStorage, ExportStorage):
    """A `Repository`, `SessionRepository`, `SealedRecords` and `BackupStorage`.

    Safe to share between threads, and beside other processes.
    """

    def __init__(self, engine: Engine, *, where: str, rewrap: sealed.Rewrap | None = None) -> None:
        """Take over the engine.

        Args:
            where: what errors call the database; no password in it.
            rewrap: brings an envelope under the present key, where its own was rotated away while it was on its way;
                without it that is an error.
        """
        self.where = where
        self._rewrap = rewrap
        self._engine = engine
        self._writing_engine = engine.execution_options(**{WRITES: True})
        # SQLite lets waiting processes poll, with growing pauses. Threads of one process queue up here instead.
        self._writer: AbstractContextManager[Any] = Lock() if engine.dialect.name == "sqlite" else nullcontext()

    # Schema

    def is_current(self) -> bool:
        """Say whether the database has the present schema."""
        return self._read(schema.is_current)

    def older_schema(self) -> str | None:
        """Return the id of the database's schema where it is an older one, which `migrate` would change, else None."""
        return self._read(schema.older_than_ours)

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
                before = spend(transaction, hand_over, TicketPurpose.CREATE, connection)
                if before is not None:
                    return before
            stored = with_changes(connection, revision=1, storefront_token_set=SecretField.STOREFRONT_TOKEN in secrets)
            _refuse_taken_name(transaction, stored.name, except_id=None)
            transaction.execute(insert(connections).values(row_of(stored)))
            _put_secrets(transaction, stored, secrets, self._rewrap)
            self._record_of(transaction, AuditAction.ADD if hand_over is None else AuditAction.HAND_OVER, stored)
            return stored

        return self._write_named(work, connection.name)

    def get(self, connection_id: str) -> Connection:
        """See `ConnectionRepository.get`."""
        return self._read(lambda transaction: connection_of(_get_row(transaction, connection_id)))

    def get_with_secrets(self, connection_id: str) -> StoredConnection:
        """See `ConnectionRepository.get_with_secrets`."""

        def work(transaction: Transaction) -> StoredConnection:
            connection = connection_of(_get_row(transaction, connection_id))
            rows = transaction.execute(
                select(sealed_secrets.c.field, sealed_secrets.c.envelope).where(
                    sealed_secrets.c.connection_id == connection_id
                )
            )
            return StoredConnection(connection, {SecretField(field): bytes(envelope) for field, envelope in rows})

        return self._read(work)

    def find(self, name_or_id: str) -> Connection:
        """See `ConnectionRepository.find`."""
        if not _can_be_stored(name_or_id):
            raise _no_such_connection()

        def work(transaction: Transaction) -> Connection:
            row = (
                transaction.execute(SELECT_CONNECTIONS.where(connections.c.name_key == name_key(name_or_id)))
                .mappings()
                .first()
            )
            return connection_of(row if row is not None else _get_row(transaction, name_or_id.strip().lower()))

        return self._read(work)

    def page(self, *, limit: int, after: str | None = None) -> Page:
        """See `ConnectionRepository.page`."""
        if not 1 <= limit <= MAX_PAGE:
            raise _refused("/limit", f"A page has 1 to {MAX_PAGE} connections.")
        if after is not None and not is_id(after):
            raise _refused("/after", "This is not where a page ended. Use what the page before it gave.")
        query = SELECT_CONNECTIONS.order_by(connections.c.id).limit(limit + 1)
        if after is not None:
            query = query.where(connections.c.id > after)

        def work(transaction: Transaction) -> Page:
            rows = transaction.execute(query).mappings().all()
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
            _refuse_taken_name(transaction, stored.name, except_id=stored.id)
            transaction.execute(update(connections).where(connections.c.id == stored.id).values(row_of(stored)))
            _delete_secrets(transaction, stored.id)
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
            _refuse_taken_name(transaction, stored.name, except_id=stored.id)
            transaction.execute(update(connections).where(connections.c.id == stored.id).values(row_of(stored)))
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
            deed = Deed(AuditAction.ISSUE_TICKET, ticket.connection_id, ticket.name, detail=ticket.purpose.value)
            self._record(transaction, deed)

        self._write(work)

    def ticket(self, ticket_hash: bytes) -> Ticket | None:
        """See `ConnectionRepository.ticket`."""
        return self._read(lambda transaction: ticket_with_hash(transaction, ticket_hash))

    def renew_ticket(self, ticket_hash: bytes, *, expires_at: datetime, now: datetime) -> Ticket:
        """See `ConnectionRepository.renew_ticket`."""

        def work(transaction: Transaction) -> Ticket:
            ticket = ticket_with_hash(transaction, ticket_hash)
            if ticket is None or not ticket.is_open(now):
                raise ticket_not_valid()
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

    # Kept browser sessions

    def put_session(self, session: KeptSession) -> None:
        """See `SessionRepository.put_session`."""

        def work(transaction: Transaction) -> None:
            connection = connection_of(_get_row(transaction, session.connection_id))
            put_session(transaction, session, self._folder_id(transaction), self._rewrap)
            self._record_of(transaction, AuditAction.KEEP_SESSION, connection)

        self._write(work)

    def sessions(self, world: World) -> tuple[KeptSession, ...]:
        """See `SessionRepository.sessions`."""
        return self._read(lambda transaction: sessions_in(transaction, world))

    def drop_session(self, user: bytes, world: World) -> None:
        """See `SessionRepository.drop_session`."""

        def work(transaction: Transaction) -> None:
            if delete_session(transaction, user, world):
                self._record(transaction, Deed(AuditAction.DROP_SESSION))

        self._write(work)

    def drop_sessions(self) -> int:
        """See `SessionRepository.drop_sessions`."""
        return self._write(delete_sessions)

    # Backup

    def everything(self) -> Iterator[StoredConnection]:
        """See `BackupStorage.everything`."""
        engine = self._engine
        if engine.dialect.name != "sqlite":  # whose transactions always read as of one moment
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with storage_failures(self.where), engine.begin() as transaction:
            yield from backup_rows.everything(transaction)

    def conflicts_with(self, connections_: Sequence[tuple[str, str]]) -> tuple[ConnectionConflict, ...]:
        """See `BackupStorage.conflicts_with`."""
        return self._read(lambda transaction: backup_rows.conflicts_with(transaction, connections_))

    def restore(
        self, connections_: Callable[[], Iterator[StoredConnection]], on_conflict: OnConflict
    ) -> tuple[tuple[str, ...], tuple[str, ...], int]:
        """See `BackupStorage.restore`."""

        def work(transaction: Transaction) -> tuple[tuple[str, ...], tuple[str, ...], int]:
            done = backup_rows.restore(transaction, connections_(), on_conflict, self._rewrap)
            kept, replaced, stored = done
            detail = f"{stored} connections, {len(replaced)} of them in place of others; {len(kept)} kept"
            self._record(transaction, Deed(AuditAction.RESTORE, detail=detail))
            return done

        return self._write(work)

    # What is under which key

    def key_usage(self) -> tuple[KeyUsage, ...]:
        """See `SealedRecords.key_usage`."""
        return self._read(sealed.usage)

    def start_rewrapping(self, active: str, others: Collection[str]) -> None:
        """See `SealedRecords.start_rewrapping`."""
        self._write(lambda transaction: sealed.start_rewrapping(transaction, active, others))

    def rewrap_all(self, active: str, rewrap: sealed.Rewrap, *, batch: int) -> Iterator[RewrappedBatch]:
        """See `SealedRecords.rewrap_all`."""
        folder_id = self._read(lambda transaction: _fact(transaction, _FOLDER_ID)) or ""
        for column in sealed.SEALED:
            some = partial(sealed.rewrap_some, folder_id=folder_id, active=active, limit=batch, rewrap=rewrap)
            after: tuple[Any, ...] | None = None
            while done := self._write(partial(some, column=column, after=after)):
                yield done
                after = done.last

    def retire(self, key_ids: Collection[str]) -> frozenset[str]:
        """See `SealedRecords.retire`."""
        return self._write(lambda transaction: sealed.retire(transaction, key_ids))

    def close(self) -> None:
        """See `ConnectionRepository.close`."""
        self._engine.dispose()

    # Transactions

    def _folder_id(self, transaction: Transaction) -> str:
        return _fact(transaction, _FOLDER_ID) or ""

    def _record_of(self, transaction: Transaction, action: AuditAction, done_to: Connection, detail: str = "") -> None:
        self._record(transaction, Deed(action, done_to.id, done_to.name, detail=detail))

    def _read(self, work: Callable[[Transaction], _T]) -> _T:
        return self._run(work, self._engine)

    def _write(self, work: Callable[[Transaction], _T]) -> _T:
        with self._writer:
            return self._run(work, self._writing_engine)

    def _write_named(self, work: Callable[[Transaction], _T], name: str) -> _T:
        try:
            return self._write(work)
        except UniqueNameViolated:
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
                        raise UniqueNameViolated from None
                    if attempt == _TRIES:
                        raise  # not because another service wrote the same first: the next try would have seen that
                except DBAPIError as failure:
                    if attempt == _TRIES or not is_busy(failure):
                        raise
        raise AssertionError("the last try returns or raises")


def _get_row(transaction: Transaction, connection_id: str) -> RowMapping:
    row = transaction.execute(SELECT_CONNECTIONS.where(connections.c.id == connection_id)).mappings().first()
    if row is None:
        raise _no_such_connection()
    return row


def _no_such_connection() -> NotFound:
    return NotFound(
        "There is no such connection.",
        why="It was deleted, or its name or id is another.",
        next_step="`companion list` shows the connections there are.",
    )


def _can_be_stored(text: str) -> bool:
    """Say whether a database takes this for text: bytes of a command line need not be any."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _get_for_change(transaction: Transaction, connection_id: str, expected_revision: int | None) -> Connection:
    transaction.execute(select(connections.c.id).where(connections.c.id == connection_id).with_for_update())
    connection = connection_of(_get_row(transaction, connection_id))
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


def _put_secrets(
    transaction: Transaction, connection: Connection, secrets: Mapping[SecretField, bytes], rewrap: sealed.Rewrap | None
) -> None:
    for field, given in secrets.items():
        bound = associated_data(connection_id=connection.id, field=field, store_hash=connection.store_hash)
        key_id, envelope = sealed.stored_under(transaction, given, bound, rewrap)
        transaction.execute(
            insert(sealed_secrets).values(
                connection_id=connection.id, field=field.value, key_id=key_id, envelope=envelope
            )
        )


def _delete_secrets(transaction: Transaction, connection_id: str, field: SecretField | None = None) -> None:
    statement = delete(sealed_secrets).where(sealed_secrets.c.connection_id == connection_id)
    transaction.execute(statement if field is None else statement.where(sealed_secrets.c.field == field.value))


def _fact(transaction: Transaction, name: str) -> str | None:
    return transaction.execute(select(facts.c.value).where(facts.c.name == name)).scalar()


def _set_fact_once(transaction: Transaction, name: str, value: str) -> str:
    stored = _fact(transaction, name)
    if stored is None:
        transaction.execute(insert(facts).values(name=name, value=value))
    return value if stored is None else stored


def _refused(pointer: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, fields=(FieldError(pointer, detail),))
