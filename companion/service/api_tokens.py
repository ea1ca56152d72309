"""API tokens for single tools: made, listed, revoked, and noted when they are used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from companion.core.api_tokens import (
    TOKEN_BYTES,
    ApiToken,
    checked_limits,
    hash_of_api_token,
    id_of_api_token,
    token_text,
)
from companion.core.errors import FieldError, InvalidInput, NotFound
from companion.core.proof import ProofKey
from companion.core.secret import Secret
from companion.service.parts import Parts


@dataclass(frozen=True)
class CreatedToken:
    """A token that was made just now.

    Attributes:
        text: what authorizes. It can be shown this once, since it is not stored.
    """

    token: ApiToken
    text: Secret


def create_api_token(
    parts: Parts, name: str, *, connections: Sequence[str] | None, actions: Sequence[str], expires_at: datetime | None
) -> CreatedToken:
    """Make a token.

    Args:
        connections: ids of the connections it is limited to; None for all.
        expires_at: 90 days from now where it is None.

    Raises:
        InvalidInput: naming each field that is refused, also a connection that is not there.
        Conflict: a token of this name lives.
    """
    now = parts.clock()
    limits = checked_limits(name=name, connections=connections, actions=actions, expires_at=expires_at, now=now)
    for position, connection_id in enumerate(limits.connections or ()):
        _check_that_it_is_there(parts, connection_id, position)
    text = token_text(parts.entropy(TOKEN_BYTES))
    token = ApiToken(
        id=id_of_api_token(text),
        token_hash=hash_of_api_token(text),
        name=limits.name,
        connections=limits.connections,
        actions=limits.actions,
        created_at=now,
        expires_at=limits.expires_at,
    )
    parts.repository.add_api_token(token, now=now)
    return CreatedToken(token, text)


def api_tokens(parts: Parts) -> tuple[ApiToken, ...]:
    """Return all tokens in the order they were made, expired ones too."""
    parts.uses.write()
    return parts.repository.api_tokens()


def revoke_api_token(parts: Parts, token_id: str) -> ApiToken:
    """Revoke one token, at once. Raises `NotFound`."""
    parts.uses.write()
    revoked = parts.repository.drop_api_token(token_id)
    if revoked is None:
        raise NotFound("There is no such API token.", next_step="`companion api-tokens list` shows those there are.")
    return revoked


def revoke_api_tokens(parts: Parts) -> tuple[ApiToken, ...]:
    """Revoke all tokens of tools, at once; returns what they were."""
    return parts.repository.drop_api_tokens()


def proof_key_of(parts: Parts, token_id: str) -> ProofKey | None:
    """Return what the service proves itself with to the holder of a tool's token; None where there is none."""
    token = parts.repository.api_token(token_id)
    return None if token is None else ProofKey(token.id, token.token_hash)


def _check_that_it_is_there(parts: Parts, connection_id: str, position: int) -> None:
    try:
        parts.repository.get(connection_id)
    except NotFound:
        detail = "There is no connection with this id."
        raise InvalidInput(
            "The API token was not made: connections.",
            why=detail,
            next_step="`companion list --json` shows the ids.",
            fields=(FieldError(f"/connections/{position}", detail),),
        ) from None
