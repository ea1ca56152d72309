"""Who may ask what, and from where. Judges every request before any view runs.

Order: Host (a rebound name is no caller of ours), Origin and Sec-Fetch-Site (no page of another origin), then who it
is. A bearer token is never sent by a browser on its own, so no request of a foreign page could pass anyway; the first
two are the second line.
"""

from __future__ import annotations

import functools
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response, g
from flask.globals import request_ctx
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from companion.core.api_tokens import (
    Action,
    ApiToken,
    hash_of_api_token,
    id_of_api_token,
    is_token_text,
    rest_actions,
)
from companion.core.errors import FieldError, Locked, MalformedRequest, NotAllowed, NotAuthorized, SignInAgain
from companion.core.secret import Secret
from companion.core.tickets import Ticket, hash_of_ticket
from companion.core.web_sessions import CONFIRMED_FOR, WebSession, cookie_name
from companion.schemas import json_pointer
from companion.service import web_sessions
from companion.service.audit import USER, acting
from companion.service.locking import is_locked
from companion.service.parts import Parts

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")

_TICKET = re.compile(r"[0-9a-f]{64}")

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "interest-cohort=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


# The web page has a stylesheet, a script and forms of its own, and nothing inline. With `no-referrer` a browser would
# give the origin of its forms as null.
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
}

_SECURITY_NAMES = frozenset(name.lower() for name in SECURITY_HEADERS)
_ON_ALL = list(SECURITY_HEADERS.items())
_ON_PAGES = list({**SECURITY_HEADERS, **PAGE_HEADERS}.items())
_IS_PAGE = "companion.is_page"


@dataclass(frozen=True)
class ApiTokenCaller:
    """Holds the API token of the data folder: may do everything."""

    kind = "api-token"


@dataclass(frozen=True)
class TicketCaller:
    """Holds a hand-over ticket: may create or replace one connection, and renew the ticket.

    Attributes:
        ticket: as stored.
        text: what authorizes.
    """

    ticket: Ticket
    text: Secret
    kind = "ticket"


@dataclass(frozen=True)
class ToolCaller:
    """Holds a tool's API token: may do what that allows, with the connections that it names.

    Attributes:
        token: as stored.
    """

    token: ApiToken
    kind = "tool"


@dataclass(frozen=True)
class SessionCaller:
    """Is the user at the web page.

    Attributes:
        session: as stored, open.
    """

    session: WebSession
    kind = "session"


@dataclass(frozen=True)
class Nobody:
    """Asks for a page that shows something to whoever has not signed in."""

    kind = "nobody"


Caller = ApiTokenCaller | TicketCaller | ToolCaller | SessionCaller | Nobody


def name_of(caller: Caller) -> str:
    """Return what the audit chain calls the caller."""
    match caller:
        case TicketCaller():
            return "hand-over ticket"
        case ToolCaller(token):
            return f"tool {token.name}"
        case SessionCaller() | Nobody():
            return "web page"
        case _:
            return USER


# What is told to anybody; it holds nothing secret.
_OPEN_ENDPOINTS = frozenset({"api.health", "api.openapi", "problem_page"})
# The web page is one blueprint of many. These of them show nothing that needs a session, or begin and end one.
_PAGES = "pages"
_OPEN_PAGES = frozenset({"pages.assets", "pages.sign_in"})
# What a session may not do: it would confirm itself, or hand its rights on.
_NOT_FOR_SESSIONS = frozenset(
    {"api.issue_sign_in_link", "api.issue_hand_over_ticket", "api.renew_hand_over_ticket"},
)
# What a session may do only when its user signed in a moment ago.
_CONFIRMED_ENDPOINTS = frozenset(
    {
        "api.delete_connection",
        "api.create_api_token",
        "api.revoke_api_token",
        "api.revoke_all_api_tokens",
        "pages.deleting.show",
        "pages.deleting.run",
        "pages.keys.ask_for_backup",
        "pages.keys.backup",
        "pages.tools.ask",
        "pages.tools.create",
        "pages.tools.revoke",
    }
)
# What a ticket is good for; the views check that it is for this very connection.
_TICKET_ENDPOINTS = frozenset({"api.create_connection", "api.replace_connection", "api.renew_hand_over_ticket"})
# What a tool's API token must allow; what stands in neither of these two is for the user alone.
_TOOL_ENDPOINTS = {
    "api.list_connections": Action.READ,
    "api.get_connection": Action.READ,
    "api.verify_connection": Action.VERIFY,
    "api.run_graphql": Action.GRAPHQL,
    "api.give_storefront_token": Action.STOREFRONT_TOKEN,
}
# What a locked service does all the same.
_WHILE_LOCKED = frozenset({"api.unlock_keys", "api.lock_keys", "api.end_sessions", "pages.unlocking.unlock"})
_FORWARDING = "api.forward_rest_"


def install_guard(app: Flask, parts: Parts, api_token: Secret) -> None:
    """Judge every request of `app` first, and put the security headers on every answer."""

    def judge() -> None:
        request = request_ctx.request  # itself: its stand-in looks for it anew each time
        check_host(request.environ)
        check_query(request)
        endpoint = request.endpoint
        is_page = _PAGES in request.blueprints
        check_origin(request.method, request.headers, request.environ["HTTP_HOST"], is_page=is_page)
        if is_page:
            judge_page(request)
            return
        if endpoint is None or endpoint in _OPEN_ENDPOINTS:
            # An address that is not there is answered 404 to anybody: what exists is public.
            g.caller = _session(request, parts) or Nobody()
            return
        authorization = request.headers.get("Authorization")
        caller = (_session(request, parts) if authorization is None else None) or identify(
            authorization, api_token, parts
        )
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
                    check_own_page(request.headers)
            case _:
                pass
        check_unlocked(endpoint)
        check_body(request, caller)

    def judge_page(request: Request) -> None:
        caller = g.caller = _session(request, parts) or Nobody()
        acting(name_of(caller))
        if request.method not in SAFE_METHODS:
            check_own_page(request.headers)
            check_length(request)
        if _OPEN_PAGES.intersection(request.blueprints):
            return
        if not isinstance(caller, SessionCaller):
            raise NotAuthorized(
                "Nobody is signed in here.",
                why="A session ends after a while without use, and when its service is told to end all.",
                next_step="Run `companion open` and sign in with the new link.",
            )
        check_session(caller.session, request.endpoint or "", parts)
        check_unlocked(request.endpoint or "")

    def check_unlocked(endpoint: str) -> None:
        if endpoint not in _WHILE_LOCKED and is_locked(parts):
            raise Locked(
                "The service is locked.",
                why="Its key-encryption key is locked, so nothing can be sealed or opened.",
                next_step="Run `companion unlock`, or unlock the keychain of your session, then try again.",
            )

    def note_page(response: Response) -> Response:
        if _PAGES in request_ctx.request.blueprints or g.get("shows_page"):
            request_ctx.request.environ[_IS_PAGE] = True
        return response

    app.before_request(judge)
    app.after_request(note_page)
    app.wsgi_app = protected(app.wsgi_app)  # type: ignore[assignment,method-assign]


def protected(app: WSGIApplication) -> WSGIApplication:
    """Return the application with the security headers on all that it answers, in place of any that it has set."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(
            status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
        ) -> Callable[[bytes], object]:
            kept = [header for header in headers if header[0].lower() not in _SECURITY_NAMES]
            return start_response(status, kept + (_ON_PAGES if environ.get(_IS_PAGE) else _ON_ALL), exc_info)

        return app(environ, start)

    return answer


def check_host(environ: dict[str, Any]) -> None:
    """Refuse a Host that is not this machine's loopback with the port we listen on: a rebound name shows there.

    A Unix socket has no port, and no page of a browser leads there.

    Raises:
        NotAllowed: the Host is another, or missing.
    """
    port = str(environ.get("SERVER_PORT", ""))
    if str(environ.get("HTTP_HOST", "")).lower() not in own_names(port):
        raise NotAllowed(
            "The request names a host that is not this service's.",
            why="Only 127.0.0.1, localhost and [::1] with the service's port are answered.",
            next_step=f"Use http://127.0.0.1:{port}.",
        )


@functools.lru_cache(maxsize=8)
def own_names(port: str) -> frozenset[str]:
    """Return what this service is called in a Host; `port` is empty on a Unix socket."""
    return frozenset(f"{name}:{port}" for name in LOOPBACK_NAMES) | frozenset(
        LOOPBACK_NAMES if port in {"80", ""} else ()
    )


def own_address(environ: Mapping[str, Any]) -> str:
    """Return where this service listens, as a proof is bound to it: address and port, or `unix`."""
    port = environ.get("SERVER_PORT")
    return f"{LOOPBACK_NAMES[0]}:{port}" if port else "unix"


def check_origin(method: str, headers: Any, host: str, *, is_page: bool = False) -> None:
    """Refuse requests that a browser made for a page of another origin; programs send neither header.

    Other programs on 127.0.0.1 count as `same-site`, so for changes nothing but `same-origin` will do.

    Args:
        is_page: a page, to which a link or a file may lead; loading it changes nothing, and no frame shows it.

    Raises:
        NotAllowed: Origin or Sec-Fetch-Site names another origin.
    """
    origin = headers.get("Origin")
    site = headers.get("Sec-Fetch-Site")
    if is_page and method in SAFE_METHODS and origin is None and headers.get("Sec-Fetch-Dest") == "document":
        return
    allowed_sites = {"same-origin", "none"} if method in SAFE_METHODS else {"same-origin"}
    if (origin is not None and origin.lower() != f"http://{host}".lower()) or (
        site is not None and site not in allowed_sites
    ):
        raise NotAllowed(
            "The request comes from a page of another origin.",
            why="A browser says so in Origin or Sec-Fetch-Site.",
            next_step="Call the service from a program, or from its own page.",
        )


def check_own_page(headers: Any) -> None:
    """Refuse a change that no page of this service's own asked for: a cookie comes along with any page's request.

    `check_origin` has refused other origins; here one must be named.

    Raises:
        NotAllowed: neither Origin nor Sec-Fetch-Site says so.
    """
    if headers.get("Origin") is None and headers.get("Sec-Fetch-Site") != "same-origin":
        raise NotAllowed(
            "The request does not say that it comes from this service's own page.",
            why="With a session, a change needs the header Origin or Sec-Fetch-Site.",
            next_step="Use the web page, or send the API token instead.",
        )


def check_session(session: WebSession, endpoint: str, parts: Parts) -> None:
    """Refuse what a session does not allow, or only to who signed in a moment ago.

    Raises:
        NotAllowed: a session never allows it.
        SignInAgain: a new sign-in link is needed first.
    """
    if endpoint in _NOT_FOR_SESSIONS:
        raise NotAllowed("The web page may not do this.", next_step="Use the command line.")
    if endpoint in _CONFIRMED_ENDPOINTS and not session.is_confirmed(parts.clock()):
        raise SignInAgain(
            "This needs a new sign-in.",
            why=f"It is allowed for {CONFIRMED_FOR.seconds // 60} minutes after signing in.",
            next_step="Run `companion open`, sign in with the new link, and do it again.",
        )


def session_text(asked: Request) -> str | None:
    """Return what the cookie of this service's own port holds, None where there is none."""
    return asked.cookies.get(cookie_name(str(asked.environ.get("SERVER_PORT", ""))))


def _session(asked: Request, parts: Parts) -> SessionCaller | None:
    text = session_text(asked)
    session = None if text is None else web_sessions.open_session(parts, text)
    return None if session is None else SessionCaller(session)


def check_ticket(endpoint: str) -> None:
    """Refuse what no hand-over ticket allows; the views check that it is for this very connection.

    Raises:
        NotAllowed: it is for something else.
    """
    if endpoint not in _TICKET_ENDPOINTS:
        raise NotAllowed(
            "A hand-over ticket does not allow this.",
            why="It is for handing over one connection, and nothing else.",
            next_step="Use the API token.",
        )


def check_tool(token: ApiToken, endpoint: str, method: str, values: Mapping[str, Any]) -> None:
    """Refuse what a tool's API token does not allow.

    Args:
        values: of the address: `id` of the connection and `path` of the REST API, where it has them.

    Raises:
        NotAllowed: says which action or connection is missing, whether there is such a connection or not.
    """
    connection_id = values.get("id")
    if endpoint.startswith(_FORWARDING):
        needed: tuple[Action, ...] = rest_actions(method, str(values.get("path", "")))
    elif endpoint in _TOOL_ENDPOINTS:
        needed = (_TOOL_ENDPOINTS[endpoint],)
    else:
        raise NotAllowed(
            "The API token of a tool does not allow this.",
            why="Changing connections, API tokens and keys is left to the user.",
            next_step="Use the command line, or the API token of the data folder.",
        )
    missing = [action.value for action in needed if action not in token.actions]
    if missing:
        raise NotAllowed(
            f"The API token {token.name!r} does not allow this.",
            why=f"It lacks the action {missing[0]}.",
            next_step="Make another with `companion api-tokens create` that has it.",
        )
    if not all(token.allows(action, connection_id) for action in needed):
        raise NotAllowed(
            f"The API token {token.name!r} does not allow this connection.",
            why="It is limited to others.",
            next_step="Make another with `companion api-tokens create` that names this one.",
        )


def check_body(asked: Request, caller: Caller) -> None:
    """Refuse what is no JSON, or too much of it, before it is read: also where no body is looked at.

    What is forwarded to the REST API may be of any kind; it is judged as it is read, by `forwarded_body`. A browser can
    send other kinds than JSON for a page of another origin, so that a session forwards JSON alone.

    Raises:
        UnsupportedMediaType, RequestEntityTooLarge: as their names say.
    """
    if (asked.endpoint or "").startswith(_FORWARDING) and not isinstance(caller, SessionCaller):
        return
    if asked.method in SAFE_METHODS:
        return
    check_length(asked)
    has_body = bool(asked.content_length) or "Transfer-Encoding" in asked.headers
    if (has_body or asked.mimetype) and asked.mimetype != "application/json":
        raise UnsupportedMediaType


def check_query(asked: Request) -> None:
    """Refuse a query that names one thing twice: two readers would take it for two things.

    Raises:
        MalformedRequest: points at the name.
    """
    if not asked.query_string or (asked.endpoint or "").startswith(_FORWARDING):
        return  # that of a forwarded call is BigCommerce's to judge
    for name, values in asked.args.lists():
        if len(values) > 1:
            detail = "The query names this more than once."
            raise MalformedRequest(
                "The request could not be read.", why=detail, fields=(FieldError(json_pointer([name]), detail),)
            )


def check_length(asked: Request) -> None:
    """Refuse too long a body before it is read. Raises `RequestEntityTooLarge`."""
    limit = asked.max_content_length
    if limit is not None and (asked.content_length or 0) > limit:
        raise RequestEntityTooLarge


def identify(authorization: str | None, api_token: Secret, parts: Parts) -> Caller:
    """Say who is asking.

    Raises:
        NotAuthorized: no token, or an unknown one.
    """
    scheme, _, given = (authorization or "").partition(" ")
    given = given.strip()
    if scheme.lower() != "bearer" or not given:
        raise NotAuthorized(
            "No API token was sent.", next_step="Send `Authorization: Bearer …` with the token of the data folder."
        )
    if hmac.compare_digest(given.encode("utf-8", "replace"), api_token.reveal().encode()):
        return ApiTokenCaller()
    try:
        return _known(given, parts)
    except NotAuthorized:
        parts.refusals.count()
        raise


def _known(given: str, parts: Parts) -> Caller:
    text = Secret(given)
    if is_token_text(given):
        return _tool(text, parts)
    ticket = parts.repository.ticket(hash_of_ticket(text)) if _TICKET.fullmatch(given) else None
    if ticket is None:
        raise NotAuthorized(
            "The token that was sent is not known.",
            why="It is neither this data folder's API token nor a hand-over ticket.",
            next_step="Take the token from the data folder, or set COMPANION_API_TOKEN_FILE.",
        )
    return TicketCaller(ticket, text)


def _tool(text: Secret, parts: Parts) -> ToolCaller:
    token = parts.repository.api_token(id_of_api_token(text))
    if token is None or not hmac.compare_digest(token.token_hash, hash_of_api_token(text)):
        raise NotAuthorized(
            "The API token that was sent is not known.",
            why="It was revoked, or is another data folder's.",
            next_step="Make a new one with `companion api-tokens create`.",
        )
    now = parts.clock()
    if not token.is_open(now):
        raise NotAuthorized(
            f"The API token {token.name!r} has expired.",
            next_step="Make a new one with `companion api-tokens create`.",
        )
    parts.uses.note(token.id, now)
    return ToolCaller(token)
