"""What a retrieval child tells on its standard output: a JSON document a line, read with distrust of its form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from companion.core.redaction import redacted
from companion.core.retrieval_steps import RETRIEVAL_STEP_IDS

LONGEST_LINE = 64 * 1024
"""Bytes of one event; a longer line is none."""

STEP_STATUSES = frozenset({"done", "by-user", "skipped", "failed"})
_MOST = 200
_LONGEST = 2000


@dataclass(frozen=True)
class Ready:
    """The order can be carried out, and a browser is started next.

    Attributes:
        api_account: the whole name of the API account that will be made.
        oauth_scopes: what it will be granted.
    """

    api_account: str
    oauth_scopes: tuple[str, ...]


@dataclass(frozen=True)
class StepOver:
    """A step is over.

    Attributes:
        status: one of `STEP_STATUSES`.
        seconds: how long it took.
    """

    id: str
    status: str
    seconds: float


@dataclass(frozen=True)
class Sees:
    """What the browser shows, in words, and which step is under way."""

    step: str
    words: str


@dataclass(frozen=True)
class ToDo:
    """What the person at the browser is told there."""

    step: str
    what: str
    why: str = ""
    alert: str = ""
    where: tuple[str, ...] = ()


@dataclass(frozen=True)
class Says:
    """A line beside the steps, such as that a browser is being installed."""

    line: str


@dataclass(frozen=True)
class Heeds:
    """Which orders hold from now on.

    Attributes:
        mine: the step that is left to the person; None where none is.
    """

    paused: bool
    mine: str | None


@dataclass(frozen=True)
class MayExist:
    """An API account may exist at BigCommerce that nothing else names; None: no more."""

    name: str | None


@dataclass(frozen=True)
class Failure:
    """What ended a retrieval, as a problem tells it.

    Attributes:
        code: of the error.
        fields: JSON pointers and details, where fields were refused.
    """

    code: str
    what: str
    why: str = ""
    next_step: str = ""
    exit_code: int = 1
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Ended:
    """The last event.

    Attributes:
        failure: None where the connection was handed over.
        step: at which the failure came.
        connection_id: of the connection that was stored.
        created: names of API accounts that exist now because of the retrieval.
        human_actions: as the JSON document of `companion connect` counts them.
        session_over: whether the kept browser session turned out to have ended.
    """

    failure: Failure | None
    step: str | None = None
    connection_id: str | None = None
    created: tuple[str, ...] = ()
    human_actions: int = 0
    session_over: bool = False


Event = Ready | StepOver | Sees | ToDo | Says | Heeds | MayExist | Ended
_KINDS: dict[str, type[Any]] = {
    "ready": Ready,
    "step": StepOver,
    "sees": Sees,
    "to-do": ToDo,
    "says": Says,
    "heeds": Heeds,
    "may-exist": MayExist,
    "ended": Ended,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def line_from_event(event: Event) -> str:
    """Return an event as a line, without its end."""
    document: dict[str, Any] = {"event": _NAMES[type(event)]}
    for name in type(event).__dataclass_fields__:
        value = getattr(event, name)
        document[name] = _document(value) if isinstance(value, Failure) else value
    return json.dumps(document)


def event_from_line(line: bytes) -> Event | None:
    """Read an event; None where the line is not exactly of the form of one."""
    if len(line) > LONGEST_LINE:
        return None
    try:
        read = json.loads(line)
        kind = _KINDS[read.pop("event")]
        return _checked(kind, read)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _checked(kind: type[Any], read: dict[str, Any]) -> Event:
    if set(read) != set(kind.__dataclass_fields__):
        raise ValueError("other members")
    if kind is Ready:
        return Ready(_name(read["api_account"]), tuple(_name(each) for each in _list(read["oauth_scopes"])))
    if kind is StepOver:
        return StepOver(_step(read["id"]), _status(read["status"]), _seconds(read["seconds"]))
    if kind is Sees:
        return Sees(_step(read["step"]), _text(read["words"]))
    if kind is ToDo:
        what, why, alert = (_text(read[name]) for name in ("what", "why", "alert"))
        return ToDo(_step(read["step"]), what, why, alert, _texts(read["where"]))
    if kind is Says:
        return Says(_text(read["line"]))
    if kind is Heeds:
        return Heeds(read["paused"] is True, None if read["mine"] is None else _step(read["mine"]))
    if kind is MayExist:
        return MayExist(None if read["name"] is None else _name(read["name"]))
    return Ended(
        None if read["failure"] is None else _failure(read["failure"]),
        None if read["step"] is None else _step(read["step"]),
        None if read["connection_id"] is None else _name(read["connection_id"]),
        tuple(_name(each) for each in _list(read["created"])),
        int(read["human_actions"]),
        read["session_over"] is True,
    )


def _document(failure: Failure) -> dict[str, Any]:
    return {name: getattr(failure, name) for name in Failure.__dataclass_fields__}


def _failure(read: Mapping[str, Any]) -> Failure:
    return Failure(
        code=_name(read["code"]),
        what=_text(read["what"]),
        why=_text(read["why"]),
        next_step=_text(read["next_step"]),
        exit_code=int(read["exit_code"]),
        fields=tuple((_name(pointer), _text(detail)) for pointer, detail in _list(read["fields"])),
    )


def _step(value: object) -> str:
    if value not in RETRIEVAL_STEP_IDS:
        raise ValueError("no step")
    return str(value)


def _status(value: object) -> str:
    if value not in STEP_STATUSES:
        raise ValueError("no status")
    return str(value)


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise ValueError("no number of seconds")
    return float(value)


def _name(value: object) -> str:
    """A name of ours: shown as it is, since it has to be found again."""
    if not isinstance(value, str) or len(value) > _MOST or not value.isprintable():
        raise ValueError("no name")
    return value


def _text(value: object) -> str:
    """A text for people: what may be a credential is cut out of it, though none should be there."""
    if not isinstance(value, str):
        raise TypeError("no text")
    return redacted(value, longest=_LONGEST)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(each) for each in _list(value))


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or len(value) > _MOST:
        raise ValueError("no list")
    return value
