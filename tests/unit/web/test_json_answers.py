"""An answer is JSON, whatever BigCommerce has put into what it holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Response
from werkzeug.test import create_environ, run_wsgi_app

from companion.web.answers import answer


def nested(levels: int) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for _ in range(levels):
        document = {"in": document}
    return document


@pytest.mark.parametrize(
    "document",
    [
        {"data": {"name": "Café 🛒", "price": 1.5, "none": None, "many": [1, True, 10**40]}},
        {"data": {"name": "cut in two: \ud83d"}},
        {"\ud83d": 1},
        nested(500),
    ],
    ids=["plain", "half a surrogate pair", "half a pair as a name", "deep"],
)
def test_an_answer_says_what_it_was_given(document: dict[str, Any]) -> None:
    given = answer(document, 201)
    assert json.loads(given.data) == document
    assert given.status_code == 201
    assert given.content_length == len(given.data)
    assert given.content_type == "application/json"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("is_waited_for", [False, True])
def test_it_is_sent_as_any_answer_is(method: str, is_waited_for: bool) -> None:
    ended: list[bool] = []
    ours, usual = answer({"a": 1}, 201), Response(b'{"a":1}\n', 201, content_type="application/json")
    sent = []
    for each in (ours, usual):
        if is_waited_for:
            each.call_on_close(lambda: ended.append(True))
        body, status, headers = run_wsgi_app(each, create_environ(method=method), buffered=True)
        sent.append((b"".join(body), status, dict(headers)))
    assert sent[0] == sent[1]
    assert len(ended) == (2 if is_waited_for else 0)
