"""The port to all that is sealed, as what is under some key-encryption key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from companion.core.key_usage import KeyUsage, Unopened


@dataclass(frozen=True)
class RewrappedBatch:
    """What one transaction of a rotation did.

    Attributes:
        rewrapped: how many records.
        last: where it ended.
    """

    rewrapped: int
    unopened: tuple[Unopened, ...]
    last: tuple[Any, ...]


@dataclass(frozen=True)
class SealedRecord:
    """An envelope as it is stored.

    Attributes:
        what: what a person calls one of its kind, such as `secret`.
        place: where it is; for a secret the connection's id and the field.
        associated_data: what it has to be bound to there.
    """

    what: str
    place: str
    associated_data: bytes
    envelope: bytes


class SealedRecords(Protocol):
    """All sealed records, as what is under some key. Every method raises `StorageFailed`."""

    def sealed_records(self) -> Iterator[SealedRecord]:
        """Yield every sealed record as of one moment; never more than some of them are in memory."""
        ...

    def key_usage(self) -> tuple[KeyUsage, ...]:
        """Return what is known of each key-encryption key, the first used one first."""
        ...

    def start_rewrapping(self, active: str, others: Collection[str]) -> None:
        """Note that `active` wraps from now on."""
        ...

    def rewrap_all(
        self, active: str, rewrap: Callable[[bytes, bytes], bytes], *, batch: int
    ) -> Iterator[RewrappedBatch]:
        """Bring every record that is under another key under `active`, in one durable transaction a batch.

        What cannot be opened stays as it is and is named. Others read and write meanwhile.

        Args:
            rewrap: an envelope and its associated data -> the envelope under `active`.
        """
        ...

    def retire(self, key_ids: Collection[str]) -> frozenset[str]:
        """Let nothing be stored ever again under those keys that nothing is under; returns these.

        Whoever has sealed something under such a key, and stores it later, gets `KeyRetired`, in any process.
        """
        ...
