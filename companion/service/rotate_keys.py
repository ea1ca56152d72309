"""Bring every sealed record under a new key-encryption key, while others read and write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from companion.ports import RewrappingKeys, SealedRecords, Unopened

BATCH = 500
"""How many records one transaction rewraps: some milliseconds, for which a writer may have to wait."""

_ROUNDS = 10


@dataclass(frozen=True)
class Rotation:
    """What a rotation did.

    Attributes:
        active_key_id: the key under which everything is now.
        resumed: it went on with one that was begun earlier.
        rewrapped: how many records.
        unopened: what stays under its old key, since it does not open; that key is still held.
        left_behind: what could not be cleaned up, in words.
    """

    active_key_id: str
    resumed: bool
    rewrapped: int
    unopened: tuple[Unopened, ...]
    forgotten: frozenset[str]
    left_behind: tuple[str, ...]


def rotate_keys(
    keys: RewrappingKeys,
    records: SealedRecords,
    *,
    begin: Callable[[], None] | None = None,
    told: Callable[[int], object] = lambda _rewrapped: None,
) -> Rotation:
    """Make a new key and rewrap every data key; or finish what was begun earlier, and make no further key.

    Every record opens throughout. Killed at any moment, it goes on from there when it is called again.

    Args:
        begin: makes the new key in place of `keys.begin`.
        told: called after each batch with how many records were rewrapped so far.

    Raises:
        KeysUnavailable, StorageFailed: it stopped; what is done is done, and the rest can follow later.
    """
    resumed = keys.unfinished
    if not resumed:
        (begin or keys.begin)()
    keys.announce()
    active = keys.active_key_id
    old = keys.held_key_ids - {active}
    records.start_rewrapping(active, old)
    rewrapped = 0
    forgotten: frozenset[str] = frozenset()
    unopened: list[Unopened] = []
    for _ in range(_ROUNDS):
        unopened.clear()
        before = rewrapped
        for batch in records.rewrap_all(active, keys.rewrap, batch=BATCH):
            rewrapped += batch.rewrapped
            unopened.extend(batch.unopened)
            told(rewrapped)
        forgotten = records.retire(old)
        # Who sealed under an old key just before may have stored it behind our back: then one more round finds it.
        if forgotten == old or (unopened and rewrapped == before):
            break
    return Rotation(active, resumed, rewrapped, tuple(unopened), forgotten, keys.finish(forgotten))
