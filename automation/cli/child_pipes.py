"""The pipes of a retrieval child: orders in on standard input; events, and nothing else, out on standard output."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

from companion.core.retrieval_events import Event, line_from_event

_STANDARD_OUTPUT, _STANDARD_ERROR = 1, 2
_AT_ONCE = 64 * 1024


class LinesIn:
    """Reads lines from a file descriptor, without Python's buffers: a thread that waits there holds up no ending."""

    def __init__(self, descriptor: int, longest: int) -> None:
        self._descriptor = descriptor
        self._longest = longest
        self._read = bytearray()

    def __iter__(self) -> Iterator[bytes]:
        """Yield line by line, without their ends, until the other side is gone or sends too long a line."""
        while True:
            line, found, rest = bytes(self._read).partition(b"\n")
            if found:
                self._read = bytearray(rest)
                yield line
                continue
            if len(self._read) > self._longest:
                return
            try:
                more = os.read(self._descriptor, _AT_ONCE)
            except OSError:
                return
            if not more:
                return
            self._read += more


class EventsOut:
    """Writes events to what was standard output; whatever else is written there goes to standard error from then on."""

    def __init__(self) -> None:
        self._descriptor = os.dup(_STANDARD_OUTPUT)
        os.dup2(_STANDARD_ERROR, _STANDARD_OUTPUT)
        self._lock = threading.Lock()

    def tell(self, event: Event) -> None:
        """Write one event; for any thread. Where nobody reads any more, it is dropped."""
        line = line_from_event(event).encode() + b"\n"
        with self._lock, contextlib.suppress(OSError):
            while line:
                line = line[os.write(self._descriptor, line) :]
