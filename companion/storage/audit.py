"""The audit chain in the database: the part of the repository that records, and gives what was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection as Transaction
from sqlalchemy import bindparam, insert, select, update

from companion.core.audit import FIRST, AuditEntry, Deed, Told, entry_mac, sealed_head
from companion.core.audit_actions import AuditAction
from companion.core.connection import Connection
from companion.core.envelope import audit_key_associated_data
from companion.core.errors import FieldError, InvalidInput
from companion.core.paging import MAX_PAGE
from companion.ports.audit import AuditFilter, AuditPage, AuditRecorder, StoredChain
from companion.storage.audit_rows import entries_of, entry_of, head_of, row_of, stored_chapters
from companion.storage.prepared import Prepared
from companion.storage.sealed import stored_under
from companion.storage.tables import audit, audit_chapter_entries, audit_head
from companion.storage.transactions import Transactions

_HEAD = Prepared(select(audit_head).with_for_update())
_SET_HEAD = Prepared(
    update(audit_head).values(count=bindparam("new_count"), mac=bindparam("new_mac"), seal=bindparam("new_seal"))
)
_INSERT_ENTRY = Prepared(insert(audit))
_ONLY = 1  # the number of the one row that the head is


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
        table = audit if wanted.chapter is None else audit_chapter_entries
        query = select(table).order_by(table.c.number.desc()).limit(limit + 1)
        if wanted.chapter is not None:
            query = query.where(table.c.chapter == wanted.chapter)
        if before is not None:
            query = query.where(table.c.number < before)
        if wanted.connection_id is not None:
            query = query.where(table.c.connection_id == wanted.connection_id)
        if wanted.action is not None:
            query = query.where(table.c.action == wanted.action.value)
        if wanted.who is not None:
            query = query.where(table.c.who == wanted.who)

        def work(transaction: Transaction) -> AuditPage:
            rows = transaction.execute(query).mappings().all()
            entries = tuple(entry_of(row) for row in rows[:limit])
            return AuditPage(entries, entries[-1].number if len(rows) > limit else None)

        return self._read(work)

    @contextmanager
    def audit_chain(self) -> Iterator[StoredChain]:
        """See `AuditRepository.audit_chain`."""
        with self._as_of_one_moment() as transaction:
            yield self._chain(transaction)

    def forget_audit_key(self) -> None:
        """See `AuditRepository.forget_audit_key`."""
        self._opened = None

    def _chain(self, transaction: Transaction) -> StoredChain:
        row = transaction.execute(select(audit_head)).mappings().first()
        recorder = self._recorder
        key = None if row is None or recorder is None else self._key(row["envelope"], recorder)
        chapters = () if recorder is None else stored_chapters(transaction, recorder.open_key)
        entries = entries_of(transaction, select(audit).order_by(audit.c.number))
        return StoredChain(None if row is None else head_of(row), key, entries, chapters)

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
        row = _HEAD.first(transaction)
        count, mac = (0, FIRST) if row is None else (row["count"], bytes(row["mac"]))
        key = self._begin(transaction, self._recorder) if row is None else self._key(row["envelope"], self._recorder)
        rows = []
        for each in told:
            count += 1
            mac = entry_mac(key, mac, count, each)
            rows.append(row_of(AuditEntry(count, each, mac)))
        _INSERT_ENTRY.change_each(transaction, rows)
        head = sealed_head(key, count, mac)
        _SET_HEAD.change(transaction, new_count=head.count, new_mac=head.mac, new_seal=head.seal)

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
