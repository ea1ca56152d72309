"""“Create connection”: the whole form, checked as one types and again when it is sent."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request

from companion.core.credentials_file import credentials_from_text
from companion.core.errors import BigCommerceUnreachable, InvalidInput, NameTaken, NotFound
from companion.core.storefront_token import SERVER_USE_ENDS
from companion.service import add, verify
from companion.service.parts import Parts
from companion.web.pages.anti_forgery import FormOfAnotherSession, read_form
from companion.web.pages.connection_form import CHECKED_ALONE, ENTER_AGAIN, ConnectionForm, checked_alone, draft_of
from companion.web.pages.kept_form import kept_form
from companion.web.pages.rendering import page


def create_blueprint(parts: Parts) -> Blueprint:
    """Return its routes."""
    creating = Blueprint("create", __name__)

    def shown(form: ConnectionForm, status: int = 200) -> Response:
        return page("create.html", status=status, here="connections", form=form, ended=parts.clock() >= SERVER_USE_ENDS)

    @creating.get("/connections/new")
    def blank() -> Response:
        return shown(ConnectionForm())

    @creating.post("/connections/new")
    def create() -> Response:
        try:
            form = ConnectionForm(read_form())
        except FormOfAnotherSession:
            form = ConnectionForm(kept_form())
            form.refuse(ENTER_AGAIN, otherwise="access_token")
            return shown(form, 403)
        if "fill" in request.form:
            return _filled(form)
        try:
            connection = add.add_connection(parts, draft_of(form))
        except NameTaken as taken:
            form.refuse(taken, otherwise="name")
            return shown(form, 409)
        except InvalidInput:
            return shown(form, 422)
        done = "added"
        try:
            verify.verify_connection(parts, connection.id)
        except BigCommerceUnreachable:
            done = "added-unproven"
        return _to(f"/connections/{connection.id}?done={done}")

    @creating.post("/connections/new/check/<field>")
    def check(field: str) -> Response:
        """Read one field out of what was pasted into it; gives the field anew, for the place it stands in."""
        given = read_form()
        if field not in CHECKED_ALONE:
            raise NotFound("There is no such field.")
        form = ConnectionForm(given)
        alone = checked_alone(field, given.get(field, ""))
        form[field].data = alone.value
        form[field].errors = [] if alone.error is None else [alone.error]
        return page("parts/checked-field.html", form=form, field=form[field])

    @creating.post("/connections/new/read")
    def read() -> Response:
        """Give the fields that a pasted file tells, but for its secrets, which stay where they were pasted."""
        form = ConnectionForm(read_form())
        return page("parts/read-file.html", form=form, refused=_read_into(form))

    def _filled(form: ConnectionForm) -> Response:
        refused = _read_into(form)
        if refused is not None:
            form.refuse(refused)
        return shown(form, 200 if refused is None else 422)

    return creating


def _read_into(form: ConnectionForm) -> InvalidInput | None:
    try:
        form.fill(credentials_from_text(form.credentials.data or ""))
    except InvalidInput as refusal:
        return refusal
    return None


def _to(address: str) -> Response:
    return redirect(address, 303)  # type: ignore[return-value]  # werkzeug's, which Flask makes its own
