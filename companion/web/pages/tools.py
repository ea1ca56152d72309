"""Tools: the API tokens of single tools, made with limits, shown once, revoked at once; and the page's sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, g, redirect, request

from companion.core.api_tokens import DEFAULT_LIFE, LONGEST_LIFE, MAX_TOKEN_CONNECTIONS
from companion.core.errors import CompanionError, Conflict, FieldError, InvalidInput, NotFound
from companion.service import api_tokens, web_sessions
from companion.service.parts import Parts
from companion.web.callers import SessionCaller
from companion.web.pages.action_words import ACTION_WORDS
from companion.web.pages.anti_forgery import read_form
from companion.web.pages.rendering import page

DAYS = (7, 30, 90, 365)
_NO_NAME = "One of them is not the name of a connection. Write one name on a line."
_TOO_MANY_DAYS = LONGEST_LIFE.days + 1  # as refused as any number beyond, and a date of its own
_DONE = {"revoked": "The API token was revoked, at once.", "ended": "The session was ended, at once."}


def tools_blueprint(parts: Parts) -> Blueprint:
    """Return its routes; making and revoking for who signed in a moment ago."""
    tools = Blueprint("tools", __name__)

    def shown_form(given: Any, refusal: CompanionError | None = None) -> Response:
        return page(
            "tool-new.html",
            status=200 if refusal is None else refusal.http_status,
            here="tools",
            given=given,
            chosen=given.getlist("actions"),
            errors=_errors(refusal),
            actions=ACTION_WORDS,
            days=DAYS,
            usual=DEFAULT_LIFE.days,
        )

    @tools.get("/tools")
    def show() -> Response:
        return page(
            "tools.html",
            here="tools",
            tokens=api_tokens.api_tokens(parts),
            names=_names,
            now=parts.clock(),
            done=_DONE.get(request.args.get("done", "")),
            sessions=web_sessions.open_sessions(parts),
            this_session=g.caller.session.id if isinstance(g.caller, SessionCaller) else None,
        )

    @tools.get("/tools/new")
    def ask() -> Response:
        return shown_form(request.args)

    @tools.post("/tools/new")
    def create() -> Response:
        given = read_form()
        days = given.get("days", type=int) or DEFAULT_LIFE.days
        try:
            made = api_tokens.create_api_token(
                parts,
                given.get("name", ""),
                connections=None if given.get("which") == "all" else _ids(given.get("connections", "")),
                actions=given.getlist("actions"),
                expires_at=parts.clock() + timedelta(days=min(max(days, 0), _TOO_MANY_DAYS)),
            )
        except (InvalidInput, Conflict) as refusal:
            return shown_form(given, refusal)
        return page("tool-made.html", status=201, here="tools", token=made.token, text=made.text.reveal())

    @tools.post("/tools/<token_id>/revoke")
    def revoke(token_id: str) -> Response:
        read_form()
        api_tokens.revoke_api_token(parts, token_id)
        return redirect("/tools?done=revoked", 303)  # type: ignore[return-value]

    @tools.post("/tools/sessions/<session_id>/end")
    def end_session(session_id: str) -> Response:
        read_form()
        web_sessions.end_session(parts, session_id)
        return redirect("/tools?done=ended#sessions", 303)  # type: ignore[return-value]

    def _ids(text: str) -> Sequence[str]:
        found = []
        for name in filter(None, (line.strip() for line in text.splitlines())):
            try:
                found.append(parts.repository.find(name).id)
            except NotFound:
                raise InvalidInput(_NO_NAME, fields=(FieldError("/connections", _NO_NAME),)) from None
        return found

    def _names(ids: Sequence[str]) -> list[str]:
        found = []
        for each in ids[:5]:
            try:
                found.append(parts.repository.get(each).name)
            except NotFound:
                found.append("one that was deleted")
        return found

    return tools


def _errors(refusal: CompanionError | None) -> dict[str, str]:
    if refusal is None:
        return {}
    fields = refusal.fields or (FieldError("/name", refusal.explained.what),)
    told = {each.pointer.split("/")[1]: each.detail for each in fields}
    # The rules speak of ids and of the names that actions have in JSON; the form has neither.
    if "actions" in told:
        told["actions"] = "Choose at least one thing that it may do."
    if told.get("connections", _NO_NAME) != _NO_NAME:
        told["connections"] = f"Write the names of 1 to {MAX_TOKEN_CONNECTIONS} connections, or choose All."
    return told
