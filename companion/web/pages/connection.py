"""One connection: what it is, what it can do, who uses it, what was done; and verifying it."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request

from companion.core.abilities import abilities_of
from companion.core.errors import CompanionError, NotFound
from companion.service import deadlines, find, usage, verify
from companion.service.parts import Parts
from companion.web.pages.anti_forgery import read_form
from companion.web.pages.next_steps import next_step, step_for
from companion.web.pages.rendering import asked_number, page

_HISTORY = 10

DONE = {
    "added": "The connection is stored, and was verified.",
    "added-unproven": "The connection is stored. BigCommerce could not be asked just now: verify it later.",
    "verified": "It was verified just now.",
    "saved": "The changes are stored.",
    "unchanged": "It was all that already, so nothing was changed or tried. “Verify now” says whether it works.",
    "reauthorized": "It uses private tokens now, and was verified with them.",
}
"""What a screen says after something was done, by the word in the address."""


def connection_blueprint(parts: Parts) -> Blueprint:
    """Return its routes."""
    looking = Blueprint("connection", __name__)

    def shown(connection_id: str, refusal: CompanionError | None = None) -> Response:
        due = deadlines.deadlines_of_one(parts, connection_id)
        connection = due.connection
        uses = usage.last_uses(parts, connection_id)
        tools = usage.tools_of(parts, connection_id)
        return page(
            "connection.html",
            status=200 if refusal is None else refusal.http_status,
            here="connections",
            connection=connection,
            refusal=refusal,
            done=DONE.get(request.args.get("done", "")),
            abilities=abilities_of(connection, {action: entry.told.at for action, entry in uses.items()}),
            uses=uses,
            tools=tools,
            used_by_tools=usage.last_uses_by_tools(parts, connection_id, tools),
            history=usage.history(parts, connection_id, limit=_HISTORY),
            deadlines=due.deadlines,
            exports=due.exports,
            now=parts.clock(),
            next_step=next_step,
            step_for=step_for,
        )

    @looking.get("/connections/<id>")
    def show(id: str) -> Response:  # noqa: A002  the name of the API's paths
        return shown(id)

    @looking.post("/connections/<id>/verify")
    def verify_now(id: str) -> Response:  # noqa: A002
        read_form()
        try:
            verify.verify_connection(parts, id)
        except NotFound:
            raise
        except CompanionError as refusal:
            return shown(id, refusal)
        return redirect(f"/connections/{id}?done=verified", 303)  # type: ignore[return-value]

    @looking.get("/connections/<id>/history")
    def past(id: str) -> Response:  # noqa: A002
        connection = find.connection_by_id(parts, id)
        found = usage.history(parts, id, limit=50, before=asked_number("before"))
        return page("history.html", here="connections", connection=connection, history=found)

    return looking
