"""Reauthorizing: from the auth type Token to Custom, or to other scopes or another channel; and for many at once."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, redirect

from companion.core.connection import STOREFRONT_SCOPES, AuthType, Connection
from companion.core.errors import CompanionError, InvalidInput, NotFound
from companion.core.secret import Secret
from companion.core.store_urls import channel_id_from_text
from companion.ports.listing import ConnectionFilter
from companion.service import find, reauthorize
from companion.service.parts import Parts
from companion.web.pages.anti_forgery import read_form
from companion.web.pages.connection_form import ConnectionForm
from companion.web.pages.rendering import page

AT_ONCE = 10
"""How many are reauthorized by one press: each asks BigCommerce several times, and the page waits for it."""


@dataclass(frozen=True)
class Outcome:
    """What became of one of many.

    Attributes:
        refusal: None where it was reauthorized.
    """

    connection: Connection
    refusal: CompanionError | None


def reauthorize_blueprint(parts: Parts) -> Blueprint:
    """Return its routes."""
    authorizing = Blueprint("reauthorize", __name__)

    def shown(connection: Connection, form: ConnectionForm, refusal: CompanionError | None = None) -> Response:
        status = 200 if refusal is None else refusal.http_status
        return page(
            "reauthorize.html", status=status, here="connections", connection=connection, form=form, refusal=refusal
        )

    @authorizing.get("/connections/<id>/reauthorize")
    def show(id: str) -> Response:  # noqa: A002
        connection = find.connection_by_id(parts, id)
        scopes = list(connection.scopes) or [STOREFRONT_SCOPES[0]]
        form = ConnectionForm(data={"scopes": scopes, "channel_id": str(connection.channel_id)})
        return shown(connection, form)

    @authorizing.post("/connections/<id>/reauthorize")
    def run(id: str) -> Response:  # noqa: A002
        form = ConnectionForm(read_form())
        connection = find.connection_by_id(parts, id)
        typed = (form.access_token.data or "").strip()
        try:
            now = reauthorize.reauthorize_connection(
                parts,
                id,
                scopes=form.scopes.data or (),
                channel_id=channel_id_from_text(form.channel_id.data or ""),
                access_token=Secret(typed) if typed else None,
            )
        except NotFound:
            raise
        except InvalidInput as refused:
            form.refuse(refused, otherwise="channel_id")
            return shown(connection, form, refused)
        except CompanionError as refusal:
            return shown(connection, form, refusal)
        done = "unchanged" if now.revision == connection.revision else "reauthorized"
        return redirect(f"/connections/{id}?done={done}", 303)  # type: ignore[return-value]

    @authorizing.post("/reauthorize")
    def run_many() -> Response:
        after = read_form().get("after") or None
        some = find.listed(parts, ConnectionFilter(auth_type=AuthType.TOKEN), limit=AT_ONCE, after=after)
        outcomes: list[Outcome] = []
        for connection in some.connections:
            try:
                now = reauthorize.reauthorize_connection(parts, connection.id)
            except CompanionError as refusal:
                outcomes.append(Outcome(connection, refusal))
            else:
                outcomes.append(Outcome(now, None))
        left = find.overview(parts).with_auth_type_token
        return page("reauthorized.html", here="connections", outcomes=outcomes, left=left, after=some.after)

    return authorizing
