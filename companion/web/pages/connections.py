"""The list of connections."""

from __future__ import annotations

from flask import Blueprint, Response, request

from companion.service import find
from companion.service.parts import Parts
from companion.web.pages.rendering import page

_PAGE = 50


def connections_blueprint(parts: Parts) -> Blueprint:
    """Return the list's routes."""
    listing = Blueprint("connections", __name__)

    @listing.get("/")
    def index() -> Response:
        found = find.connection_page(parts, limit=_PAGE, after=request.args.get("after"))
        if not found.connections and "after" not in request.args:
            return page("first-run.html", here="connections")
        return page("connections.html", here="connections", connections=found.connections, next=found.after)

    return listing
