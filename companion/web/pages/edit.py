"""Editing a connection: name and tags by themselves, all else with the access token entered again."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request

from companion.core.connection import Connection
from companion.core.errors import (
    BigCommerceUnreachable,
    CompanionError,
    InvalidInput,
    NameTaken,
    NotProven,
    StaleRevision,
)
from companion.core.storefront_token import SERVER_USE_ENDS
from companion.service import edit, find, replace
from companion.service.parts import Parts
from companion.web.pages.anti_forgery import FormOfAnotherSession, read_form
from companion.web.pages.connection_form import ENTER_AGAIN, ConnectionForm, draft_of
from companion.web.pages.kept_form import kept_form
from companion.web.pages.rendering import page


def edit_blueprint(parts: Parts) -> Blueprint:
    """Return its routes."""
    editing = Blueprint("edit", __name__)

    def shown(
        connection: Connection,
        form: ConnectionForm,
        refusal: CompanionError | None = None,
        status: int | None = None,
        *,
        made_from: int,
    ) -> Response:
        """Show the form; `made_from` is the revision that what stands in it was made from."""
        return page(
            "edit.html",
            status=status or (200 if refusal is None else refusal.http_status),
            here="connections",
            connection=connection,
            form=form,
            revision=made_from,
            refusal=refusal,
            may_store_unproven=isinstance(refusal, NotProven | BigCommerceUnreachable),
            ended=parts.clock() >= SERVER_USE_ENDS,
        )

    @editing.get("/connections/<id>/edit")
    def show(id: str) -> Response:  # noqa: A002
        connection = find.connection_by_id(parts, id)
        return shown(connection, _filled(connection), made_from=connection.revision)

    @editing.post("/connections/<id>/edit")
    def save(id: str) -> Response:  # noqa: A002
        connection = find.connection_by_id(parts, id)
        try:
            form = ConnectionForm(read_form())
        except FormOfAnotherSession:
            form = ConnectionForm(kept_form())
            form.refuse(ENTER_AGAIN, otherwise="access_token")
            return shown(connection, form, status=403, made_from=_revision())
        try:
            draft = draft_of(form, before=connection)
            replace.replace_connection(parts, id, draft, revision=_revision(), prove="unproven" not in request.form)
        except InvalidInput:
            return shown(connection, form, status=422, made_from=_revision())
        except NameTaken as taken:
            form.refuse(taken, otherwise="name")
            return shown(connection, form, status=409, made_from=_revision())
        except (NotProven, BigCommerceUnreachable) as refusal:
            return shown(connection, form, refusal, made_from=_revision())
        except StaleRevision as refusal:  # told so, and what is sent again after that is meant
            return shown(connection, form, refusal, made_from=connection.revision)
        return redirect(f"/connections/{id}?done=saved", 303)  # type: ignore[return-value]

    @editing.post("/connections/<id>/name-and-tags")
    def label(id: str) -> Response:  # noqa: A002
        form = ConnectionForm(read_form())
        connection = find.connection_by_id(parts, id)
        tags = [tag for tag in (each.strip() for each in (form.tags.data or "").split(",")) if tag]
        try:
            edit.edit_connection(parts, id, revision=_revision(), name=form.name.data or "", tags=tags)
        except (InvalidInput, NameTaken) as refused:
            again = _filled(connection)
            again.name.data, again.tags.data = form.name.data, form.tags.data
            again.refuse(refused)
            return shown(connection, again, status=refused.http_status, made_from=_revision())
        except StaleRevision as refusal:
            return shown(connection, _filled(connection), refusal, made_from=connection.revision)
        return redirect(f"/connections/{id}?done=saved", 303)  # type: ignore[return-value]

    return editing


def _filled(connection: Connection) -> ConnectionForm:
    return ConnectionForm(
        data={
            "name": connection.name,
            "subdomain": connection.subdomain,
            "auth_type": connection.auth_type.value,
            "store_hash": connection.store_hash,
            "channel_id": str(connection.channel_id),
            "scopes": list(connection.scopes) or ["Unauthenticated"],
            "tags": ", ".join(connection.tags),
        }
    )


def _revision() -> int:
    """Return the revision that the form was made from; one that none has where it does not say."""
    return request.form.get("revision", default=-1, type=int)
