"""What cheroot reads a connection from and writes it to; its own are Python's reference implementation, and slow.

The socket stays non-blocking: a system call reads what is there, and waiting is for the case that nothing is.
"""

from __future__ import annotations

import io
import select
import socket
import sys
import time
from typing import Any


class Limit:
    """A moment at which reading ends."""

    def __init__(self) -> None:
        self._ends = float("inf")

    def begin(self, seconds: float) -> None:
        """Let it end in so many seconds."""
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Return how many seconds are left; 0 or less where it has ended."""
        return self._ends - time.monotonic()


class SocketReader(io.BufferedReader):
    """Reads from a non-blocking socket until its limit ends; then raises `TimeoutError`.

    Args:
        longest: how many seconds a single read waits at most.
    """

    def __init__(self, sock: socket.socket, size: int, limit: Limit, longest: float) -> None:
        self._source = _Source(sock, limit, longest)
        self.bytes_read = 0  # what cheroot counts where it keeps statistics
        super().__init__(self._source, size)

    def has_data(self) -> bool:
        """Say whether something was read that nobody has taken; nothing is read for that."""
        self._source.is_held = True
        try:
            return bool(self.peek(0))
        finally:
            self._source.is_held = False


class _Source(socket.SocketIO):
    def __init__(self, sock: socket.socket, limit: Limit, longest: float) -> None:
        super().__init__(sock, "rb")
        self._socket = sock
        self._limit = limit
        self._longest = longest
        self.is_held = False

    def readinto(self, buffer: Any) -> int | None:
        if self.is_held:
            return None
        if self._limit.left() <= 0:
            raise TimeoutError("timed out")
        try:
            return self._socket.recv_into(buffer)
        except BlockingIOError:
            self._socket.settimeout(min(self._limit.left(), self._longest))
        try:
            return self._socket.recv_into(buffer)
        finally:
            self._socket.settimeout(0)


class SocketWriter:
    """Writes to a non-blocking socket, at once or, while it is held back, with what comes next.

    Attributes:
        longest: how many seconds it waits for a receiver that takes nothing; then it raises `TimeoutError`. With 0 it
            raises `BlockingIOError` at once.
    """

    def __init__(self, sock: socket.socket, longest: float) -> None:
        self._socket = sock
        self.longest = longest
        self.is_held_back = False
        self._waiting = b""
        self.bytes_written = 0  # what cheroot counts where it keeps statistics

    def write(self, data: bytes) -> int:
        """Write all of it; returns how much that is."""
        self._waiting += data
        if not self.is_held_back:
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Write what was held back."""
        left, self._waiting = memoryview(self._waiting), b""
        while left:
            try:
                sent = self._socket.send(left)
            except BlockingIOError:
                self._socket.settimeout(self.longest)
                try:
                    sent = self._socket.send(left)
                finally:
                    self._socket.settimeout(0)
            left = left[sent:]


def becomes_readable(sock: socket.socket, seconds: float) -> bool:
    """Wait so long for something to read, or the end of it."""
    if sys.platform == "win32" or not hasattr(select, "poll"):  # where it is missing, `select` takes any socket
        return bool(select.select([sock], [], [], seconds)[0])
    waiting = select.poll()
    waiting.register(sock, select.POLLIN)
    return bool(waiting.poll(seconds * 1000))


def has_head(sock: socket.socket, longest: int) -> bool:
    """Say whether the head of a request of up to `longest` bytes can be read without waiting; also at the end."""
    try:
        there = sock.recv(longest, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True  # reading says what is wrong
    return not there or len(there) >= longest or b"\r\n\r\n" in there
