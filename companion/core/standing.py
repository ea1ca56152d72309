"""What one answer of BigCommerce says of the token, and of the store and channel it was sent for; pure.

What an answer of a known REST route says (Status codes, read 2026-04; order of checks measured 2026-08):

    2xx             token known, store hash right, this scope granted
    403             token known; the scope is missing or the store hash is wrong, which cannot be told apart
    422             token known: bodies and filters are looked at last
    401             the token is not known, or not for this store
    404, 405, …     nothing: the route may not exist there
    429, 5xx, none  nothing now; asking later may tell
"""

from __future__ import annotations

from enum import StrEnum

from companion.core.answers import (
    Answer,
    NoAnswer,
    Observed,
    graphql_error_codes,
    graphql_errors,
    is_graphql,
    is_transient,
)
from companion.core.connection import Connection
from companion.core.store_urls import STORE_DOMAIN, canonical_hosts


class Standing(StrEnum):
    """What one REST answer says of the access token."""

    GRANTED = "granted"
    FORBIDDEN = "forbidden"
    VALIDATED = "validated"
    UNKNOWN_TOKEN = "unknown-token"  # noqa: S105  a verdict's name
    SILENT = "silent"
    LATER = "later"


class StorefrontAnswer(StrEnum):
    """What one GraphQL answer says of the storefront token and the host."""

    ANSWERS = "answers"
    OTHER_STORE = "other-store"
    OTHER_CHANNEL = "other-channel"
    REFUSED = "refused"
    SILENT = "silent"
    LATER = "later"


def storefront_hosts(connection: Connection) -> tuple[str, ...]:
    """Return the hosts at which the connection's channel may answer GraphQL: the subdomain, then the permanent ones."""
    hosts = (subdomain_host(connection), *canonical_hosts(connection.store_hash, connection.channel_id))
    return tuple(dict.fromkeys(hosts))


def subdomain_host(connection: Connection) -> str:
    """Return the host of the connection's subdomain."""
    return f"{connection.subdomain}.{STORE_DOMAIN}"


def standing(observed: Observed) -> Standing:
    """Say what an answer of a known REST route says of the token."""
    if is_transient(observed):
        return Standing.LATER
    match observed:
        case Answer(ok=True):
            return Standing.GRANTED
        case Answer(status=401):
            return Standing.UNKNOWN_TOKEN
        case Answer(status=403):
            return Standing.FORBIDDEN
        case Answer(status=422):
            return Standing.VALIDATED
        case _:
            return Standing.SILENT


def storefront(observed: Observed) -> StorefrontAnswer:
    """Say what a GraphQL answer says of the token. The texts are those of BigCommerce's list of status codes."""
    if is_transient(observed) or isinstance(observed, NoAnswer):
        return StorefrontAnswer.LATER
    said = " ".join(graphql_errors(observed)).lower()
    if "store id doesn't match" in said:
        return StorefrontAnswer.OTHER_STORE
    if "channel id doesn't match" in said:
        return StorefrontAnswer.OTHER_CHANNEL
    if any(text in said for text in ("invalid credentials", "credentials were missing", "unknown jwt token")):
        return StorefrontAnswer.REFUSED
    if observed.status == 401:
        return StorefrontAnswer.REFUSED
    if observed.ok and is_graphql(observed):
        document = observed.document
        # A scope that the query needs and the token lacks is answered only after token, store and channel fit.
        answered = document.get("data") is not None or "INSUFFICIENT_ACCESS_SCOPE" in graphql_error_codes(observed)
        return StorefrontAnswer.ANSWERS if answered else StorefrontAnswer.SILENT
    return StorefrontAnswer.SILENT


def store_hash_in(info: Observed | None) -> str | None:
    """Return the store hash that an answer of `/admin/oauth/info` names, None where it names none."""
    if not isinstance(info, Answer) or not info.ok:
        return None
    document = info.document
    named = document.get("store_hash") if isinstance(document, dict) else None
    return named.lower() if isinstance(named, str) and named else None
