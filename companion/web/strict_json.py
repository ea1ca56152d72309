"""Reads a JSON body that means one thing only; pure."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from companion.core.errors import FieldError, InvalidInput, MalformedRequest
from companion.schemas.problems import json_pointer

MAX_DEPTH = 32

_UNCLEAN = re.compile("[\0\ud800-\udfff]")


def object_from_json(body: bytes) -> dict[str, Any]:
    """Return the object that `body` spells.

    Raises:
        MalformedRequest: not UTF-8, not JSON, not an object, nested too deep, or with a key twice in one object.
        InvalidInput: a string in it holds a null character or half a surrogate pair; points at it.
    """
    try:
        document = _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise _malformed("The body is not UTF-8.") from None
    except RecursionError:
        raise _malformed(f"The body is nested deeper than {MAX_DEPTH} levels.") from None
    except json.JSONDecodeError as error:
        raise _malformed(f"The body is not JSON: line {error.lineno}, column {error.colno}.") from None
    except ValueError:  # a number with thousands of digits
        raise _malformed("The body holds a number that is too large.") from None
    if not isinstance(document, dict):
        raise _malformed("The body is not a JSON object.")
    _check_strings(document)
    return document


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _malformed("A key stands twice in one object.")
    return found


def _no_such_number(constant: str) -> Any:
    raise _malformed(f"{constant} is no JSON number.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _malformed("The body holds a number that is too large.")
    return number


# Made once: `json.loads` makes one each time.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_object_without_duplicates, parse_constant=_no_such_number, parse_float=_finite
)


def _check_strings(document: dict[str, Any]) -> None:
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if len(path) > MAX_DEPTH:
            raise _malformed(f"The body is nested deeper than {MAX_DEPTH} levels.")
        match value:
            case dict():
                for key, inner in value.items():
                    if not _is_clean(key):
                        raise _unclean(path)
                    waiting.append(((*path, key), inner))
            case list():
                waiting.extend(((*path, position), inner) for position, inner in enumerate(value))
            case str() if not _is_clean(value):
                raise _unclean(path)
            case _:
                continue


def _is_clean(text: str) -> bool:
    return _UNCLEAN.search(text) is None


def _unclean(path: tuple[str | int, ...]) -> InvalidInput:
    detail = "The text holds a null character or half a surrogate pair."
    return InvalidInput("The request was not accepted.", why=detail, fields=(FieldError(json_pointer(path), detail),))


def _malformed(detail: str) -> MalformedRequest:
    return MalformedRequest(
        "The request could not be read.",
        why=detail,
        next_step="Send one JSON object in UTF-8, each key once.",
        fields=(FieldError("", detail),),
    )
