"""How long the body of a request may be, by what it is for; and that few long ones are read at once.

JSON that was read takes many times its length in memory, and a caller may send it from as many threads as there are.
"""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask, Request, g
from werkzeug.exceptions import RequestEntityTooLarge

from companion.core.errors import TooMuchAtOnce

MAX_BODY_BYTES = 1024 * 1024

MAX_GRAPHQL_BYTES = 16 * 1024 * 1024
"""Variables may be long: as long as the longest answer that is taken from BigCommerce."""

_GRAPHQL = "api.run_graphql"
_AT_ONCE = 2
_SECONDS_TO_WAIT = 5


class LongBodies:
    """Lets so many requests with a long body in at once, until they are answered."""

    def __init__(self, app: Flask) -> None:
        """Take care of the requests of `app`."""
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        app.teardown_request(self._leave)

    def admit(self, asked: Request) -> None:
        """Let a request in with as long a body as its endpoint takes.

        Raises:
            RequestEntityTooLarge: it says that it is longer.
            TooMuchAtOnce: others are under way.
        """
        if asked.endpoint == _GRAPHQL:
            asked.max_content_length = MAX_GRAPHQL_BYTES
        length = asked.content_length or 0
        if length > (asked.max_content_length or 0):
            raise RequestEntityTooLarge
        is_long = length > MAX_BODY_BYTES or (asked.endpoint == _GRAPHQL and "Transfer-Encoding" in asked.headers)
        if is_long and "has_long_body" not in g:
            if not self._places.acquire(timeout=_SECONDS_TO_WAIT):
                raise TooMuchAtOnce(_SECONDS_TO_WAIT)
            g.has_long_body = True

    def _leave(self, _failure: Any) -> None:
        if g.pop("has_long_body", False):
            self._places.release()
