"""The port to all connections and audit chains at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from companion.core.audit import AuditEntry, Head
from companion.core.errors import CompanionError
from companion.ports.audit import StoredChain
from companion.ports.connections import StoredConnection


class OnConflict(StrEnum):
    """What becomes of a connection of a backup whose name or id is here already."""

    STOP = "stop"
    KEEP = "keep"
    REPLACE = "replace"


@dataclass(frozen=True)
class ConnectionConflict:
    """A connection of a backup that is here already.

    Attributes:
        id: the backup's.
        name: the backup's.
        stored_name: of what is here, with the same name or the same id.
    """

    id: str
    name: str
    stored_name: str


@dataclass(frozen=True)
class Everything:
    """What goes into a backup, all as of one moment.

    Attributes:
        connections: with their secrets.
        chain: the audit chain; the error where its key does not open.
    """

    connections: Iterator[StoredConnection]
    chain: StoredChain | CompanionError


@dataclass(frozen=True)
class IncomingChain:
    """An audit chain out of a backup.

    Attributes:
        chapter: its number as an earlier chapter, where it was one; None for the chain that went on.
        restored_at: aware, UTC.
        whole: whether nothing is wrong with it.
        entries: in the order of their numbers; all are to be taken before the next chain is.
    """

    chapter: int | None
    restored_at: datetime
    whole: bool
    head: Head
    key: bytes = field(repr=False)
    entries: Iterator[AuditEntry] = field(repr=False)


@dataclass(frozen=True)
class RestoredChains:
    """What became of the audit chains of a backup.

    Attributes:
        entries: of the chain that went on where the backup was made; 0 where the backup has none.
        goes_on: it goes on here, since nothing had been recorded.
        chapters: the numbers under which chains are kept beside the one here; none that is a part of one here.
    """

    entries: int = 0
    goes_on: bool = False
    chapters: tuple[int, ...] = ()


@dataclass(frozen=True)
class RestoredRows:
    """What a restore stored.

    Attributes:
        kept: names of connections that stayed as they are here.
        replaced: names of connections that the backup's took the place of.
    """

    connections: int
    kept: tuple[str, ...]
    replaced: tuple[str, ...]
    chains: RestoredChains


class BackupStorage(Protocol):
    """All connections at once, and the audit chain. Every method raises `StorageFailed`."""

    def everything(self) -> AbstractContextManager[Everything]:
        """Give every connection and the audit chain, as long as the context lasts."""
        ...

    def conflicts_with(self, connections_: Sequence[tuple[str, str]]) -> tuple[ConnectionConflict, ...]:
        """Return which of these, by id and name, are here already."""
        ...

    def restore(
        self,
        connections_: Callable[[], Iterator[StoredConnection]],
        chains: Callable[[], Iterator[IncomingChain]],
        on_conflict: OnConflict,
    ) -> RestoredRows:
        """Store connections as they are and audit chains beside the one here, in one transaction.

        Args:
            connections_: begins to yield them anew each time; a transaction may have to be tried again.
            chains: likewise; the one that went on comes first.

        Raises:
            NameTaken: one is here, and `on_conflict` says to stop. What the iterator raises; nothing was changed.
        """
        ...
