"""A JSON body means one thing, or is refused."""

from __future__ import annotations

import json

import pytest

from companion.core.errors import InvalidInput, MalformedRequest
from companion.web.strict_json import MAX_DEPTH, object_from_json


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


@pytest.mark.parametrize(
    "document", [{}, {"a": None, "b": [1, 2.5, -3], "c": {"d": "é🛒"}}, {"": ""}, {"a": "\x1f", "b": True}]
)
def test_an_ordinary_object_is_read(document: dict[str, object]) -> None:
    assert object_from_json(json.dumps(document).encode()) == document


def test_nesting_up_to_the_limit_is_read_and_one_more_is_refused() -> None:
    assert object_from_json(nested(MAX_DEPTH))
    with pytest.raises(MalformedRequest):
        object_from_json(nested(MAX_DEPTH + 1))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}{}",
        b"[1]",
        b"1",
        b'"text"',
        b"\xff",
        b'{"a": 1, "a": 1}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": Infinity}',
        b'{"a": -1e400}',
        b'{"a": ' + b"1" * 5000 + b"}",
        b"[" * 200_000,
        nested(100_000),
        b"{'a': 1}",
        b'{"a": 1,}',
    ],
)
def test_what_means_nothing_or_two_things_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedRequest) as refused:
        object_from_json(body)
    assert refused.value.http_status == 400


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"name": "\\ud800"}', "/name"),
        (b'{"tags": ["ok", "a\\u0000"]}', "/tags/1"),
        (b'{"a/b": {"c~d": "\\udfff"}}', "/a~1b/c~0d"),
        (b'{"\\ud800": 1}', ""),
    ],
)
def test_half_characters_are_pointed_at(body: bytes, pointer: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        object_from_json(body)
    assert [field.pointer for field in refused.value.fields] == [pointer]


def test_a_whole_surrogate_pair_is_one_character() -> None:
    assert object_from_json(b'{"name": "\\ud83d\\uded2"}') == {"name": "🛒"}
