"""Deleting a connection: its name is typed, and what goes with it is said before."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request

from companion.core.connection import name_key
from companion.core.errors import StaleRevision
from companion.service import deadlines, delete, usage
from companion.service.panel_jobs import PanelJobKind, PanelJobs
from companion.service.parts import Parts
from companion.web.pages.anti_forgery import read_form
from companion.web.pages.panel_work import to_work
from companion.web.pages.rendering import page


def deleting_blueprint(parts: Parts, panel_jobs: PanelJobs | None) -> Blueprint:
    """Return its routes, for who signed in a moment ago.

    Args:
        panel_jobs: None where the page begins nothing in the control panel.
    """
    deleting = Blueprint("deleting", __name__)

    def shown(id: str, refused: str | None = None, status: int = 200) -> Response:  # noqa: A002
        due = deadlines.deadlines_of_one(parts, id)
        return page(
            "delete.html",
            status=status,
            here="connections",
            connection=due.connection,
            exports=due.exports,
            tools=[each for each in usage.tools_of(parts, id) if each.connections is not None],
            can_revoke=panel_jobs is not None and panel_jobs.can_sign_in(),
            refused=refused,
        )

    @deleting.get("/connections/<id>/delete")
    def show(id: str) -> Response:  # noqa: A002
        return shown(id)

    @deleting.post("/connections/<id>/delete")
    def run(id: str) -> Response:  # noqa: A002
        given = read_form()
        connection = deadlines.deadlines_of_one(parts, id).connection
        if name_key(given.get("name", "")) != name_key(connection.name):
            return shown(id, "That is not its name. Nothing was deleted.", 422)
        if given.get("how") == "revoke" and panel_jobs is not None:
            return to_work(panel_jobs.start(PanelJobKind.REVOKE, connection))
        try:
            delete.delete_connection(parts, id, revision=request.form.get("revision", default=-1, type=int))
        except StaleRevision as stale:
            return shown(id, f"{stale.explained.what} Look at it once more. Nothing was deleted.", 412)
        return redirect("/?done=deleted", 303)  # type: ignore[return-value]

    return deleting
