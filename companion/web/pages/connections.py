"""The list of connections: searched, filtered by status, tag and auth type, a page at a time."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response

from companion.core.connection import AuthType, Status
from companion.core.storefront_token import SERVER_USE_ENDS
from companion.ports.listing import ConnectionFilter
from companion.service import find
from companion.service.parts import Parts
from companion.service.try_out import TryOut
from companion.web.pages.next_steps import next_step, weightiest
from companion.web.pages.rendering import asked, page

_PAGE = 50
_LONGEST_SEARCH = 200


def connections_blueprint(parts: Parts, try_out: TryOut | None = None) -> Blueprint:
    """Return the list's routes.

    Args:
        try_out: what the first screen offers; None where none can be started.
    """
    listing = Blueprint("connections", __name__)

    @listing.get("/")
    def index() -> Response:
        wanted = _wanted()
        counts = find.overview(parts)
        if not counts.total:
            is_offered = try_out is not None and try_out.is_there
            is_running = try_out is not None and try_out.is_running
            return page("first-run.html", here="connections", is_offered=is_offered, is_running=is_running)
        found = find.listed(parts, wanted, limit=_PAGE, after=asked("after") or None)
        return page(
            "connections.html",
            here="connections",
            connections=found.connections,
            after=found.after,
            wanted=wanted,
            counts=counts,
            statuses=tuple(Status),
            weightiest=weightiest,
            next_step=next_step,
            address=_address,
            ended=parts.clock() >= SERVER_USE_ENDS,
        )

    return listing


def _wanted() -> ConnectionFilter:
    """Read the filter out of the address; what it does not know does not matter."""
    status, auth_type = asked("status"), asked("auth")
    return ConnectionFilter(
        text=asked("q")[:_LONGEST_SEARCH],
        status=Status(status) if status in set(Status) else None,
        auth_type=AuthType(auth_type) if auth_type in set(AuthType) else None,
        tag=asked("tag") or None,
    )


def _address(wanted: ConnectionFilter, **changes: str | None) -> str:
    """Return the address of the list with this filter and these changes to it; None drops one."""
    named = {
        "q": wanted.text or None,
        "status": None if wanted.status is None else wanted.status.value,
        "auth": None if wanted.auth_type is None else wanted.auth_type.value,
        "tag": wanted.tag,
    }
    query = {name: value for name, value in (named | changes).items() if value}
    return "/?" + urlencode(query) if query else "/"
