"""What is under which key-encryption key, in the database, and how it comes under another."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from companion.core.key_usage import KeyUsage
from companion.ports.sealed_records import RewrappedBatch, SealedRecord
from companion.storage import sealed
from companion.storage.failures import storage_failures
from companion.storage.transactions import FOLDER_ID, Transactions, fact


class KeyRecordStorage(Transactions):
    """A `SealedRecords`."""

    def key_usage(self) -> tuple[KeyUsage, ...]:
        """See `SealedRecords.key_usage`."""
        return self._read(sealed.usage)

    def sealed_records(self) -> Iterator[SealedRecord]:
        """See `SealedRecords.sealed_records`."""
        engine = self._engine
        if engine.dialect.name != "sqlite":  # whose transactions always read as of one moment
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with storage_failures(self.where), engine.begin() as transaction:
            yield from sealed.every_record(transaction, self._folder_id(transaction))

    def start_rewrapping(self, active: str, others: Collection[str]) -> None:
        """See `SealedRecords.start_rewrapping`."""
        self._write(lambda transaction: sealed.start_rewrapping(transaction, active, others))

    def rewrap_all(self, active: str, rewrap: sealed.Rewrap, *, batch: int) -> Iterator[RewrappedBatch]:
        """See `SealedRecords.rewrap_all`."""
        folder_id = self._read(lambda transaction: fact(transaction, FOLDER_ID)) or ""
        for column in sealed.SEALED:
            some = partial(sealed.rewrap_some, folder_id=folder_id, active=active, limit=batch, rewrap=rewrap)
            after: tuple[Any, ...] | None = None
            while done := self._write(partial(some, column=column, after=after)):
                yield done
                after = done.last

    def retire(self, key_ids: Collection[str]) -> frozenset[str]:
        """See `SealedRecords.retire`."""
        return self._write(lambda transaction: sealed.retire(transaction, key_ids))
