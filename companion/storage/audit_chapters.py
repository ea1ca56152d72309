"""Chains that a backup brings along, put beside the one that is here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import Table, delete, func, insert, select

from companion.core.audit import Anchor, AuditEntry, Head
from companion.core.audit_chapters import KeptChapter
from companion.core.envelope import audit_key_associated_data, chapter_key_associated_data
from companion.ports.audit import AuditRecorder
from companion.ports.backup import IncomingChain, RestoredChains
from companion.storage.audit_rows import row_of
from companion.storage.sealed import Rewrap, stored_under
from companion.storage.tables import audit, audit_chapter_entries, audit_chapters, audit_head

_ONLY = 1
_AT_ONCE = 500


@dataclass(frozen=True)
class ChainRows:
    """Puts chains into the tables, within a transaction."""

    transaction: Transaction
    recorder: AuditRecorder
    folder_id: str
    rewrap: Rewrap | None

    def put(self, chains: Iterable[IncomingChain]) -> tuple[RestoredChains, tuple[KeptChapter, ...]]:
        """Put chains beside what is here, the one that went on where they come from first.

        Where nothing was ever recorded here, that one goes on here, its chapters with their numbers, since it names
        them. Else each becomes a chapter, but for what is a part of a chain that is here already.

        Returns:
            What became of them; and the chapters that the chain here must be told of.
        """
        goes_on, entries = False, 0
        kept: list[KeptChapter] = []
        for chain in chains:
            if chain.head.count == 0:
                continue
            if chain.chapter is None:
                entries = chain.head.count
            if self._is_part_of_what_is_here(chain.head):
                continue
            if chain.chapter is None:
                goes_on = chain.whole and self._nothing_is_here()
            if not goes_on:
                kept.append(self._kept(chain))
            elif chain.chapter is None:
                self._go_on_with(chain)
            else:
                self._put_chapter(chain, chain.chapter)
        return RestoredChains(entries, goes_on, tuple(each.number for each in kept)), tuple(kept)

    def _nothing_is_here(self) -> bool:
        return self.transaction.execute(select(audit_head.c.count)).first() is None

    def _is_part_of_what_is_here(self, head: Head) -> bool:
        return any(
            self.transaction.execute(
                select(table.c.number).where(table.c.number == head.count, table.c.mac == head.mac).limit(1)
            ).first()
            for table in (audit, audit_chapter_entries)
        )

    def _go_on_with(self, chain: IncomingChain) -> None:
        self._put_entries(audit, chain.entries, {})
        bound = audit_key_associated_data(self.folder_id)
        key_id, envelope = stored_under(self.transaction, self.recorder.seal_key(chain.key), bound, self.rewrap)
        self._put_head(audit_head, chain.head, number=_ONLY, key_id=key_id, envelope=envelope)

    def _kept(self, chain: IncomingChain) -> KeptChapter:
        number = (self.transaction.execute(select(func.max(audit_chapters.c.number))).scalar() or 0) + 1
        self._put_chapter(chain, number)
        shorter = self._chapter_within(number)
        if shorter is not None:
            self.transaction.execute(delete(audit_chapters).where(audit_chapters.c.number == shorter))
        return KeptChapter(number, Anchor(chain.head.count, chain.head.mac), shorter)

    def _put_chapter(self, chain: IncomingChain, number: int) -> None:
        bound = chapter_key_associated_data(self.folder_id, number)
        sealed = self.recorder.seal_key(chain.key, number)
        key_id, envelope = stored_under(self.transaction, sealed, bound, self.rewrap)
        restored_at = chain.restored_at
        self._put_head(
            audit_chapters, chain.head, number=number, key_id=key_id, envelope=envelope, restored_at=restored_at
        )
        self._put_entries(audit_chapter_entries, chain.entries, {"chapter": number})

    def _chapter_within(self, number: int) -> int | None:
        """Return the number of another chapter that this one is a longer copy of."""
        there = audit_chapter_entries.c
        return self.transaction.execute(
            select(audit_chapters.c.number)
            .join(audit_chapter_entries, (there.number == audit_chapters.c.count) & (there.mac == audit_chapters.c.mac))
            .where(there.chapter == number, audit_chapters.c.number != number)
        ).scalar()

    def _put_head(self, table: Table, head: Head, **columns: Any) -> None:
        self.transaction.execute(insert(table).values(count=head.count, mac=head.mac, seal=head.seal, **columns))

    def _put_entries(self, table: Table, entries: Iterator[AuditEntry], columns: dict[str, Any]) -> None:
        while some := [{**row_of(each), **columns} for each in islice(entries, _AT_ONCE)]:
            self.transaction.execute(insert(table), some)
