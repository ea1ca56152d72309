"""Ids that sort by the time they were made, so that pages can be read in the order of creation by id alone."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from companion.core.entropy import Entropy

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def new_id(now: datetime, entropy: Entropy) -> str:
    """Return a version 7 UUID (RFC 9562, 5.7): 48 bits of milliseconds, then 74 random ones. An id, not a secret."""
    milliseconds = int(now.timestamp() * 1000)
    value = int.from_bytes(milliseconds.to_bytes(6, "big") + entropy(10), "big")
    return str(UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62))


def is_id(text: str) -> bool:
    """Say whether `text` has the form of an id made by `new_id`."""
    return _ID.fullmatch(text) is not None
