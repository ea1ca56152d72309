"""What a storefront token says of itself, when it is due for renewal, and how long the older kind serves servers.

The claims are not documented; these are the ones of decoded tokens. The expiry is `eat`, not `exp`, so JWT libraries
take such a token for one that never ends. Nothing here verifies the signature: BigCommerce's public key is not
published, and a token is only ever shown to BigCommerce.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Any

from companion.core.errors import FieldError, InvalidInput
from companion.core.secret import Secret

MAX_TOKEN_LENGTH = 8192
MAX_ORIGINS = 2

_ORIGIN = re.compile(r"https?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?)(:[0-9]{1,5})?")

# The share of a token's life that is left when it is due.
RENEWAL_SHARE = 0.2

# No time zone is documented, so a date ends where it ends first: in UTC+14.
_EARLIEST_ZONE = timezone(timedelta(hours=14))


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), _EARLIEST_ZONE).astimezone(UTC)


# "Storefront tokens created after 2026-06-30 do not support server-to-server use", those created on or before it do
# "until 2027-03-31" (Storefront tokens, GraphQL Storefront authentication, read 2026-04).
SERVER_USE_FOR_TOKENS_BEFORE = _end_of(date(2026, 6, 30))
SERVER_USE_ENDS = _end_of(date(2027, 3, 31))


class ServerUse(StrEnum):
    """Whether a storefront token of the older kind (auth type `token`) works from servers."""

    UNTIL_END = "until-end"
    ENDED = "ended"
    EXPIRED = "expired"
    BROWSERS_ONLY = "browsers-only"


@dataclass(frozen=True)
class TokenClaims:
    """The claims of a storefront token; None and empty where a claim is absent.

    Attributes:
        channel_ids: claim `cid`.
        store_id: claim `sid`: the store's number, not its hash.
        issued_at: claim `iat`; aware, UTC, whole seconds.
        expires_at: claim `eat`; aware, UTC, whole seconds. None for a token without end.
    """

    channel_ids: tuple[int, ...]
    store_id: int | None
    issued_at: datetime | None
    expires_at: datetime | None


def claims_from_token(token: Secret) -> TokenClaims:
    """Decode a storefront token's claims without verifying them.

    Raises:
        InvalidInput: not a JWT, or a claim that is read has an unknown shape; points at `/storefront_token`.
    """
    payload = _payload(token.reveal().strip())
    return TokenClaims(
        channel_ids=tuple(_whole_number(channel) for channel in _listed(payload.get("cid"))),
        store_id=None if payload.get("sid") is None else _whole_number(payload["sid"]),
        issued_at=_moment(payload.get("iat")),
        expires_at=_moment(payload.get("eat")),
    )


def is_storefront_token(text: Secret) -> bool:
    """Say whether this is a JWT with claims that name a store or a channel as a storefront token's do."""
    try:
        claims = claims_from_token(text)
    except InvalidInput:
        return False
    return claims.store_id is not None or bool(claims.channel_ids)


def renewal_margin(claims: TokenClaims) -> timedelta:
    """Return how long before its end a token is due: a fifth of its life, nothing where its life is not known."""
    if claims.issued_at is None or claims.expires_at is None:
        return timedelta()
    return max(timedelta(), (claims.expires_at - claims.issued_at) * RENEWAL_SHARE)


def is_due(claims: TokenClaims, now: datetime, margin: timedelta) -> bool:
    """Say whether a token has ended, or has no more than `margin` to live."""
    return claims.expires_at is not None and now >= claims.expires_at - margin


def server_use(claims: TokenClaims, now: datetime) -> ServerUse:
    """Say whether a storefront token of the older kind works from servers at `now`.

    A token that does not tell when it was issued counts as a later one.
    """
    if claims.issued_at is None or claims.issued_at >= SERVER_USE_FOR_TOKENS_BEFORE:
        return ServerUse.BROWSERS_ONLY
    if now >= SERVER_USE_ENDS:
        return ServerUse.ENDED
    return ServerUse.EXPIRED if is_due(claims, now, timedelta()) else ServerUse.UNTIL_END


def checked_origins(origins: Sequence[str]) -> tuple[str, ...]:
    """Return one or two origins of pages, such as `https://shop.example`, that may use a token of the older kind.

    No path, no trailing slash, no wildcard (Storefront tokens, read 2026-04).

    Raises:
        InvalidInput: points at `/allowed_cors_origins`.
    """
    if not 1 <= len(origins) <= MAX_ORIGINS:
        raise refused_origins(f"Name one or {MAX_ORIGINS} origins of pages, such as https://shop.example.")
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise refused_origins("An origin is scheme and host, without path, slash at the end or wildcard.")
    return tuple(dict.fromkeys(origins))


def refused_origins(detail: str) -> InvalidInput:
    """Return the error for origins that do not fit."""
    return InvalidInput(detail, fields=(FieldError("/allowed_cors_origins", detail),))


def _payload(token: str) -> Mapping[str, Any]:
    parts = token.split(".")
    if len(token) > MAX_TOKEN_LENGTH or len(parts) != 3 or not all(parts) or not token.isascii():
        raise _refused("This is not a storefront token: a JWT has three parts with dots between them.")
    try:
        payload = json.loads(base64.b64decode(parts[1] + "=" * (-len(parts[1]) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise _refused("This is not a storefront token: its second part is not the JSON of a JWT.") from None
    if not isinstance(payload, dict):
        raise _refused("This is not a storefront token: its second part holds no claims.")
    return payload


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _whole_number(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise _refused("This storefront token has a claim that should be a whole number and is not.")
    return value


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, float) and math.isfinite(value):
        value = int(value)
    try:
        return datetime.fromtimestamp(_whole_number(value), UTC)
    except (OverflowError, OSError, ValueError):
        raise _refused("This storefront token has a time that no calendar holds.") from None


def _refused(detail: str) -> InvalidInput:
    return InvalidInput(detail, fields=(FieldError("/storefront_token", detail),))
