"""Callers that take their time: none of them keeps a thread of the server from the others.

cheroot gives a thread to a connection that has just been opened, and lets each single read wait for its time limit, so
that ten callers who send a byte now and then would be all it serves. Here a connection gets a thread when the whole
head of its request is there, and a request has to be there as a whole within a limit.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from cheroot import makefile

HEAD_SECONDS = 10.0
"""Within this much time of its first byte the head of a request has to be there."""

REQUEST_SECONDS = 20.0
"""Within this much time of being given a thread a request has to be there, its body too."""

LIMIT_IN_ENVIRON = "companion.limit"
"""Where a request's environment holds the `Limit` within which it is read."""

_LOOKS_APART = 0.05
_HEAD_ENDS = b"\r\n\r\n"


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


class LimitedReader(makefile.StreamReader):
    """Reads from a socket until its limit ends; then raises `TimeoutError`."""

    def __init__(self, sock: socket.socket, size: int, limit: Limit) -> None:
        super(makefile.StreamReader, self).__init__(_LimitedSocket(sock, limit), size)
        self.bytes_read = 0


class _LimitedSocket(socket.SocketIO):
    def __init__(self, sock: socket.socket, limit: Limit) -> None:
        super().__init__(sock, "rb")
        self._limited = sock
        self._limit = limit

    def readinto(self, buffer: Any) -> int | None:
        left = self._limit.left()
        if left <= 0:
            raise TimeoutError("timed out")
        before = self._limited.gettimeout()
        self._limited.settimeout(left if before is None else min(left, before))
        try:
            return super().readinto(buffer)
        finally:
            self._limited.settimeout(before)


class Waiting:
    """Connections whose request has begun to arrive; each is handed on when its head is there, or its time is over.

    Args:
        hand_on: called with a connection whose head is there, or is longer than `longest`.
        give_up: called with one whose time is over.
        longest: bytes of a head.
    """

    def __init__(self, hand_on: Callable[[Any], None], give_up: Callable[[Any], None], longest: int) -> None:
        self._hand_on = hand_on
        self._give_up = give_up
        self._longest = longest
        self._changed = threading.Condition()
        self._waiting: list[tuple[Any, Limit]] = []
        self._ended = False
        self._thread = threading.Thread(target=self._look, name="companion-waiting", daemon=True)
        self._thread.start()

    def take(self, connection: Any) -> None:
        """Hand it on at once where its head is there; else wait for that."""
        if self._has_head(connection):
            self._hand_on(connection)
            return
        limit = Limit()
        limit.begin(HEAD_SECONDS)
        with self._changed:
            if not self._ended:
                self._waiting.append((connection, limit))
                self._changed.notify()
                return
        self._give_up(connection)

    def end(self) -> None:
        """Give up those who wait."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join()
        for connection, _ in self._waiting:
            self._give_up(connection)

    def _look(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._ended:
                    self._changed.wait()
                if self._ended:
                    return
                looked_at, self._waiting = self._waiting, []
            for connection, limit in looked_at:
                if self._has_head(connection):
                    self._hand_on(connection)
                elif limit.left() <= 0:
                    self._give_up(connection)
                else:
                    with self._changed:
                        self._waiting.append((connection, limit))
            time.sleep(_LOOKS_APART)

    def _has_head(self, connection: Any) -> bool:
        """Say whether a thread can read the head without waiting; also where the connection has ended."""
        sock: socket.socket = connection.socket
        timeout = sock.gettimeout()
        sock.settimeout(0)
        try:
            there = sock.recv(self._longest, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True  # reading says what is wrong
        finally:
            sock.settimeout(timeout)
        return not there or len(there) >= self._longest or _HEAD_ENDS in there
