"""A BigCommerce that says what a test tells it to, and a clock that a test moves."""

# ruff: noqa: ARG002  the arguments are the port's

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from companion.core.answers import Answer, Minted, Observed
from companion.core.secret import Secret

API = "api.bigcommerce.com"


class Clock:
    """Says the time it was given, until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by


def storefront_token(issued: datetime, expires: datetime, **claims: Any) -> str:
    """A JWT with BigCommerce's claims; nobody checks the signature here."""
    payload = {"iat": int(issued.timestamp()), "eat": int(expires.timestamp()), **claims}
    parts = [{"alg": "ES256", "typ": "JWT"}, payload, {"signature": len(claims)}]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


def refused(text: str, host: str = "shop.mybigcommerce.com") -> Answer:
    return Answer(401, host, {}, json.dumps({"errors": [{"message": text}]}))


@dataclass
class ScriptedBigCommerce:
    """Grants everything unless told otherwise.

    Attributes:
        calls: what was asked, in order.
        skew: its clock minus ours.
        reads: path -> answer.
        refuses: answers to the next GraphQL calls, before it answers well again.
    """

    clock: Clock
    calls: list[tuple[str, str]] = field(default_factory=list)
    minted: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    revoke_answer: Observed = field(default_factory=lambda: Answer(200, API))
    skew: timedelta = timedelta()
    reads: dict[str, Observed] = field(default_factory=dict)
    refuses: list[Observed] = field(default_factory=list)
    mint_answer: Observed | None = None
    while_minting: Any = None

    def close(self) -> None:
        return

    def get(self, store_hash: str, access_token: Secret, path: str) -> Observed:
        self.calls.append(("GET", path))
        date = format_datetime(self.clock() + self.skew, usegmt=True)
        return self.reads.get(path, Answer(200, API, {"date": date}))

    def mint_private_token(
        self, store_hash: str, access_token: Secret, *, channel_id: int, scopes: Sequence[str], expires_at: int
    ) -> Minted | Observed:
        self.calls.append(("POST", "private"))
        if self.while_minting is not None:
            self.while_minting()
        if self.mint_answer is not None:
            return self.mint_answer
        ends = datetime.fromtimestamp(expires_at, self.clock().tzinfo)
        token = storefront_token(self.clock(), ends, cid=[channel_id], n=len(self.minted))
        self.minted.append(token)
        return Minted(Secret(token), expires_at, Answer(200, API))

    def mint_impersonation_token(
        self, store_hash: str, access_token: Secret, *, channel_id: int, expires_at: int
    ) -> Minted | Observed:
        self.calls.append(("POST", "impersonation"))
        return Minted(Secret("impersonation"), expires_at, Answer(200, API))

    def mint_storefront_token(
        self,
        store_hash: str,
        access_token: Secret,
        *,
        channel_id: int,
        allowed_cors_origins: Sequence[str],
        expires_at: int,
    ) -> Minted | Observed:
        self.calls.append(("POST", " ".join(allowed_cors_origins)))
        return Minted(Secret("for browsers"), expires_at, Answer(200, API))

    def revoke_storefront_token(self, store_hash: str, access_token: Secret, token: Secret) -> Observed:
        self.revoked.append(token.reveal())
        return self.revoke_answer

    def graphql(
        self,
        host: str,
        storefront_token: Secret,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> Observed:
        self.calls.append(("GRAPHQL", host))
        if self.refuses:
            return self.refuses.pop(0)
        return Answer(200, host, {}, json.dumps({"data": {"site": {"settings": {"storeName": "Shop"}}}}))

    def oauth_info(self, host: str) -> Observed:
        self.calls.append(("GET", f"{host}/admin/oauth/info"))
        return Answer(404, host)
