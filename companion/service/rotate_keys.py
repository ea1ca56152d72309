"""Bring every sealed record under a new key-encryption key, while others read and write."""

from __future__ import annotations

from collections.abc import Callable

from companion.core.key_usage import Rotation, Unopened
from companion.ports.keys import RewrappingKeys
from companion.ports.sealed_records import SealedRecords

BATCH = 500
"""How many records one transaction rewraps: some milliseconds, for which a writer may have to wait."""

_ROUNDS = 10


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
