"""API tokens for single tools: what one may do, with which connections, and until when."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import unquote

from companion.core.errors import FieldError, InvalidInput
from companion.core.ids import is_id
from companion.core.secret import Secret
from companion.core.shown_text import shows_as_written

TOKEN_PREFIX = "companion_"  # noqa: S105  tells a tool's token from all others; scanners of repositories find it by that
TOKEN_BYTES = 32
DEFAULT_LIFE = timedelta(days=90)
LONGEST_LIFE = timedelta(days=366)
MAX_TOKEN_NAME = 100
MAX_TOKEN_CONNECTIONS = 500

_TOKEN = re.compile(TOKEN_PREFIX + r"[0-9a-f]{64}")
# Where BigCommerce mints and revokes storefront tokens; whatever else begins so is taken for such a path too.
_TOKEN_PATHS = re.compile(r"v[0-9]+/storefront/api-token")


class Action(StrEnum):
    """What a tool may be allowed to do: with connections, with new ones (`HAND_OVER`), and with none (`METRICS`)."""

    READ = "read"
    VERIFY = "verify"
    GRAPHQL = "graphql"
    STOREFRONT_TOKEN = "storefront-token"  # noqa: S105  names an action
    REST_READ = "rest-read"
    REST_WRITE = "rest-write"
    METRICS = "metrics"
    HAND_OVER = "hand-over"


@dataclass(frozen=True)
class ApiToken:
    """A tool's API token as it is stored: its own text is not, so that a copy of the database opens nothing.

    Attributes:
        id: `id_of_api_token` of its text; names it, and gives nothing of it away.
        token_hash: `hash_of_api_token` of its text; 32 bytes.
        name: what the user calls it; unique, ignoring case.
        connections: ids of the connections it is limited to; None for all, also those to come.
        actions: in the order of `Action`, at least one.
        created_at, expires_at: aware, UTC.
        last_used_at: to about a second; None where it was never used.
    """

    id: str
    token_hash: bytes
    name: str
    connections: tuple[str, ...] | None
    actions: tuple[Action, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Say whether it has not expired."""
        return now < self.expires_at

    def allows(self, action: Action, connection_id: str | None) -> bool:
        """Say whether it allows this, to this connection; None where no single one is asked for."""
        named = connection_id is None or self.connections is None or connection_id in self.connections
        return named and action in self.actions


@dataclass(frozen=True)
class Limits:
    """What a new token is to be limited to, checked.

    Attributes:
        connections: ids; None for all.
    """

    name: str
    connections: tuple[str, ...] | None
    actions: tuple[Action, ...]
    expires_at: datetime


def checked_limits(
    *, name: str, connections: Iterable[str] | None, actions: Iterable[str], expires_at: datetime | None, now: datetime
) -> Limits:
    """Check what a new token is to be limited to.

    Args:
        expires_at: aware; `DEFAULT_LIFE` from now where it is None.

    Raises:
        InvalidInput: naming each field that is refused.
    """
    refused: list[FieldError] = []
    shown = " ".join(name.split())
    if not 1 <= len(shown) <= MAX_TOKEN_NAME or not shows_as_written(shown):
        refused.append(FieldError("/name", f"A name has 1 to {MAX_TOKEN_NAME} characters that can be shown."))
    asked = list(dict.fromkeys(actions))
    known = {action.value for action in Action}
    if not asked or not known.issuperset(asked):
        refused.append(FieldError("/actions", f"At least one of {', '.join(known_actions())}."))
    only = None if connections is None else tuple(dict.fromkeys(connections))
    if only is not None and not 1 <= len(only) <= MAX_TOKEN_CONNECTIONS:
        refused.append(FieldError("/connections", f"1 to {MAX_TOKEN_CONNECTIONS} ids of connections, or null for all."))
    elif only is not None and Action.HAND_OVER.value in asked:
        refused.append(
            FieldError("/connections", "Null, for all: hand-over is for connections that are not there yet.")
        )
    elif only is not None:
        refused.extend(
            FieldError(f"/connections/{position}", "This is no id of a connection.")
            for position, each in enumerate(only)
            if not is_id(each)
        )
    until = now + DEFAULT_LIFE if expires_at is None else expires_at
    if not now < until <= now + LONGEST_LIFE:
        refused.append(FieldError("/expires_at", f"From now on, and at most {LONGEST_LIFE.days} days ahead."))
    if refused:
        raise InvalidInput(
            f"The API token was not made: {', '.join(dict.fromkeys(each.pointer.split('/')[1] for each in refused))}.",
            why=" ".join(dict.fromkeys(each.detail for each in refused)),
            fields=tuple(refused),
        )
    return Limits(shown, only, tuple(action for action in Action if action.value in asked), until)


def known_actions() -> tuple[str, ...]:
    """Return the names of all actions."""
    return tuple(action.value for action in Action)


def token_text(random: bytes) -> Secret:
    """Return the text of a new token out of 32 random bytes."""
    return Secret(TOKEN_PREFIX + random.hex())


def is_token_text(text: str) -> bool:
    """Say whether `text` has the form of a tool's token."""
    return _TOKEN.fullmatch(text) is not None


def hash_of_api_token(token: Secret) -> bytes:
    """Return the 32 bytes that are stored. A token has 256 random bits, so no slow hash is needed."""
    return _sha256(b"bigcommerce-companion api token\0" + _bytes_of(token))


def id_of_api_token(token: Secret) -> str:
    """Return the 32 hexadecimal digits by which a token is looked up and named; its hash is another."""
    return _sha256(b"bigcommerce-companion api token id\0" + _bytes_of(token)).hex()[:32]


def rest_actions(method: str, path: str) -> tuple[Action, ...]:
    """Return all that a tool must be allowed, to make this call of the store's REST API.

    Args:
        path: below the store, decoded once, such as `v3/catalog/products`.
    """
    needed = Action.REST_READ if method in {"GET", "HEAD"} else Action.REST_WRITE
    # However a server on the way may read it: case, parameters of a segment and a second encoding do not count.
    plain = "/".join(segment.partition(";")[0].strip() for segment in unquote(path).casefold().split("/"))
    gives_tokens = _TOKEN_PATHS.match(plain) is not None
    return (needed, Action.STOREFRONT_TOKEN) if gives_tokens else (needed,)


def _bytes_of(token: Secret) -> bytes:
    return token.reveal().encode("utf-8", "surrogatepass")


def _sha256(content: bytes) -> bytes:
    import hashlib  # it loads OpenSSL, for which a command's help need not wait

    return hashlib.sha256(content).digest()
