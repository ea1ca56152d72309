"""What is done in the control panel from the page besides retrieving: begun by a form, followed, cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, redirect

from companion.core.errors import NotFound
from companion.core.exit_codes import ExitCode
from companion.service import find
from companion.service.panel_jobs import PanelJob, PanelJobKind, PanelJobs
from companion.service.parts import Parts
from companion.web.pages.anti_forgery import read_form
from companion.web.pages.rendering import page

_UNDER_WAY = {
    PanelJobKind.ROTATE: "Rotating the access token",
    PanelJobKind.REVOKE: "Deleting it at BigCommerce, too",
}
_DONE = {
    PanelJobKind.ROTATE: "The access token is rotated",
    PanelJobKind.REVOKE: "It is deleted, here and at BigCommerce",
}


def panel_work_blueprint(parts: Parts, jobs: PanelJobs | None) -> Blueprint:
    """Return its routes.

    Args:
        jobs: None where none can be begun.
    """
    working = Blueprint("panel_work", __name__)

    def there() -> PanelJobs:
        if jobs is None:
            raise NotFound("This service does nothing in the control panel.", next_step="Use the command line.")
        return jobs

    @working.post("/connections/<id>/rotate")
    def rotate(id: str) -> Response:  # noqa: A002  the name of the API's paths
        """Begin; for who signed in a moment ago, since it ends with the deletion of an API account."""
        read_form()
        return to_work(there().start(PanelJobKind.ROTATE, find.connection_by_id(parts, id)))

    @working.get("/panel-work/<job_id>")
    def follow(job_id: str) -> Response:
        job = there().get(job_id)
        code = job.command.exit_code
        return page(
            "work.html",
            here="connections",
            job=job,
            heading=_heading(job, code),
            is_done=code in {ExitCode.DONE, ExitCode.ATTENTION_DUE},
            is_partly_done=code == ExitCode.ATTENTION_DUE,
            error=_error(job.command.document),
            created=[str(each["name"]) for each in job.command.document.get("created", ())],
        )

    @working.post("/panel-work/<job_id>")
    def cancel(job_id: str) -> Response:
        read_form()
        job = there().get(job_id)
        job.command.interrupt()
        return to_work(job)

    return working


def to_work(job: PanelJob) -> Response:
    """Lead to where it is followed."""
    return redirect(f"/panel-work/{job.id}", 303)  # type: ignore[return-value]


def _heading(job: PanelJob, code: int | None) -> str:
    if code is None:
        return _UNDER_WAY[job.kind]
    if code in {ExitCode.DONE, ExitCode.ATTENTION_DUE}:
        return _DONE[job.kind]
    return "Cancelled" if code == ExitCode.INTERRUPTED else "It could not be finished"


def _error(document: Mapping[str, Any]) -> Mapping[str, Any]:
    error = document.get("error")
    if isinstance(error, dict):
        return error
    return {"detail": "It ended without saying why.", "next_step": "`companion doctor` looks for the cause."}
