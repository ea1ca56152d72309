"""The web page: how one signs in and out, and a list of the connections."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from werkzeug.exceptions import UnsupportedMediaType

from companion.core.errors import FieldError, MalformedRequest, NotAuthorized
from companion.core.web_sessions import CONFIRMED_FOR, IDLE_LIFE, cookie_name
from companion.service import find, web_sessions
from companion.service.parts import Parts
from companion.web.guard import SessionCaller, is_locked, session_text

_FORM = "application/x-www-form-urlencoded"
_PAGE = 50
_FILES = Path(__file__).parent / "templates"


def pages_blueprint(parts: Parts) -> Blueprint:
    """Return the routes of the web page."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def index() -> Response:
        if not isinstance(g.caller, SessionCaller):
            return _page("signed-out.html")
        if is_locked(parts):
            return _page("locked.html", status=423)
        page = find.connection_page(parts, limit=_PAGE, after=request.args.get("after"))
        return _page("connections.html", connections=page.connections, next=page.after)

    @pages.get("/sign-in/<link>")
    def sign_in_page(link: str) -> Response:
        """Show a button. Whatever fetches the address, such as a preview, spends nothing."""
        return _page("sign-in.html", link=link)

    @pages.post("/sign-in")
    def sign_in() -> Response:
        link = _form_value("link")
        try:
            text = web_sessions.sign_in(parts, link, instead_of=session_text(request))
        except NotAuthorized:
            g.problem_code = "not-authorized"
            return _page("sign-in-refused.html", status=401)
        answer = make_response(redirect("/", 303))
        # Without `secure`, which not every browser takes from http on loopback; nothing leaves the machine.
        answer.set_cookie(_cookie(), text.reveal(), path="/", httponly=True, samesite="Strict")
        return answer

    @pages.post("/sign-out")
    def sign_out() -> Response:
        if _form_value("where") == "everywhere":
            web_sessions.sign_out_everywhere(parts)
        else:
            web_sessions.sign_out(parts, session_text(request) or "")
        answer = make_response(redirect("/", 303))
        answer.delete_cookie(_cookie(), path="/", httponly=True, samesite="Strict")
        return answer

    @pages.get("/style.css")
    def style() -> Response:
        return Response((_FILES / "style.css").read_text("utf-8"), content_type="text/css; charset=utf-8")

    @pages.get("/icon.svg")
    def icon() -> Response:
        """The picture of the tab, which a browser that is told of none asks for at an address of its own."""
        return Response((_FILES / "icon.svg").read_text("utf-8"), content_type="image/svg+xml")

    return pages


def _page(template: str, *, status: int = 200, **values: object) -> Response:
    text = render_template(
        template,
        signed_in=isinstance(g.get("caller"), SessionCaller),
        idle_minutes=int(IDLE_LIFE.total_seconds() // 60),
        confirmed_minutes=int(CONFIRMED_FOR.total_seconds() // 60),
        **values,
    )
    return Response(text, status=status, content_type="text/html; charset=utf-8")


def _cookie() -> str:
    return cookie_name(str(request.environ.get("SERVER_PORT", "")))


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
