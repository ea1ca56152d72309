"""What is done to a connection from the command line: rotating its access token, and using it in other tools."""

from __future__ import annotations

from flask import Blueprint, Response

from companion.service import deadlines
from companion.service.parts import Parts
from companion.web.pages.rendering import page


def hand_on_blueprint(parts: Parts) -> Blueprint:
    """Return its routes."""
    handing = Blueprint("hand_on", __name__)

    @handing.get("/connections/<id>/rotate")
    def rotate(id: str) -> Response:  # noqa: A002
        due = deadlines.deadlines_of_one(parts, id)
        return page("rotate.html", here="connections", connection=due.connection, exports=due.exports)

    @handing.get("/connections/<id>/export")
    def export(id: str) -> Response:  # noqa: A002
        due = deadlines.deadlines_of_one(parts, id)
        return page("export.html", here="connections", connection=due.connection, exports=due.exports)

    return handing
