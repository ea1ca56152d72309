"""What the audit record does not take waits in memory, so many at most; the rest is counted and told. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from companion.core.audit import Deed, Told
from companion.core.audit_actions import AuditAction

MOST_USES = 10_000
"""So many wait before further uses are refused: some megabytes, and some minutes of a busy tool."""

MOST = MOST_USES + 1_000
"""So many wait at all: uses that were under way when the others were full, and what nobody may be kept from."""

SERVICE = "service"

_LOST = re.compile(r"([0-9]+) entr(?:y|ies) since (.+)")


def shortened(told: Sequence[Told]) -> list[Told]:
    """Return the oldest `MOST`, and one entry that says how many came after them and are lost."""
    kept, lost = list(told[:MOST]), told[MOST:]
    if not lost:
        return kept
    number, since = 0, None
    for each in lost:
        earlier = _LOST.fullmatch(each.deed.detail) if each.deed.action == AuditAction.LOSE else None
        number += 1 if earlier is None else int(earlier[1])
        since = since or (f"{each.at:%Y-%m-%d %H:%M:%S} UTC" if earlier is None else earlier[2])
    detail = f"{number} entr{'y' if number == 1 else 'ies'} since {since}"
    return [*kept, Told(Deed(AuditAction.LOSE, outcome="storage-failed", detail=detail), SERVICE, lost[-1].at)]
