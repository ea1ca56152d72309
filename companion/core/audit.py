"""The audit chain: who did what to which connection, when, and with what outcome; never a secret.

Each entry carries an HMAC-SHA-256 (RFC 2104) over itself and the HMAC of the entry before it, under a key that the key
provider seals. The head says how many entries there are and what the last one's HMAC is, under that key too. So a
changed, dropped, added or reordered entry shows, and so does a missing tail; what does not show is said in
`docs/security.md`.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from companion.core.errors import FieldError, InvalidInput

KEY_BYTES = 32
MAC_BYTES = 32
FIRST = bytes(MAC_BYTES)
"""What stands before the first entry in place of an HMAC."""

LONGEST_DETAIL = 500
DONE = "done"

_encoded = json.JSONEncoder(separators=(",", ":")).encode
_ANCHOR = re.compile(r"(0|[1-9][0-9]{0,18}):([0-9a-f]{64})")


@dataclass(frozen=True)
class Deed:
    """What was done, before it is known who did it and when.

    Attributes:
        action: an `AuditAction`; of a stored entry whatever stands there.
        connection_id, connection_name: of the connection it was done to, as it was called then; None where it was to
            none.
        outcome: `done`, the code of the problem that stopped it, or the status of BigCommerce's answer.
        detail: such as which call; up to `LONGEST_DETAIL` characters, no secret.
    """

    action: str
    connection_id: str | None = None
    connection_name: str | None = None
    outcome: str = DONE
    detail: str = ""


@dataclass(frozen=True)
class Told:
    """A deed with who did it and when: all of an entry but its place.

    Attributes:
        at: aware, UTC, to the microsecond.
        who: `user`, `tool NAME`, `hand-over ticket`, …
    """

    deed: Deed
    who: str
    at: datetime


@dataclass(frozen=True)
class AuditEntry:
    """One link of the chain.

    Attributes:
        number: 1 is the first; without gaps.
        mac: 32 bytes.
    """

    number: int
    told: Told
    mac: bytes


@dataclass(frozen=True)
class Head:
    """The end of the chain.

    Attributes:
        count: how many entries there are.
        mac: of the last one; `FIRST` where there is none.
        seal: HMAC of both.
    """

    count: int
    mac: bytes
    seal: bytes


@dataclass(frozen=True)
class Anchor:
    """A head that was written down elsewhere: what the chain was at least, and how it went on from there."""

    count: int
    mac: bytes

    def __str__(self) -> str:
        return f"{self.count}:{self.mac.hex()}"


@dataclass(frozen=True)
class Finding:
    """What is wrong with a chain.

    Attributes:
        number: of the first entry that does not fit.
    """

    number: int
    why: str


def entry_mac(key: bytes, previous: bytes, number: int, told: Told) -> bytes:
    """Return the HMAC of an entry that follows one with the HMAC `previous`."""
    deed = told.deed
    content = [
        "entry",
        previous.hex(),
        number,
        told.at.isoformat(timespec="microseconds"),
        told.who,
        deed.action,
        deed.connection_id,
        deed.connection_name,
        deed.outcome,
        deed.detail,
    ]
    return _hmac(key, content)


def sealed_head(key: bytes, count: int, mac: bytes) -> Head:
    """Return the head of a chain of `count` entries whose last has the HMAC `mac`."""
    return Head(count, mac, _hmac(key, ["head", count, mac.hex()]))


class Walk:
    """Goes along a chain from its first entry to its last, one at a time, and finds the first thing that is wrong."""

    def __init__(self, key: bytes, head: Head, anchors: Sequence[Anchor] = ()) -> None:
        """Begin before the first entry.

        Args:
            head: as stored.
            anchors: heads that were kept elsewhere, which this chain must go through.
        """
        self._key = key
        self._head = head
        self._waiting = {anchor.count: anchor.mac for anchor in anchors if anchor.count or anchor.mac != FIRST}
        self._previous, self._number = FIRST, 0
        self._broken: Finding | None = None
        if not hmac.compare_digest(sealed_head(key, head.count, head.mac).seal, head.seal):
            self._broken = Finding(head.count, "The head, which says how many entries there are, was changed.")

    def step(self, entry: AuditEntry) -> Finding | None:
        """Go on to the next entry; returns what is wrong so far. Past the first break nothing more is looked for."""
        if self._broken is None:
            self._number += 1
            self._broken = self._wrong_with(entry)
            self._previous = entry.mac
        return self._broken

    def end(self) -> Finding | None:
        """Say, after the last entry, what is wrong; None where the chain is whole."""
        if self._broken is not None:
            return self._broken
        number, head = self._number, self._head
        if number < head.count:
            return Finding(number + 1, f"The end is missing: {head.count - number} entries after entry {number}.")
        if number > head.count or not hmac.compare_digest(self._previous, head.mac):
            return Finding(number, "There are entries after the head.")
        if self._waiting:
            return Finding(number + 1, "The end is missing: the anchor was taken of a longer record.")
        return None

    def _wrong_with(self, entry: AuditEntry) -> Finding | None:
        number = self._number
        if entry.number != number:
            return Finding(number, f"Entry {number} is missing.")
        if not hmac.compare_digest(entry_mac(self._key, self._previous, number, entry.told), entry.mac):
            return Finding(number, f"Entry {number} was changed, or stands in another's place.")
        anchored = self._waiting.pop(number, entry.mac)
        if not hmac.compare_digest(anchored, entry.mac):
            return Finding(number, f"Entry {number} is not the one that the anchor was taken at.")
        return None


def first_break(
    key: bytes, head: Head, entries: Iterable[AuditEntry], anchors: Sequence[Anchor] = ()
) -> Finding | None:
    """Walk the chain from its first entry; returns the first thing that is wrong, None where it is whole.

    Args:
        head: as stored.
        entries: all of them, in the order of their numbers; not read beyond the break.
        anchors: as `Walk`.
    """
    walk = Walk(key, head, anchors)
    for entry in entries:
        if (broken := walk.step(entry)) is not None:
            return broken
    return walk.end()


def anchor_from_text(text: str) -> Anchor:
    """Read what `companion audit --anchor` printed.

    Raises:
        InvalidInput: it is no anchor; points at `/anchor`.
    """
    match = _ANCHOR.fullmatch(text.strip().lower())
    if match is None:
        detail = "This is no anchor. `companion audit --anchor` prints one: a number, a colon, 64 digits."
        raise InvalidInput(detail, fields=(FieldError("/anchor", detail),))
    return Anchor(int(match[1]), bytes.fromhex(match[2]))


def _hmac(key: bytes, content: list[object]) -> bytes:
    # JSON in ASCII: no two contents give the same bytes, and a lone surrogate gives some too.
    return hmac.digest(key, _encoded(content).encode("ascii"), "sha256")
