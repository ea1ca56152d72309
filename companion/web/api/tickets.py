"""`/api/v1/hand-over-tickets`: issued, and renewed."""

from __future__ import annotations

from typing import Any

from flask import Response, g
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag

from companion.core.errors import NotAllowed
from companion.core.timestamps import timestamp
from companion.schemas.tickets import RenewalOut, TicketIn, TicketOut, TicketPath
from companion.service import tickets
from companion.service.parts import Parts
from companion.web.answers import answer
from companion.web.api.describing import problems
from companion.web.callers import TicketCaller, ToolCaller

_TICKETS = Tag(name="hand-over tickets", description="Single-use permissions to create or replace one connection.")


def add_ticket_routes(api: APIBlueprint, parts: Parts) -> None:
    """Add the routes to `/api/v1`."""

    @api.post("/hand-over-tickets", tags=[_TICKETS], responses={201: TicketOut, **problems(404, 409, 413, 415)})
    def issue_hand_over_ticket(body: TicketIn) -> Response:
        """Issue a single-use ticket for 15 minutes, after checking what could stop the hand-over."""
        if body.replace and isinstance(g.caller, ToolCaller):
            raise NotAllowed(
                "The API token of a tool does not allow this.",
                why="With the action hand-over it stores new connections, and replaces none.",
                next_step="Use the command line, or the API token of the data folder.",
            )
        issued = tickets.issue_ticket(parts, body.name, replace=body.replace)
        text = issued.ticket.reveal() if issued.ticket else ""
        return answer({"ticket": text, **_ticket_document(issued)}, 201)

    @api.post("/hand-over-tickets/<id>/renewal", tags=[_TICKETS], responses={200: RenewalOut, **problems(404)})
    def renew_hand_over_ticket(path: TicketPath) -> Response:
        """Give an unspent ticket another 15 minutes."""
        caller = g.caller
        if isinstance(caller, TicketCaller) and caller.ticket.ticket_hash.hex() != path.id:
            raise NotAllowed("A hand-over ticket renews itself only.", next_step="Use the API token.")
        return answer(_ticket_document(tickets.renew_ticket(parts, path.id)))


def _ticket_document(issued: tickets.IssuedTicket) -> dict[str, Any]:
    account = issued.supersedes
    return {
        "id": issued.id,
        "expires_at": timestamp(issued.expires_at),
        "replaces": issued.replaces,
        "supersedes": None if account is None else {"name": account.name, "client_id": account.client_id},
    }
