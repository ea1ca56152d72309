"""The body of a call that is forwarded: a short one is read at once, a long one is passed on as it comes.

A short one can be sent again where BigCommerce asks to wait; of a long one there are never more than some pieces in
memory. Whoever sends it has to keep on sending.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from flask import Request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge, RequestTimeout, UnsupportedMediaType

from companion.core.errors import InvalidInput
from companion.core.request_body import NO_BODY, RequestBody, checked_content_type
from companion.web.slow_callers import LIMIT_IN_ENVIRON, REQUEST_SECONDS
from companion.web.socket_files import Limit

MAX_FORWARDED_BYTES = 64 * 1024 * 1024
"""BigCommerce takes themes of up to 50 MB, and images of up to 8 MB (themes and catalog, read 2026-04)."""

MAX_FORWARDED_SECONDS = 600.0
"""Within this much time a long body has to be there as a whole; each piece of it within `REQUEST_SECONDS`."""

_AT_ONCE = 1024 * 1024
_PIECE = 64 * 1024


def forwarded_body(asked: Request) -> RequestBody:
    """Return the body of a request.

    Raises:
        UnsupportedMediaType: it does not say of what kind it is, or is compressed.
        RequestEntityTooLarge: more than `MAX_FORWARDED_BYTES`; raised by the pieces too, where no length was told.
        RequestTimeout, ClientDisconnected: it does not arrive; raised by the pieces too.
    """
    length, in_chunks = asked.content_length, "Transfer-Encoding" in asked.headers
    if not length and not in_chunks:
        return NO_BODY
    if asked.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMediaType
    try:
        kind = checked_content_type(asked.headers.get("Content-Type", ""))
    except InvalidInput:
        raise UnsupportedMediaType from None
    if in_chunks:
        length = None
    elif (length or 0) > MAX_FORWARDED_BYTES:
        raise RequestEntityTooLarge
    pieces = _pieces(asked.environ, length)
    if length is not None and length <= _AT_ONCE:
        return RequestBody(b"".join(pieces), length, kind)
    return RequestBody(pieces, length, kind)


def _pieces(environ: dict[str, Any], length: int | None) -> Iterator[bytes]:
    # The server's own stream: the framework's would take a sender that went away for the end of the body.
    stream, limit = environ["wsgi.input"], environ.get(LIMIT_IN_ENVIRON, Limit())
    received, ends = 0, time.monotonic() + MAX_FORWARDED_SECONDS
    while length is None or received < length:
        left = _PIECE if length is None else min(_PIECE, length - received)
        limit.begin(min(REQUEST_SECONDS, ends - time.monotonic()))
        try:
            piece = stream.read(left)
        except TimeoutError:
            raise RequestTimeout from None
        except (OSError, ValueError):
            raise ClientDisconnected from None
        if not piece:
            if length is None:
                return
            raise ClientDisconnected
        received += len(piece)
        if received > MAX_FORWARDED_BYTES:
            raise RequestEntityTooLarge
        yield piece
