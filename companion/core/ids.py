"""Ids that sort by the time they were made, so that pages can be read in the order of creation by id alone."""

from __future__ import annotations

import re
from datetime import datetime

from companion.core.entropy import Entropy

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def new_id(now: datetime, entropy: Entropy) -> str:
    """Return a version 7 UUID (RFC 9562, 5.7): 48 bits of milliseconds, then 74 random ones. An id, not a secret."""
    milliseconds = int(now.timestamp() * 1000)
    digits = (milliseconds.to_bytes(6, "big") + entropy(10)).hex()
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-7{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def is_id(text: str) -> bool:
    """Say whether `text` has the form of an id made by `new_id`."""
    return _ID.fullmatch(text) is not None
