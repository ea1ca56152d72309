"""The ports to the audit chain: what it is recorded with, and read by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from companion.core.audit import AuditEntry, Deed, Head, Told
from companion.core.audit_actions import AuditAction


class AuditRecorder(Protocol):
    """What a repository records with; the chain's key passes through the key provider only here."""

    def told(self, deed: Deed) -> Told:
        """Return the deed with who does it and when."""
        ...

    def new_key(self) -> tuple[bytes, bytes]:
        """Make a key for a new chain; returns it and its envelope's bytes."""
        ...

    def seal_key(self, key: bytes, chapter: int | None = None) -> bytes:
        """Return the envelope's bytes for the key of a chain; with `chapter` for that of an earlier one."""
        ...

    def open_key(self, envelope: bytes, chapter: int | None = None) -> bytes:
        """Return the key of the chain, or of an earlier chapter. Raises `Tampered`, `WrongKey`, `KeysUnavailable`."""
        ...


@dataclass(frozen=True)
class AuditFilter:
    """Which entries of the audit chain are wanted; None does not matter.

    Attributes:
        chapter: of this earlier chapter; None for the chain that goes on.
    """

    connection_id: str | None = None
    action: AuditAction | None = None
    who: str | None = None
    chapter: int | None = None


@dataclass(frozen=True)
class AuditPage:
    """One page of the audit chain, newest first.

    Attributes:
        before: the number to pass for the next page, None where this is the last.
    """

    entries: tuple[AuditEntry, ...]
    before: int | None


@dataclass(frozen=True)
class StoredChapter:
    """A chain that a backup brought along, as of one moment.

    Attributes:
        restored_at: aware, UTC.
        key: opens the chain's key; raises what `AuditRecorder.open_key` raises.
        entries: in the order of their numbers; read while they are asked for.
    """

    number: int
    restored_at: datetime
    head: Head
    key: Callable[[], bytes] = field(repr=False)
    entries: Iterable[AuditEntry] = field(repr=False)


@dataclass(frozen=True)
class StoredChain:
    """The whole audit chain as of one moment.

    Attributes:
        head, key: None where nothing was ever recorded.
        entries: in the order of their numbers; read while they are asked for.
        chapters: earlier chains, in the order of their numbers; after `entries`.
    """

    head: Head | None
    key: bytes | None = field(repr=False)
    entries: Iterable[AuditEntry] = field(repr=False)
    chapters: Iterable[StoredChapter] = field(default=(), repr=False)


class AuditRepository(Protocol):
    """The audit chain. Every method raises `StorageFailed` where the storage cannot be read or written."""

    def record_with(self, recorder: AuditRecorder) -> None:
        """Record every change from now on, in the transaction that makes it; without this, none is recorded."""
        ...

    def record(self, told: Sequence[Told]) -> None:
        """Append entries in this order, all or none. Raises what `AuditRecorder.open_key` raises."""
        ...

    def audit_page(self, wanted: AuditFilter, *, limit: int, before: int | None = None) -> AuditPage:
        """Return up to `limit` entries with numbers below `before`, newest first.

        Raises:
            InvalidInput: `limit` is not 1 to `MAX_PAGE` (points at `/limit`).
        """
        ...

    def audit_chain(self) -> AbstractContextManager[StoredChain]:
        """Give the whole chain, as long as the context lasts. Raises what `AuditRecorder.open_key` raises."""
        ...

    def forget_audit_key(self) -> None:
        """Keep the chain's key in memory no longer; it is opened again when it is needed."""
        ...
