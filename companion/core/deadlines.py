"""What of a connection stops working, or grows old, and when; and what to do about it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from companion.core.connection import AuthType, Connection
from companion.core.exports import Export
from companion.core.key_usage import ADVISED_AGE, KeyState, KeyUsage
from companion.core.storefront_token import (
    SERVER_USE_ENDS,
    SERVER_USE_FOR_TOKENS_BEFORE,
    ServerUse,
    TokenClaims,
    server_use,
)
from companion.core.tool_files import CATALYST_PROJECT, ToolFormat

# BigCommerce's access tokens do not end by time (API Accounts, read 2026-04), so their age is for us to bound: a year,
# as for keys.
ACCESS_TOKEN_AGE = timedelta(days=365)


class Kind(StrEnum):
    """What is due."""

    TOKEN_AUTH_ENDS = "token-auth-ends"  # noqa: S105  a name
    TOKEN_AUTH_ENDED = "token-auth-ended"  # noqa: S105  a name
    STOREFRONT_TOKEN_ENDS = "storefront-token-ends"  # noqa: S105  a name
    ACCESS_TOKEN_OLD = "access-token-old"  # noqa: S105  a name
    EXPORT_OF_OLD_TOKEN = "export-of-old-token"  # noqa: S105  a name
    EXPORT_ENDS = "export-ends"
    KEY_OLD = "key-old"


@dataclass(frozen=True)
class Deadline:
    """One thing that stops working or grows old.

    Attributes:
        due_at: when; aware, UTC. In the past for what has stopped already.
    """

    kind: Kind
    due_at: datetime
    message: str
    action: str


@dataclass(frozen=True)
class Due:
    """What is due of one connection, and the files that were written of it."""

    connection: Connection
    deadlines: tuple[Deadline, ...]
    exports: tuple[Export, ...]


@dataclass(frozen=True)
class Carried:
    """The storefront token of a `token` connection.

    Attributes:
        claims: None where they cannot be read, or where the token does not open.
    """

    claims: TokenClaims | None


def deadlines_of(
    connection: Connection, carried: Carried | None, exports: Iterable[Export], now: datetime
) -> tuple[Deadline, ...]:
    """Return what is due of one connection, the earliest first.

    Args:
        carried: the storefront token of a `token` connection; None where it has none.
        exports: the files that were written of it, as far as they are there.
    """
    found = [*_of_the_auth_type(connection, carried, now), *_of_the_access_token(connection)]
    for export in exports:
        found += _of_an_export(connection, export)
    return tuple(sorted(found, key=lambda each: (each.due_at, each.kind)))


def deadlines_of_keys(keys: Iterable[KeyUsage]) -> tuple[Deadline, ...]:
    """Return when the active key-encryption key should be rotated."""
    return tuple(
        Deadline(
            Kind.KEY_OLD,
            key.first_used_at + ADVISED_AGE,
            f"The key-encryption key {key.key_id} has been in use since {key.first_used_at.date()}.",
            "Rotate it: `companion keys rotate`.",
        )
        for key in keys
        if key.state is KeyState.ACTIVE
    )


def _of_the_auth_type(connection: Connection, carried: Carried | None, now: datetime) -> list[Deadline]:
    if connection.auth_type is not AuthType.TOKEN:
        return []
    claims = None if carried is None else carried.claims
    reauthorize = f"Reauthorize it: `companion reauthorize {shlex.quote(connection.name)}`."
    use = ServerUse.BROWSERS_ONLY if claims is None else server_use(claims, now)
    match use:
        case ServerUse.UNTIL_END if claims is not None:
            ends = SERVER_USE_ENDS if claims.expires_at is None else min(SERVER_USE_ENDS, claims.expires_at)
            if ends < SERVER_USE_ENDS:
                message = f"Its storefront token ends {ends.date()}, and no other of its kind will serve servers."
                return [Deadline(Kind.STOREFRONT_TOKEN_ENDS, ends, message, reauthorize)]
            message = "Its auth type is token: its storefront token serves servers until 2027-03-31 and no longer."
            return [Deadline(Kind.TOKEN_AUTH_ENDS, SERVER_USE_ENDS, message, reauthorize)]
        case ServerUse.ENDED:
            message = "Its auth type is token, which servers cannot use since 2027-03-31."
            return [Deadline(Kind.TOKEN_AUTH_ENDED, SERVER_USE_ENDS, message, reauthorize)]
        case ServerUse.EXPIRED if claims is not None and claims.expires_at is not None:
            message = f"Its storefront token ended {claims.expires_at.date()}."
            return [Deadline(Kind.TOKEN_AUTH_ENDED, claims.expires_at, message, reauthorize)]
        case _:
            what = "it carries no storefront token" if carried is None else "its storefront token is of a later date"
            message = f"Its auth type is token, and {what}: those made after 2026-06-30 work in browsers only."
            return [Deadline(Kind.TOKEN_AUTH_ENDED, SERVER_USE_FOR_TOKENS_BEFORE, message, reauthorize)]


def _of_the_access_token(connection: Connection) -> list[Deadline]:
    since = connection.access_token_since or connection.created_at
    message = f"Its access token has been in use since {since.date()}; BigCommerce lets it live without end."
    action = f"Make a new one: `companion rotate {shlex.quote(connection.name)}`."
    return [Deadline(Kind.ACCESS_TOKEN_OLD, since + ACCESS_TOKEN_AGE, message, action)]


def _of_an_export(connection: Connection, export: Export) -> list[Deadline]:
    again = f"Write it again with `{export_again(connection.name, export)}`, or delete it."
    since = connection.access_token_since
    if holds_another_token(connection, export):
        message = f"{export.path} holds an access token that this connection has replaced."
        return [Deadline(Kind.EXPORT_OF_OLD_TOKEN, since or export.written_at, message, again)]
    if export.storefront_token_ends is None:
        return []
    message = f"The storefront token in {export.path} ends {export.storefront_token_ends.date()}."
    return [Deadline(Kind.EXPORT_ENDS, export.storefront_token_ends, message, again)]


def export_again(connection_name: str, export: Export) -> str:
    """Return the command that writes an exported file anew, in its place."""
    output = export.path
    if export.tool is not ToolFormat.DOTENV:
        output = _folder_of(output)
        if export.path.replace("\\", "/").endswith(f"/{CATALYST_PROJECT}"):
            output = _folder_of(output)
    name, place = shlex.quote(connection_name), shlex.quote(output)
    return f"companion export {name} --format {export.tool} --output {place} --force"


def _folder_of(path: str) -> str:
    end = max(path.rfind("/"), path.rfind("\\"))
    return path[:end] or path[: end + 1]


def holds_another_token(connection: Connection, export: Export) -> bool:
    """Say whether a file holds an access token that is not the connection's any more."""
    return export.has_access_token and export.access_token_since != connection.access_token_since
