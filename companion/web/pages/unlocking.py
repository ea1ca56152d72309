"""The passphrase of the keys: opens a locked service, and proves who is at the page."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect

from companion.core.errors import Conflict, TooManyTries, WrongPassphrase
from companion.core.secret import Secret
from companion.service import web_sessions
from companion.service.parts import Parts
from companion.web.pages.anti_forgery import read_form
from companion.web.pages.rendering import page


def unlocking_blueprint(parts: Parts) -> Blueprint:
    """Return its routes."""
    unlocking = Blueprint("unlocking", __name__)

    @unlocking.post("/unlock")
    def unlock() -> Response:
        given = read_form()
        if parts.unlocking is None:
            raise Conflict("The keys of this service are not unlocked here.", next_step="Run `companion unlock`.")
        try:
            parts.unlocking.unlock(Secret(given.get("passphrase", "")))
        except (WrongPassphrase, TooManyTries) as refusal:
            return page("locked.html", status=refusal.http_status, refusal=refusal)
        return redirect("/", 303)  # type: ignore[return-value]

    @unlocking.post("/confirm")
    def confirm() -> Response:
        given = read_form()
        back = given.get("back", "/")
        try:
            web_sessions.confirm(parts, g.caller.session, Secret(given.get("passphrase", "")))
        except (WrongPassphrase, TooManyTries) as refusal:
            return page("confirm.html", status=refusal.http_status, refusal=refusal, back=back)
        return redirect(back if _is_ours(back) else "/", 303)  # type: ignore[return-value]

    return unlocking


def _is_ours(path: str) -> bool:
    """Say whether a path leads to a screen of this page, and nowhere else."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
