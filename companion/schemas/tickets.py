"""Hand-over tickets."""

from __future__ import annotations

from pydantic import BaseModel, Field

from companion.schemas.connections import ApiAccountModel
from companion.schemas.fields import In, Out, Text


class TicketIn(In):
    """What a hand-over ticket is to be for."""

    name: Text
    replace: bool = False


class TicketPath(BaseModel):
    """Which ticket."""

    id: str = Field(description="The ticket's id.")


class TicketOut(Out):
    """A hand-over ticket; shown once."""

    id: str
    ticket: str
    expires_at: str
    replaces: str | None
    supersedes: ApiAccountModel | None


class RenewalOut(Out):
    """A ticket that lives on."""

    id: str
    expires_at: str
    replaces: str | None
    supersedes: ApiAccountModel | None
