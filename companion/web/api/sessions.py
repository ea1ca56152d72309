"""`/api/v1/sessions`, `/sign-in-links`: how sessions of the web page begin and end."""

from __future__ import annotations

from flask import Response, g
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag

from companion.core.errors import NotAllowed
from companion.core.secret import Secret
from companion.core.timestamps import timestamp
from companion.schemas.service import EndedOut, SignInLinkOut, UnlockIn
from companion.service import web_sessions
from companion.service.parts import Parts
from companion.web.answers import answer
from companion.web.api.describing import problems
from companion.web.callers import SessionCaller

_SESSIONS = Tag(name="sessions", description="Sessions of the web page.")


def add_session_routes(api: APIBlueprint, parts: Parts) -> None:
    """Add the routes to `/api/v1`."""

    @api.post("/sign-in-links", tags=[_SESSIONS], responses={201: SignInLinkOut, **problems(413, 415)})
    def issue_sign_in_link() -> Response:
        """Make a link that begins a session of the web page, once and within five minutes."""
        text, expires_at = web_sessions.issue_link(parts)
        return answer({"path": f"/sign-in/{text.reveal()}", "expires_at": timestamp(expires_at)}, 201)

    @api.post("/sessions/confirmation", tags=[_SESSIONS], responses={204: None, **problems(409, 413, 415, 429)})
    def confirm_session(body: UnlockIn) -> Response:
        """Prove with the passphrase who is at the web page, as a new sign-in link does, for what needs that anew."""
        caller = g.caller
        if not isinstance(caller, SessionCaller):
            raise NotAllowed("There is no session to confirm.", next_step="Use the web page.")
        web_sessions.confirm(parts, caller.session, Secret(body.passphrase.get_secret_value()))
        return Response(status=204)

    @api.delete("/sessions", tags=[_SESSIONS], responses={200: EndedOut, **problems()})
    def end_sessions() -> Response:
        """End all sessions of the web page, and all links that were not used."""
        return answer({"ended": web_sessions.sign_out_everywhere(parts)})
