"""Shows a failure as a screen to who looks at the page with a browser; programs get the problem document."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request

from companion.web.pages.kept_form import kept_fields
from companion.web.pages.rendering import is_part_asked_for, page

_NOT_PAGES = ("/api/", "/metrics", "/problems/")
# Failures that have a screen of their own; the others share one.
_SCREENS = {
    "not-authorized": "signed-out.html",
    "locked": "locked.html",
    "sign-in-again": "confirm.html",
    "wrong-key": "wrong-key.html",
}


def failure_page(problem: dict[str, Any], headers: Any) -> Response | None:
    """Return the screen for a problem document; None where a program asked."""
    if request.path.startswith(_NOT_PAGES) or not (is_part_asked_for() or "text/html" in headers.get("Accept", "")):
        return None
    if is_part_asked_for():
        # The screen that is shown is out of date: loading it anew shows what is wrong.
        answer = Response(status=problem["status"])
        answer.headers["HX-Refresh"] = "true"
        return answer
    status = problem["status"]
    if problem["code"] == "not-authorized" and request.path == "/":
        status = 200  # the front door: it says how to come in
    kept = kept_fields() if problem["code"] == "not-authorized" else []
    screen = _SCREENS.get(problem["code"], "failure.html")
    return page(screen, status=status, problem=problem, back=_way_back(), kept=kept)


def _way_back() -> str:
    """Return the screen from which what was refused can be done again."""
    adapter = current_app.create_url_adapter(request)
    return request.path if adapter is not None and adapter.test(request.path, method="GET") else "/tools"
