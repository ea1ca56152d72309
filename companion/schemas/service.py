"""The service itself: its health, its keys, sessions of its web page."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from companion.core.connection import World
from companion.schemas.fields import In, Out, Query


class HealthQuery(Query):
    """What the service is to prove."""

    nonce: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8,256}$")] | None = Field(
        None, description="Fresh random hexadecimal digits; the answer's `proof` is their HMAC under the API token."
    )
    token: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = Field(
        None, description="The id of a tool's API token: the proof is made under its hash."
    )


class HealthOut(Out):
    """Whether the service can work; nothing secret."""

    status: Literal["ok", "locked"]
    version: str
    world: World
    proof: str | None = None
    proof_at_address: str | None = Field(None, description="Only where a nonce was given: bound to this address.")


class UnlockIn(In):
    """What opens the keys."""

    passphrase: SecretStr


class KeysOut(Out):
    """Whether the keys are at hand."""

    status: Literal["ok", "locked"]


class SignInLinkOut(Out):
    """A link that begins a session of the web page; shown once."""

    path: str = Field(description="Below the service's address.")
    expires_at: str


class EndedOut(Out):
    """How many sessions of the web page were ended."""

    ended: Annotated[int, Field(ge=0)]
