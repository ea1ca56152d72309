"""What came back from BigCommerce, as plain values, and what it means.

Error bodies come in four shapes: plain text, an array of objects with `message` (V2), an object with `title` and
`errors` (V3), and HTML from whatever stands in front (Status codes, read 2026-04). GraphQL has a fifth: an object with
`errors[].message`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from companion.core.errors import (
    BigCommerceRefused,
    BigCommerceRejectedRequest,
    BigCommerceUnreachable,
    CompanionError,
    InMaintenance,
    RateLimited,
)
from companion.core.redaction import redacted
from companion.core.secret import Secret

MAX_WAIT = 45.0
"""Seconds that one call waits for a rate limit altogether. BigCommerce's window is 30 seconds (API rate limits)."""

MAX_TRIES = 5


class Silence(StrEnum):
    """Why there is no answer."""

    NO_NETWORK = "no-network"
    UNKNOWN_HOST = "unknown-host"
    TIMED_OUT = "timed-out"
    NOT_TRUSTED = "not-trusted"
    NOT_TLS = "not-tls"
    NOT_HTTP = "not-http"
    TOO_LARGE = "too-large"
    NOT_DATA = "not-data"
    NOT_MAPPED = "not-mapped"


@dataclass(frozen=True)
class NoAnswer:
    """Nothing usable came back.

    Attributes:
        host: which host was asked.
    """

    reason: Silence
    host: str


@dataclass(frozen=True)
class Answer:
    """An HTTP answer.

    Attributes:
        host: which host was asked.
        headers: lower-case names.
        text: the body. Never printed: a mint's answer holds a token.
    """

    status: int
    host: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    text: str = field(default="", repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def document(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


Observed = Answer | NoAnswer


@dataclass(frozen=True)
class Minted:
    """A storefront token, freshly made.

    Attributes:
        expires_at: as asked for, Unix seconds.
        answer: without its body.
    """

    token: Secret
    expires_at: int
    answer: Answer


@dataclass(frozen=True)
class StreamedAnswer:
    """An HTTP answer whose body is still on its way.

    Attributes:
        headers: lower-case names.
        parts: the body, piece by piece. Raises `BigCommerceUnreachable` where it breaks off.
        close: lets go of it; to be called once, also where the body was not read to its end.
    """

    status: int
    headers: Mapping[str, str]
    parts: Iterator[bytes]
    close: Callable[[], None]


_LAST_YEAR = 2999  # of a date that is one, and that a token's life can still be added to


def date_of(observed: Observed) -> datetime | None:
    """Return the time that the answer's `Date` header says; None where it says none that can be read."""
    from email.utils import parsedate_to_datetime

    if isinstance(observed, NoAnswer):
        return None
    try:
        stamp = parsedate_to_datetime(observed.headers.get("date", ""))
    except (ValueError, OverflowError):
        return None
    return stamp if stamp.tzinfo is not None and stamp.year <= _LAST_YEAR else None


def seconds_to_wait(answer: Answer, tries: int) -> float:
    """Return how long a limited caller is told to wait, in seconds; growing delays where it is told nothing.

    A 429 may come without headers when the platform itself is overloaded (API rate limits).

    Args:
        tries: how often was tried already, 1 or more.
    """
    told = [
        _number(answer.headers.get("x-rate-limit-time-reset-ms")) / 1000,
        _number(answer.headers.get("x-retry-after")),
        _number(answer.headers.get("retry-after")),
    ]
    longest = max(told)
    # Told again after waiting as told: the headers alone do not help, so the delay grows besides.
    return float(longest + 2 ** (tries - 1) - 1) if longest > 0 else float(2 ** (tries - 1))


def message_in(answer: Answer) -> str:
    """Return what an error body says, on one line and short; empty for HTML and for bodies that say nothing."""
    document = answer.document
    if isinstance(document, list):
        document = document[0] if document else {}
    if isinstance(document, dict):
        return redacted(_message_in_object(document))
    if document is not None or looks_like_html(answer):
        return ""
    return redacted(answer.text)


def graphql_errors(answer: Answer) -> tuple[str, ...]:
    """Return the messages of `errors` in a GraphQL answer."""
    return tuple(str(error.get("message", "")) for error in _graphql_error_objects(answer))


def graphql_error_codes(answer: Answer) -> frozenset[str]:
    """Return `errors[].extensions.code` of a GraphQL answer."""
    extensions = (error.get("extensions") for error in _graphql_error_objects(answer))
    return frozenset(str(found.get("code", "")) for found in extensions if isinstance(found, dict))


def is_graphql(answer: Answer) -> bool:
    """Say whether the body is a GraphQL answer rather than a page or an error of something in front."""
    document = answer.document
    return isinstance(document, dict) and ("data" in document or isinstance(document.get("errors"), list))


def token_in(answer: Answer) -> Secret | None:
    """Return `data.token` of a mint's answer; None where there is none that a header can carry."""
    document = answer.document
    data = document.get("data") if isinstance(document, dict) else None
    token = data.get("token") if isinstance(data, dict) else None
    usable = isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token
    return Secret(token) if usable and token else None


def looks_like_html(answer: Answer) -> bool:
    """Say whether the body is a page."""
    return "html" in answer.headers.get("content-type", "") or answer.text.lstrip()[:1] == "<"


def error_from(observed: Observed, doing: str) -> CompanionError:
    """Return the error that an answer which is no success amounts to.

    Args:
        doing: what was asked for, as in "mint a private token".
    """
    what = f"BigCommerce did not {doing}."
    match observed:
        case NoAnswer(reason=Silence.TOO_LARGE):  # it will be as large the next time
            why, next_step = explanation(observed), next_step_for(observed.reason)
            return BigCommerceRejectedRequest(what, why=why, next_step=next_step)
        case NoAnswer():
            return BigCommerceUnreachable(what, why=explanation(observed), next_step=next_step_for(observed.reason))
        case Answer(status=401):
            return BigCommerceRefused(
                what,
                why=_why("It does not know the token (401)", observed),
                next_step="Make a new API account with `companion connect NAME --replace`.",
            )
        case Answer(status=403):
            return BigCommerceRefused(
                what,
                why=_why("It refused (403): an OAuth scope is missing, or the store hash is wrong", observed),
                next_step="Run `companion verify NAME`, which names what is missing.",
            )
        case Answer(status=429):
            return RateLimited(
                what,
                why="The store's request limit is used up, by this or another program (429).",
                next_step="Try again in a minute.",
            )
        case Answer(status=503):
            return InMaintenance(
                what,
                why="The store is in maintenance, suspended, or BigCommerce is down (503).",
                next_step="Try later; status.bigcommerce.com tells of outages.",
            )
        case Answer(status=status) if status >= 500:
            return BigCommerceUnreachable(
                what, why=_why(f"It failed ({status})", observed), next_step="Try again in a minute or later."
            )
        case Answer(status=status) if 300 <= status < 400:
            return BigCommerceRejectedRequest(
                what,
                why=f"{observed.host} sends callers elsewhere ({status}); credentials are not sent after it.",
                next_step="Check the subdomain and the channel with `companion verify NAME`.",
            )
        case Answer(status=status):
            return BigCommerceRejectedRequest(
                what,
                why=_why(f"It answered {status}", observed),
                next_step="Run `companion verify NAME`, which checks store hash, channel and scopes.",
            )


def explanation(silence: NoAnswer) -> str:
    """Say in a sentence why there was no answer."""
    host = silence.host
    return {
        Silence.NO_NETWORK: f"No connection to {host} could be made.",
        Silence.UNKNOWN_HOST: f"The name {host} could not be looked up.",
        Silence.TIMED_OUT: f"{host} did not answer in time.",
        Silence.NOT_TRUSTED: f"The certificate that {host} shows is not trusted.",
        Silence.NOT_TLS: f"What answers as {host} does not speak TLS.",
        Silence.NOT_HTTP: f"What answers as {host} broke off or does not speak HTTP.",
        Silence.TOO_LARGE: f"The answer of {host} was larger than the 16 MiB that are taken.",
        Silence.NOT_DATA: f"What answers as {host} sends a page, or nothing that can be read, instead of data.",
        Silence.NOT_MAPPED: f"{host} is not in the host map, and with a host map no other name is reached.",
    }[silence.reason]


def next_step_for(reason: Silence) -> str:
    """Say what to do about no answer."""
    match reason:
        case Silence.NOT_TRUSTED | Silence.NOT_TLS:
            return (
                "If a company proxy opens TLS, name its certificate authority in COMPANION_EXTRA_CA_FILE; with a "
                "host map, COMPANION_CA_FILE has to be the one that `companion sandbox serve` printed."
            )
        case Silence.NOT_MAPPED:
            return "Set COMPANION_HOST_MAP to what `companion sandbox serve` prints, or unset it."
        case Silence.NOT_DATA:
            return "Look for what stands in between, such as a proxy or the network's own sign-in page, and try again."
        case Silence.TOO_LARGE:
            return "Ask for less at a time."
        case _:
            return (
                "Check the network (HTTPS_PROXY, if one is needed; with COMPANION_HOST_MAP set, whether the simulated "
                "store still runs) and try again."
            )


def is_transient(observed: Observed) -> bool:
    """Say whether asking again later, unchanged, can bring another answer: it proves nothing about the connection."""
    return isinstance(observed, NoAnswer) or observed.status == 429 or observed.status >= 500


def _why(fact: str, answer: Answer) -> str:
    message = message_in(answer)
    return f"{fact}: {message}" if message else f"{fact}."


def _message_in_object(document: Mapping[str, Any]) -> str:
    errors = document.get("errors")
    if isinstance(errors, list):
        return " ".join(str(error["message"]) for error in errors if isinstance(error, dict) and "message" in error)
    said = [document[key] for key in ("title", "message", "detail") if isinstance(document.get(key), str)]
    if isinstance(errors, dict):
        said.extend(f"{key}: {value}" for key, value in errors.items() if isinstance(value, str))
    return " ".join(dict.fromkeys(said))


def _graphql_error_objects(answer: Answer) -> list[Mapping[str, Any]]:
    document = answer.document
    errors = document.get("errors") if isinstance(document, dict) else None
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _number(text: str | None) -> float:
    try:
        number = float(text or 0)
    except ValueError:
        return 0.0
    return number if 0 <= number < 1e9 else 0.0
