"""Trying everything out with a simulated store: its start, the way to its page, and its end."""

from __future__ import annotations

from flask import Blueprint, Response, redirect

from companion.core.errors import NotFound
from companion.service.try_out import TryOut
from companion.web.pages.anti_forgery import read_form
from companion.web.pages.rendering import page


def try_out_blueprint(try_out: TryOut | None) -> Blueprint:
    """Return its routes.

    Args:
        try_out: None where none can be started.
    """
    trying = Blueprint("try_out", __name__)

    def there() -> TryOut:
        if try_out is None or not try_out.is_there:
            raise NotFound(
                "No simulated store can be started here.", next_step="Run `companion demo --headed` in a terminal."
            )
        return try_out

    @trying.get("/try-out")
    def show() -> Response:
        """Say whether one runs; its page is led to by a form, since a link to it works once."""
        return page("try-out.html", here="connections", is_running=there().is_running, link=None)

    @trying.post("/try-out")
    def start() -> Response:
        read_form()
        link = there().link().reveal()
        return page("try-out.html", here="connections", is_running=True, link=link)

    @trying.post("/try-out/end")
    def end() -> Response:
        read_form()
        there().end()
        return redirect("/?done=tried", 303)  # type: ignore[return-value]

    return trying
