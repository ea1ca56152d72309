"""How the access token of a connection is rotated, and how it is used in other tools."""

from __future__ import annotations

from flask import Blueprint, Response

from companion.service import deadlines
from companion.service.panel_jobs import PanelJobs
from companion.service.parts import Parts
from companion.web.pages.rendering import page


def hand_on_blueprint(parts: Parts, panel_jobs: PanelJobs | None) -> Blueprint:
    """Return its routes.

    Args:
        panel_jobs: None where the page begins nothing in the control panel.
    """
    handing = Blueprint("hand_on", __name__)

    @handing.get("/connections/<id>/rotate")
    def rotate(id: str) -> Response:  # noqa: A002
        due = deadlines.deadlines_of_one(parts, id)
        can_begin = panel_jobs is not None and panel_jobs.can_sign_in()
        return page(
            "rotate.html", here="connections", connection=due.connection, exports=due.exports, can_begin=can_begin
        )

    @handing.get("/connections/<id>/export")
    def export(id: str) -> Response:  # noqa: A002
        due = deadlines.deadlines_of_one(parts, id)
        return page("export.html", here="connections", connection=due.connection, exports=due.exports)

    return handing
