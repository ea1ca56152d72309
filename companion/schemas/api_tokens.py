"""API tokens of tools."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn

from pydantic import BaseModel, Field

from companion.core.api_tokens import MAX_TOKEN_CONNECTIONS, Action, ApiToken, known_actions
from companion.core.errors import FieldError, InvalidInput
from companion.core.timestamps import timestamp
from companion.schemas.fields import MAX_LIST, In, Out, Text


class ApiTokenIn(In):
    """What a tool's API token is to be limited to."""

    name: Text
    connections: Annotated[list[Text], Field(max_length=MAX_TOKEN_CONNECTIONS)] | None = Field(
        description="Ids of the connections it is for; null for all, also those to come."
    )
    actions: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=MAX_LIST)] = Field(
        description="What it allows.",
        json_schema_extra={"items": {"type": "string", "enum": list(known_actions())}, "minItems": 1},
    )
    expires_at: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="RFC 3339 with an offset; 90 days from now where left out, at most 366 days ahead."
    )

    def moment(self) -> datetime | None:
        """Return the end in UTC. Raises `InvalidInput`."""
        if self.expires_at is None:
            return None
        try:
            given = datetime.fromisoformat(self.expires_at)
            return given.astimezone(UTC) if given.tzinfo is not None else _no_moment()
        except (ValueError, OverflowError):
            return _no_moment()


class ApiTokenPath(BaseModel):
    """Which API token."""

    id: str = Field(description="The API token's id.")


class ApiTokenOut(Out):
    """A tool's API token; its own text is not stored."""

    id: str
    name: str
    connections: list[str] | None = Field(description="Null for all.")
    actions: list[Action]
    created_at: str
    expires_at: str
    last_used_at: str | None = Field(description="To about a second.")


class CreatedApiTokenOut(ApiTokenOut):
    """A new API token, with its text, which is shown this once."""

    token: str


class ApiTokensOut(Out):
    """All API tokens of tools in the order they were made."""

    api_tokens: list[ApiTokenOut]


def api_token_document(token: ApiToken) -> dict[str, Any]:
    """Return a tool's API token as the API shows it."""
    return {
        "id": token.id,
        "name": token.name,
        "connections": None if token.connections is None else list(token.connections),
        "actions": [action.value for action in token.actions],
        "created_at": timestamp(token.created_at),
        "expires_at": timestamp(token.expires_at),
        "last_used_at": None if token.last_used_at is None else timestamp(token.last_used_at),
    }


def _no_moment() -> NoReturn:
    detail = "This is no RFC 3339 time with an offset, such as 2027-01-31T12:00:00Z."
    raise InvalidInput("The request was not accepted: expires_at.", fields=(FieldError("/expires_at", detail),))
