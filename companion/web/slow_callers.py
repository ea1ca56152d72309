"""Callers that take their time: none of them keeps a thread of the server from the others.

cheroot gives a thread to a connection that has just been opened, and lets each single read wait for its time limit, so
that ten callers who send a byte now and then would be all it serves. Here a connection gets a thread when the whole
head of its request is there, and a request has to be there as a whole within a limit.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from companion.web.socket_files import Limit, has_head

HEAD_SECONDS = 10.0
"""Within this much time of its first byte the head of a request has to be there."""

REQUEST_SECONDS = 20.0
"""Within this much time of being given a thread a request has to be there, its body too."""

LIMIT_IN_ENVIRON = "companion.limit"
"""Where a request's environment holds the `Limit` within which it is read."""

_LOOKS_APART = 0.05


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
        if has_head(connection.socket, self._longest):
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
                if has_head(connection.socket, self._longest):
                    self._hand_on(connection)
                elif limit.left() <= 0:
                    self._give_up(connection)
                else:
                    with self._changed:
                        self._waiting.append((connection, limit))
            time.sleep(_LOOKS_APART)
