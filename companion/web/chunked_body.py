"""A body that is sent in chunks, read a bounded piece at a time.

cheroot reads each chunk as a whole, and a sender may call it as long as it likes: one chunk would fill the memory.
"""

from __future__ import annotations

import re
from typing import Any

_SIZE = re.compile(rb"([0-9a-fA-F]{1,16})[ \t]*(?:;[^\r\n]*)?\r\n")
_LONGEST_LINE = 4096
_MOST_TRAILERS = 64


class ChunkedBody:
    """Takes the chunks (RFC 9112, 7.1) out of `source`, which blocks until it has what it is asked for.

    Attributes:
        ended: whether all of it was read.
    """

    def __init__(self, source: Any) -> None:
        """Begin before the first chunk."""
        self._source = source
        self._left = 0
        self._begun = False
        self.ended = False

    def read(self, size: int | None = None) -> bytes:
        """Return up to `size` bytes, fewer only at the end; all that is left for None.

        Raises:
            ValueError: it is not chunked as the standard says, or broke off.
            OSError: as `source`.
        """
        parts: list[bytes] = []
        wanted = size
        while not self.ended and (wanted is None or wanted > 0):
            if not self._left and not self._next_chunk():
                break
            part = self._source.read(self._left if wanted is None else min(self._left, wanted))
            if not part:
                raise ValueError("The body broke off.")
            self._left -= len(part)
            if wanted is not None:
                wanted -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _next_chunk(self) -> bool:
        if self._begun and self._source.read(2) != b"\r\n":
            raise ValueError("A chunk is longer than it says.")
        self._begun = True
        found = _SIZE.fullmatch(self._source.readline(_LONGEST_LINE))
        if found is None:
            raise ValueError("A chunk does not say how long it is.")
        self._left = int(found[1], 16)
        if self._left:
            return True
        for _ in range(_MOST_TRAILERS):
            if self._source.readline(_LONGEST_LINE) == b"\r\n":
                self.ended = True
                return False
        raise ValueError("There are too many trailers.")
