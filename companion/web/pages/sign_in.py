"""How a session of the page begins and ends."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from flask import Blueprint, Response, g, jsonify, make_response, redirect, request
from werkzeug.exceptions import UnsupportedMediaType

from companion.core.errors import FieldError, MalformedRequest, NotAuthorized
from companion.service import web_sessions
from companion.service.parts import Parts
from companion.web.callers import PersonCaller, SessionCaller, forms_secret, session_cookie, session_text
from companion.web.pages.anti_forgery import FIELD, anti_forgery_token, read_form
from companion.web.pages.rendering import page
from companion.web.public_access import AT_PUBLIC_ADDRESS

_COOKIE: Any = {"path": "/", "httponly": True, "samesite": "Strict"}
_FORM = "application/x-www-form-urlencoded"


def sign_in_blueprint(parts: Parts) -> Blueprint:
    """Return the routes; open to anybody who holds a link, or a session to end."""
    signing = Blueprint("sign_in", __name__)

    @signing.get("/sign-in/<link>")
    def button(link: str) -> Response:
        """Show a button. Whatever fetches the address, such as a preview, spends nothing."""
        return page("sign-in.html", link=link)

    @signing.post("/sign-in")
    def spend() -> Response:
        link = _form_value("link")
        try:
            text = web_sessions.sign_in(parts, link, instead_of=session_text(request))
        except NotAuthorized:
            g.problem_code = "not-authorized"
            return page("sign-in-refused.html", status=401)
        answer = make_response(redirect("/", 303))
        answer.set_cookie(session_cookie(request), text.reveal(), secure=_over_tls(), **_COOKIE)
        return answer

    @signing.get("/session")
    def still_here() -> Response:
        """Tell a page that is open who is signed in by now: what its forms carry, before one of them is sent."""
        text = forms_secret(request)
        if not isinstance(g.caller, SessionCaller | PersonCaller) or text is None:
            return Response(status=401)
        return jsonify({FIELD: anti_forgery_token(text)})

    @signing.post("/sign-out")
    def leave() -> Response:
        """End the session that asks, or with it all others; whoever has none ends nothing."""
        if isinstance(g.caller, SessionCaller):
            if read_form().get("where") == "everywhere":
                web_sessions.sign_out_everywhere(parts)
            else:
                web_sessions.sign_out(parts, session_text(request) or "")
        answer = make_response(redirect("/", 303))
        answer.delete_cookie(session_cookie(request), secure=_over_tls(), **_COOKIE)
        # What the browser keeps of the pages for its back button goes too.
        answer.headers["Clear-Site-Data"] = '"cache"'
        return answer

    return signing


def _over_tls() -> bool:
    """Say whether a cookie may be `secure`: not every browser takes it from http on loopback; nothing leaves there."""
    return AT_PUBLIC_ADDRESS in request.environ


def _form_value(name: str) -> str:
    if request.mimetype != _FORM:
        raise UnsupportedMediaType
    try:
        fields = parse_qs(request.get_data(cache=False).decode("ascii"), max_num_fields=10)
    except ValueError:
        fields = {}
    values = fields.get(name, [])
    if len(values) != 1:
        detail = "The field is missing, or there more than once."
        raise MalformedRequest("The form could not be read.", why=detail, fields=(FieldError(f"/{name}", detail),))
    return values[0]
