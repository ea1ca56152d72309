"""Answers of the API: one JSON document each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Response
from pydantic_core import PydanticSerializationError, to_json
from werkzeug.datastructures import Headers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class _Answer(Response):
    """An answer whose headers are as they are to be sent."""

    automatically_set_content_length = False

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """Return them: an address among them is ASCII, and the length is there already."""
        del environ
        return self.headers

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Begin the answer and return its body, which is one piece; where somebody waits for its end, as usual."""
        if self._on_close or environ["REQUEST_METHOD"] == "HEAD" or not isinstance(self.response, list):
            return super().__call__(environ, start_response)
        start_response(self.status, self.headers.to_wsgi_list())
        return self.response


def answer(document: dict[str, Any], status: int = 200) -> Response:
    """Return the document as an answer; it holds what JSON has, and nothing else."""
    body = _json(document) + b"\n"
    return _Answer(body, status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])


def _json(document: dict[str, Any]) -> bytes:
    """Return its JSON. What BigCommerce answered may hold half a surrogate pair, or be nested deeper than is usual."""
    try:
        return to_json(document)
    except PydanticSerializationError:
        return json.dumps(document, separators=(",", ":")).encode("ascii")
