"""An answer is JSON, whatever BigCommerce has put into what it holds."""

from __future__ import annotations

import json
from typing import Any

import pytest

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
