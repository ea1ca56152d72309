"""How much a key-encryption key has done, how much it may do, and when it should be rotated.

With random 96-bit nonces a key of AES-GCM makes at most 2^32 encryptions (NIST SP 800-38D, 8.3): then two nonces are
alike with a chance of 2^-32 at most. Rotation is advised at a quarter of that, and after a year: NIST SP 800-57 Part 1
gives keys of this kind at most two years of use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MAX_ENCRYPTIONS = 2**32
ADVISED_ENCRYPTIONS = 2**30
ADVISED_AGE = timedelta(days=365)

ROTATE = "companion keys rotate"


class KeyState(StrEnum):
    """What a key-encryption key may still do in a database."""

    ACTIVE = "active"
    RETIRING = "retiring"
    """A rotation is under way: another key wraps, and this one still unwraps."""
    RETIRED = "retired"
    """Nothing is stored under it, nor will be: it can be forgotten."""


@dataclass(frozen=True)
class KeyUsage:
    """One key-encryption key, as the database knows it.

    Attributes:
        records: how many sealed records are under it now.
        encryptions: how many data keys it has wrapped that were stored at some time.
        first_used_at: aware, UTC.
    """

    key_id: str
    state: KeyState
    records: int
    encryptions: int
    first_used_at: datetime


@dataclass(frozen=True)
class Advice:
    """Something to do about the keys.

    Attributes:
        code: stable name of the cause, in kebab case.
        due: it should be done; else it is only told.
    """

    code: str
    message: str
    action: str
    due: bool = True


@dataclass(frozen=True)
class Unopened:
    """A sealed record that could not be rewrapped; it stays as it is.

    Attributes:
        what: kind of record.
        place: where it is, in words without secrets: for a connection's secret its id and the field.
        why: as the error says.
    """

    what: str
    place: str
    why: str


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


def advice_on_keys(
    usage: Sequence[KeyUsage], *, active: str, held: frozenset[str] | None, unfinished: bool, now: datetime
) -> tuple[Advice, ...]:
    """Say what should be done about the keys of a data folder; the most pressing first.

    Args:
        held: the ids of the keys that the provider holds; None where it cannot be asked now.
        unfinished: a rotation, or a move to another provider, was begun and has not come to its end.
    """
    found: list[Advice] = []
    missing = [each for each in usage if held is not None and each.records and each.key_id not in held]
    for key in missing:
        records = f"{key.records} stored secret{'' if key.records == 1 else 's'}"
        found.append(
            Advice(
                "key-missing",
                f"{records} cannot be opened: the provider does not hold {key.key_id}.",
                "Bring that key back, restore a backup, or give those access tokens again.",
            )
        )
    if unfinished:
        found.append(
            Advice("rotation-unfinished", "A change of the key was begun and is not finished.", f"Run: {ROTATE}")
        )
    used = next((each for each in usage if each.key_id == active), None)
    if used is not None and used.encryptions >= ADVISED_ENCRYPTIONS:
        found.append(
            Advice(
                "key-much-used",
                f"The key has made {used.encryptions:,} of the {MAX_ENCRYPTIONS:,} encryptions that one key may make.",
                f"Run: {ROTATE}",
            )
        )
    if used is not None and now - used.first_used_at >= ADVISED_AGE:
        found.append(
            Advice("key-old", f"The key has been in use for {(now - used.first_used_at).days} days.", f"Run: {ROTATE}")
        )
    return tuple(found)
