"""The audit chain in the database: the part of the repository that records, and gives what was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping, insert, select, update

from companion.core.audit import FIRST, AuditEntry, Deed, Head, Told, entry_mac, sealed_head
from companion.core.audit_actions import AuditAction
from companion.core.connection import Connection
from companion.core.envelope import audit_key_associated_data
from companion.core.errors import FieldError, InvalidInput
from companion.core.paging import MAX_PAGE
from companion.ports import AuditFilter, AuditPage, AuditRecorder, StoredChain
from companion.storage.failures import storage_failures
from companion.storage.sealed import stored_under
from companion.storage.tables import audit, audit_head
from companion.storage.transactions import Transactions

_ONLY = 1  # the number of the one row that the head is
_AT_A_TIME = 500


class AuditStorage(Transactions):
    """An `AuditRepository`, and what records for the other parts of the repository."""

    _recorder: AuditRecorder | None = None
    # The chain's key, by the envelope it came out of: a key that was rewrapped meanwhile is opened anew.
    _opened: tuple[bytes, bytes] | None = None

    def record_with(self, recorder: AuditRecorder) -> None:
        """See `AuditRepository.record_with`."""
        self._recorder = recorder

    def record(self, told: Sequence[Told]) -> None:
        """See `AuditRepository.record`."""
        if told:
            self._write(lambda transaction: self._append(transaction, told))

    def audit_page(self, wanted: AuditFilter, *, limit: int, before: int | None = None) -> AuditPage:
        """See `AuditRepository.audit_page`."""
        if not 1 <= limit <= MAX_PAGE:
            detail = f"A page has 1 to {MAX_PAGE} entries."
            raise InvalidInput(detail, fields=(FieldError("/limit", detail),))
        query = select(audit).order_by(audit.c.number.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(audit.c.number < before)
        if wanted.connection_id is not None:
            query = query.where(audit.c.connection_id == wanted.connection_id)
        if wanted.action is not None:
            query = query.where(audit.c.action == wanted.action.value)
        if wanted.who is not None:
            query = query.where(audit.c.who == wanted.who)

        def work(transaction: Transaction) -> AuditPage:
            rows = transaction.execute(query).mappings().all()
            entries = tuple(_entry_of(row) for row in rows[:limit])
            return AuditPage(entries, entries[-1].number if len(rows) > limit else None)

        return self._read(work)

    @contextmanager
    def audit_chain(self) -> Iterator[StoredChain]:
        """See `AuditRepository.audit_chain`."""
        # One moment for all of it: PostgreSQL would else look anew with each statement.
        engine = self._engine
        if engine.dialect.name != "sqlite":
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with storage_failures(self.where), engine.begin() as transaction:
            row = transaction.execute(select(audit_head)).mappings().first()
            head = None if row is None else _head_of(row)
            key = None if row is None or self._recorder is None else self._key(row["envelope"], self._recorder)
            rows = transaction.execution_options(yield_per=_AT_A_TIME).execute(select(audit).order_by(audit.c.number))
            with closing(rows):  # who finds a break reads no further
                yield StoredChain(head, key, (_entry_of(row) for row in rows.mappings()))

    def _record(self, transaction: Transaction, deed: Deed) -> None:
        """Append what was done just now, in the transaction that does it."""
        if self._recorder is not None:
            self._append(transaction, (self._recorder.told(deed),))

    def _record_of(self, transaction: Transaction, action: AuditAction, done_to: Connection, detail: str = "") -> None:
        self._record(transaction, Deed(action, done_to.id, done_to.name, detail=detail))

    def _append(self, transaction: Transaction, told: Iterable[Told]) -> None:
        if self._recorder is None:
            return
        # Held until the end of the transaction, so that no other appends to the same end.
        row = transaction.execute(select(audit_head).with_for_update()).mappings().first()
        count, mac = (0, FIRST) if row is None else (row["count"], bytes(row["mac"]))
        key = self._begin(transaction, self._recorder) if row is None else self._key(row["envelope"], self._recorder)
        for each in told:
            count += 1
            mac = entry_mac(key, mac, count, each)
            transaction.execute(insert(audit).values(_row_of(AuditEntry(count, each, mac))))
        head = sealed_head(key, count, mac)
        transaction.execute(update(audit_head).values(count=head.count, mac=head.mac, seal=head.seal))

    def _begin(self, transaction: Transaction, recorder: AuditRecorder) -> bytes:
        key, envelope = recorder.new_key()
        head = sealed_head(key, 0, FIRST)
        key_id, envelope = stored_under(
            transaction, envelope, audit_key_associated_data(self._folder_id(transaction)), self._rewrap
        )
        transaction.execute(
            insert(audit_head).values(
                number=_ONLY,
                key_id=key_id,
                envelope=envelope,
                count=0,
                mac=FIRST,
                seal=head.seal,
            )
        )
        return key

    def _key(self, stored: bytes, recorder: AuditRecorder) -> bytes:
        envelope = bytes(stored)
        if self._opened is not None and self._opened[0] == envelope:
            return self._opened[1]
        key = recorder.open_key(envelope)
        self._opened = (envelope, key)
        return key


def _head_of(row: RowMapping) -> Head:
    return Head(row["count"], bytes(row["mac"]), bytes(row["seal"]))


def _row_of(entry: AuditEntry) -> dict[str, object]:
    told, deed = entry.told, entry.told.deed
    return {
        "number": entry.number,
        "at": told.at,
        "who": told.who,
        "action": str(deed.action),
        "connection_id": deed.connection_id,
        "connection_name": deed.connection_name,
        "outcome": deed.outcome,
        "detail": deed.detail,
        "mac": entry.mac,
    }


def _entry_of(row: RowMapping) -> AuditEntry:
    deed = Deed(row["action"], row["connection_id"], row["connection_name"], row["outcome"], row["detail"])
    return AuditEntry(row["number"], Told(deed, row["who"], row["at"]), bytes(row["mac"]))
