"""Who may ask what, and from where. Judges every request before any view runs.

Order: Host (a rebound name is no caller of ours), Origin and Sec-Fetch-Site (no page of another origin), then who it
is. A bearer token is never sent by a browser on its own, so no request of a foreign page could pass anyway; the first
two are the second line.
"""

from __future__ import annotations

from flask import Flask, Request, Response, g
from flask.globals import request_ctx
from werkzeug.exceptions import UnsupportedMediaType

from companion.core.errors import FieldError, Locked, MalformedRequest, NotAllowed, NotAuthorized
from companion.core.secret import Secret
from companion.schemas.problems import json_pointer
from companion.service.audit import acting
from companion.service.locking import is_locked
from companion.service.parts import Parts
from companion.web.body_limits import LongBodies
from companion.web.callers import (
    Caller,
    Nobody,
    PersonCaller,
    SessionCaller,
    TicketCaller,
    ToolCaller,
    identify,
    keep_forms_secret,
    name_of,
    person_caller,
    session_caller,
)
from companion.web.origins import SAFE_METHODS, check_host, check_origin, check_own_page
from companion.web.permissions import (
    FORWARDING,
    LINK_ENDPOINTS,
    OPEN_ENDPOINTS,
    OPEN_PAGES,
    WHILE_LOCKED,
    check_session,
    check_ticket,
    check_tool,
)
from companion.web.public_access import PublicAccess
from companion.web.roles import check_person
from companion.web.security_headers import IS_PAGE, protected

# How the endpoints of the web page begin, which is one blueprint of many.
_PAGES = "pages."
_ASSETS = "pages.assets"


def install_guard(app: Flask, parts: Parts, api_token: Secret, access: PublicAccess) -> None:
    """Judge every request of `app` first, and put the security headers on every answer."""

    long_bodies = LongBodies(app)

    def judge() -> None:
        request = request_ctx.request  # itself: its stand-in looks for it anew each time
        environ = request.environ
        check_host(environ, access.address)
        check_query(request)
        endpoint = request.endpoint
        is_page = endpoint is not None and endpoint.startswith(_PAGES)
        check_origin(environ, is_page=is_page)
        if is_page:
            judge_page(request)
            return
        if endpoint is None or endpoint in OPEN_ENDPOINTS:
            # An address that is not there is answered 404 to anybody: what exists is public.
            g.caller = Nobody() if access.signs_in_elsewhere(request) else session_caller(request, parts) or Nobody()
            return
        authorization = environ.get("HTTP_AUTHORIZATION")
        # A program's token counts before the identity of a person, unless they stand in one place.
        is_from_page = authorization is None or (access.in_authorization and access.assertion(request) is not None)
        caller = (at_page(request) if is_from_page else None) or identify(authorization, api_token, parts)
        g.caller = caller
        acting(name_of(caller))
        match caller:
            case TicketCaller():
                check_ticket(endpoint)
            case ToolCaller(token):
                check_tool(token, endpoint, request.method, request.view_args or {})
            case SessionCaller(session):
                check_session(session, endpoint, parts)
                if request.method not in SAFE_METHODS:
                    check_own_page(request.environ)
            case PersonCaller(person):
                check_person(person, endpoint, parts.clock())
                if request.method not in SAFE_METHODS:
                    check_own_page(request.environ)
            case _:
                pass
        check_unlocked(endpoint)
        check_body(request, caller, long_bodies)

    def judge_page(request: Request) -> None:
        g.caller = Nobody()
        if _ASSETS not in request.blueprints:
            g.caller = at_page(request) or Nobody()
        caller: Caller = g.caller
        acting(name_of(caller))
        if request.method not in SAFE_METHODS:
            check_own_page(request.environ)
            long_bodies.admit(request)
        if request.endpoint in LINK_ENDPOINTS and access.signs_in_elsewhere(request):
            raise NotAllowed(
                "Sign-in links do not count at this address.",
                why="People sign in at the identity provider here.",
                next_step="Open the page without a link.",
            )
        if not OPEN_PAGES.isdisjoint(request.blueprints):
            return
        if isinstance(caller, PersonCaller):
            check_person(caller.person, request.endpoint or "", parts.clock())
            check_unlocked(request.endpoint or "")
            return
        if not isinstance(caller, SessionCaller):
            if access.signs_in_elsewhere(request):
                raise NotAuthorized(
                    "Nobody is signed in here.",
                    why=f"The proxy passed on no identity in the header {access.header}.",
                    next_step="Sign in at the proxy; where you did, have who runs it pass the signed identity on.",
                )
            raise NotAuthorized(
                "Nobody is signed in here.",
                why="A session ends after a while without use, and when its service is told to end all.",
                next_step="Run `companion open` and sign in with the new link.",
            )
        check_session(caller.session, request.endpoint or "", parts)
        check_unlocked(request.endpoint or "")

    def at_page(request: Request) -> SessionCaller | PersonCaller | None:
        """Say who is at the page: a person where people sign in at an identity provider, else who has a session."""
        if access.signs_in_elsewhere(request):
            return person_caller(request, access, parts)
        return session_caller(request, parts)

    def check_unlocked(endpoint: str) -> None:
        if endpoint not in WHILE_LOCKED and is_locked(parts):
            raise Locked(
                "The service is locked.",
                why="Its key-encryption key is locked, so nothing can be sealed or opened.",
                next_step="Run `companion unlock`, or unlock the keychain of your session, then try again.",
            )

    def note_page(response: Response) -> Response:
        request = request_ctx.request
        if (request.endpoint or "").startswith(_PAGES) or g.get("shows_page"):
            request.environ[IS_PAGE] = True
        keep_forms_secret(response)
        return response

    app.before_request(judge)
    app.after_request(note_page)
    app.wsgi_app = protected(app.wsgi_app)  # type: ignore[assignment,method-assign]


def check_body(asked: Request, caller: Caller, long_bodies: LongBodies) -> None:
    """Refuse what is no JSON, or too much of it, before it is read: also where no body is looked at.

    What is forwarded to the REST API may be of any kind; it is judged as it is read, by `forwarded_body`. A browser can
    send other kinds than JSON for a page of another origin, so that a session or a person forwards JSON alone.

    Raises:
        UnsupportedMediaType, RequestEntityTooLarge: as their names say.
        TooMuchAtOnce: as `LongBodies.admit`.
    """
    if (asked.endpoint or "").startswith(FORWARDING) and not isinstance(caller, SessionCaller | PersonCaller):
        return
    if asked.method in SAFE_METHODS:
        return
    long_bodies.admit(asked)
    environ = asked.environ
    if environ.get("CONTENT_TYPE") == "application/json":  # as nearly everybody writes it
        return
    has_body = bool(asked.content_length) or "HTTP_TRANSFER_ENCODING" in environ
    if (has_body or asked.mimetype) and asked.mimetype != "application/json":
        raise UnsupportedMediaType


def check_query(asked: Request) -> None:
    """Refuse a query that names one thing twice: two readers would take it for two things.

    Raises:
        MalformedRequest: points at the name.
    """
    if not asked.query_string or (asked.endpoint or "").startswith(FORWARDING):
        return  # that of a forwarded call is BigCommerce's to judge
    for name, values in asked.args.lists():
        if len(values) > 1:
            detail = "The query names this more than once."
            raise MalformedRequest(
                "The request could not be read.", why=detail, fields=(FieldError(json_pointer([name]), detail),)
            )
