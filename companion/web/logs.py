"""One JSON line a request on standard error; nothing secret, no query string, no body."""

from __future__ import annotations

import functools
import json
import logging
import math
import random
import re
import sys
import time
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import structlog
from flask import Flask, Response
from flask.globals import app_ctx, request_ctx
from pydantic_core import PydanticSerializationError, to_json

from companion.core.secret import Secret
from companion.service.figures import Figures

_SECRET_KEYS = re.compile(
    r"token|secret|passw|passphrase|authori[sz]ation|cookie|ticket|credential|jwt|api.?key|private|\bkey\b|nonce|otp|pin\b",
    re.IGNORECASE,
)
# JWTs, and runs of letters and digits that are long enough to be a token, in base64 or base32 too.
_SECRET_VALUES = re.compile(r"eyJ[\w\-]*(?:\.[\w\-]*)*|[A-Za-z0-9_\-+=]{24,}")
# What is as long and is none: ids, and words with hyphens in between.
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]{1,16}(?:[\-_][a-z]{1,16})+")
_DEEPEST = 8
_LONGEST = 2000
REDACTED = "[redacted]"

# Short texts in which nothing was found, which is why they may be kept: methods, routes and the like come again.
_WITHOUT_SECRETS: set[str] = set()
_MOST_REMEMBERED = 256
_LONGEST_REMEMBERED = 100


def request_logger(stream: TextIO | None = None, *, level: int = logging.INFO) -> structlog.typing.FilteringBoundLogger:
    """Return a logger that writes JSON lines from `level` on (as in `logging`), redacted."""
    logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(stream or sys.stderr),
        processors=[
            redact,
            structlog.processors.add_log_level,  # these two are the program's own
            _stamp,
            _render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    ).bind()  # else it would be made anew for each line
    return logger


def _stamp(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["timestamp"] = datetime.now(UTC).isoformat()[:-6] + "Z"
    return event


def _render(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    """Return the event, which is JSON by now, in ASCII: where the log goes may take no more."""
    try:
        line = to_json(event)
    except PydanticSerializationError:  # half a surrogate pair
        return json.dumps(event)
    return line.decode("ascii") if line.isascii() else json.dumps(event)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blot out what is, is named like, or looks like a secret, at any depth; a name can be one too."""
    failure = event.pop("failure", None)  # a class's name, as long as it likes
    shown: dict[str, Any] = {}
    for key, value in event.items():
        name, is_secret = _about(key)
        # The commonest first, each as `_redacted` would.
        if value is None:
            shown[name] = None
        elif is_secret:
            shown[name] = _redacted(key, value, 0)
        elif type(value) is str:
            shown[name] = _text(value)
        elif type(value) is int:
            shown[name] = value
        else:
            shown[name] = _redacted(key, value, 0)
    if failure is not None:
        shown["failure"] = failure if str(failure).isidentifier() else REDACTED
    return shown


def _redacted(key: str, value: Any, depth: int) -> Any:
    if value is None:
        return None
    if isinstance(value, Secret) or (_about(key)[1] and value not in (None, True, False, "")):
        return REDACTED
    if depth > _DEEPEST:
        return REDACTED
    match value:
        case str():
            return _text(value)
        case bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Mapping():
            return {_text(str(inner)): _redacted(str(inner), each, depth + 1) for inner, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_redacted("", each, depth + 1) for each in value]
        case _:  # bytes, exceptions, objects: what they hold is not known
            return REDACTED if isinstance(value, bytes | bytearray | memoryview) else f"<{type(value).__name__}>"


# Those of the program's own events, which are the same again and again, and of little else.
@functools.lru_cache(maxsize=64)
def _about(key: str) -> tuple[str, bool]:
    """Return what a name is shown as, and whether it is one of a secret."""
    return _text(key), _SECRET_KEYS.search(key) is not None


def _text(text: str) -> str:
    if text in _WITHOUT_SECRETS or (len(text) <= _LONGEST and _ID.fullmatch(text)):
        return text
    shown = _SECRET_VALUES.sub(lambda found: found[0] if _ID.fullmatch(found[0]) else REDACTED, text[:_LONGEST])
    if shown == text and len(text) <= _LONGEST_REMEMBERED:
        if len(_WITHOUT_SECRETS) >= _MOST_REMEMBERED:
            _WITHOUT_SECRETS.clear()
        _WITHOUT_SECRETS.add(text)
    return shown if len(text) <= _LONGEST else shown + "…"


def _new_request_id() -> str:
    """Return a version 4 UUID. It tells requests apart and is no secret: the system need not be asked each time."""
    drawn = f"{_ids.getrandbits(128):032x}"
    return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-{'89ab'[int(drawn[16], 16) % 4]}{drawn[17:20]}-{drawn[20:]}"


_ids = random.Random()  # noqa: S311  seeded by the system, once


def install_logs(app: Flask, logger: structlog.typing.FilteringBoundLogger, figures: Figures) -> None:
    """Give every request an id, which its answer carries; log and count it once."""

    def begin() -> None:
        g = app_ctx.g  # itself: its stand-in looks for it anew each time
        g.request_id = _new_request_id()
        g.began = time.perf_counter()

    def finish(response: Response) -> Response:
        g, request = app_ctx.g, request_ctx.request
        if "request_id" not in g:
            begin()
        rule = request.url_rule
        response.headers["X-Request-Id"] = g.request_id
        caller = g.get("caller")
        seconds = time.perf_counter() - g.began
        method = request.method if request.method in _METHODS else "OTHER"
        # The rule, not the path: a path may hold anything.
        route = None if rule is None else rule.rule
        figures.count(method, route or "", response.status_code, seconds)
        event = {
            "id": g.request_id,
            "method": method,
            "route": route,
            "connection": g.get("connection_id"),
            "caller": caller.kind if caller else None,
            "status": response.status_code,
            "problem": g.get("problem_code"),
            "milliseconds": round(seconds * 1000, 1),
        }
        unexpected = g.pop("unexpected", None)
        if unexpected is not None:
            logger.error("request", **event, failure=type(unexpected).__name__, at=place_of(unexpected))
        elif response.status_code in {401, 403}:
            logger.warning("request", **event)
        else:
            logger.info("request", **event)
        return response

    app.before_request(begin)
    app.after_request(finish)


def place_of(error: BaseException) -> list[str]:
    """Return where an exception was raised, innermost last: files and lines, never its text."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-6:]]


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
