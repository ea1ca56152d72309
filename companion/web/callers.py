"""Who asks: the user, a tool, the holder of a hand-over ticket, or nobody that we know."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass

from flask import Request, Response, g

from companion.core.api_tokens import ApiToken, hash_of_api_token, id_of_api_token, is_token_text
from companion.core.errors import NotAuthorized
from companion.core.people import Person
from companion.core.secret import Secret
from companion.core.tickets import Ticket, hash_of_ticket
from companion.core.web_sessions import WebSession, cookie_name
from companion.service import web_sessions
from companion.service.audit import USER, name_of_tool
from companion.service.parts import Parts
from companion.web.public_access import AT_PUBLIC_ADDRESS, FORMS_COOKIE, PUBLIC_COOKIE, PublicAccess

_TICKET = re.compile(r"[0-9a-f]{64}")
_FORMS = _TICKET


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
class PersonCaller:
    """Has signed in at the identity provider.

    Attributes:
        person: who it is, with a role.
    """

    person: Person
    kind = "person"


@dataclass(frozen=True)
class Nobody:
    """Asks for a page that shows something to whoever has not signed in."""

    kind = "nobody"


Caller = ApiTokenCaller | TicketCaller | ToolCaller | SessionCaller | PersonCaller | Nobody


def name_of(caller: Caller) -> str:
    """Return what the audit chain calls the caller."""
    match caller:
        case TicketCaller():
            return "hand-over ticket"
        case ToolCaller(token):
            return name_of_tool(token)
        case PersonCaller(person):
            return f"person {person.name}"
        case SessionCaller() | Nobody():
            return "web page"
        case _:
            return USER


def session_text(asked: Request) -> str | None:
    """Return what the session's cookie holds, None where there is none."""
    return asked.cookies.get(session_cookie(asked))


def session_cookie(asked: Request) -> str:
    """Return the name of the session's cookie: at the public address, or of this service's own port."""
    if AT_PUBLIC_ADDRESS in asked.environ:
        return PUBLIC_COOKIE
    return cookie_name(str(asked.environ.get("SERVER_PORT", "")))


def session_caller(asked: Request, parts: Parts) -> SessionCaller | None:
    """Return who has signed in at the web page; None where the session is none, or has ended."""
    text = session_text(asked)
    session = None if text is None else web_sessions.open_session(parts, text)
    return None if session is None else SessionCaller(session)


def forms_secret(asked: Request) -> str | None:
    """Return the text under which the forms of who is at the page are proven; None where nobody is.

    A session's own text; a person has none here, so that a cookie holds one, which `keep_forms_secret` sets. The
    subject goes with it: the forms of one person are none of the next at the same browser.
    """
    caller = g.get("caller")
    if not isinstance(caller, PersonCaller):
        return session_text(asked)
    kept = asked.cookies.get(FORMS_COOKIE, "")
    if not _FORMS.fullmatch(kept):
        kept = g.new_forms_secret = g.get("new_forms_secret") or secrets.token_hex(32)
    return f"{kept}\n{caller.person.subject}"


def keep_forms_secret(answer: Response) -> None:
    """Set the cookie with a text that `forms_secret` has made for this answer."""
    made = g.get("new_forms_secret")
    if made is not None:  # lax: one comes back from the identity provider, which is another site
        answer.set_cookie(FORMS_COOKIE, made, path="/", secure=True, httponly=True, samesite="Lax")


def person_caller(asked: Request, access: PublicAccess, parts: Parts) -> PersonCaller | None:
    """Return who has signed in at the identity provider; None where no assertion came along, or none would count.

    Raises:
        NotAuthorized, NotAllowed, IdentityUnavailable: as `Identities.person`.
    """
    assertion = access.assertion(asked)
    if assertion is None or access.identities is None:
        return None
    try:
        return PersonCaller(access.identities.person(assertion))
    except NotAuthorized:
        parts.refusals.count()
        raise


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
