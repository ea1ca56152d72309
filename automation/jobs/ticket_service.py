"""The companion service for a run that holds nothing but a hand-over ticket.

The ticket was issued, and what could stop the hand-over checked, by who started the run; it can be renewed and spent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from companion.core.errors import NotAllowed, NotAuthorized, NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from companion.client import (
        CompanionClient,
        ConnectionDocument,
        ConnectionFields,
        ConnectionPage,
        HealthDocument,
        Ticket,
    )
    from companion.core.secret import Secret


class TicketService:
    """A `RetrievalService` by a ticket.

    Args:
        client: sends the ticket.
        replaced: the connection that the ticket replaces; None where it creates one.
    """

    def __init__(self, client: CompanionClient, ticket: Ticket, replaced: ConnectionDocument | None) -> None:
        self._client = client
        self._ticket = ticket
        self._replaced = replaced
        self._given = False

    def health(self) -> HealthDocument:
        """See `CompanionClient.health`."""
        return self._client.health()

    def connections(
        self, limit: int | None = None, after: str | None = None, *, name: str | None = None
    ) -> ConnectionPage:
        """Return none: a ticket lists nothing. Whether its name is still free is checked when it is renewed."""
        del limit, after, name
        return {"connections": [], "next": None}

    def connection(self, name_or_id: str) -> ConnectionDocument:
        """Return the connection that is replaced, as it was at the start. Raises `NotFound` for any other."""
        if self._replaced is None or name_or_id not in {self._replaced["id"], self._replaced["name"]}:
            raise NotFound("A hand-over ticket shows no connection.")
        return self._replaced

    def issue_ticket(self, name: str, replace: bool = False) -> Ticket:
        """Return the ticket, once.

        Raises:
            NotAuthorized: it has run out, and another is not given to who holds nothing else.
        """
        del name, replace
        if self._given:
            raise NotAuthorized(
                "The hand-over ticket has run out.",
                why="The companion service did not take it in time.",
                next_step="Start the retrieval again.",
            )
        self._given = True
        return self._ticket

    def renew_ticket(self, ticket: Ticket) -> Ticket:
        """See `CompanionClient.renew_ticket`."""
        return self._client.renew_ticket(ticket)

    def hand_over(
        self, ticket: Ticket, fields: ConnectionFields, access_token: Secret, *, prove: bool = False
    ) -> ConnectionDocument:
        """See `CompanionClient.hand_over`."""
        return self._client.hand_over(ticket, fields, access_token, prove=prove)

    def verify(self, connection_id: str) -> NoReturn:
        """A ticket does not allow it; the service proves the connection by itself."""
        raise _not_allowed(connection_id)

    def graphql(self, connection_id: str, query: str, variables: Mapping[str, Any] | None = None) -> NoReturn:
        """A ticket does not allow it."""
        del query, variables
        raise _not_allowed(connection_id)


def _not_allowed(connection_id: str) -> NotAllowed:
    return NotAllowed(f"A hand-over ticket does not open the connection {connection_id}.")
