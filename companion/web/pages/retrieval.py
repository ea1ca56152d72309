"""“Get these for me”: what a retrieval will watch and make, its start, and the page on which it is followed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, request
from wtforms import BooleanField, Form, StringField

from companion.core.connection import DEFAULT_CHANNEL_ID
from companion.core.errors import (
    CompanionError,
    Conflict,
    FieldError,
    InvalidInput,
    KeysUnavailable,
    NameTaken,
    NotFound,
    StorageFailed,
)
from companion.core.oauth_scopes import ALWAYS_SET, SCOPES, entries_from_grants, grants_in_words
from companion.core.presets import PRESETS
from companion.core.retrieval import RUNNING, Retrieval, what_to_do
from companion.core.retrieval_order import OrderWord, RetrievalMode, WantedRetrieval
from companion.core.retrieval_steps import RETRIEVAL_STEPS
from companion.core.store_urls import channel_id_from_text
from companion.service.parts import Parts
from companion.service.retrievals import Retrievals
from companion.web.pages.anti_forgery import read_form
from companion.web.pages.rendering import page
from companion.web.pages.several import Several

ACCOUNT_NAME = "BigCommerce Companion"
_TITLES = {step.id: step.title for step in RETRIEVAL_STEPS}
_CHOICES = [(names[0], [option for option, _ in options]) for names, options in SCOPES if names[0] not in ALWAYS_SET]
_WORDS = {
    "waiting": "waiting",
    "running": "under way",
    "done": "done",
    "by-user": "done by you",
    "skipped": "skipped",
    "failed": "failed",
}
_HEADINGS = {
    "starting": "Getting the credentials",
    "running": "Getting the credentials",
    "stopping": "Stopping",
    "done": "The connection is stored",
    "failed": "It could not be finished",
    "cancelled": "Cancelled",
}


class RetrievalForm(Form):
    """What one says before it begins; the fields' own rules are the service's."""

    name = StringField("Name your connection")
    mode = StringField("Who signs in", default=RetrievalMode.GUIDED.value)
    show_browser = BooleanField("Show the browser window")
    replace = BooleanField("Replace the connection of this name")
    store_hash = StringField("Store")
    channel_id = StringField("Channel ID", default=str(DEFAULT_CHANNEL_ID))
    presets = Several("What it is for")
    oauth_scopes = Several("Further scopes")
    api_account_name = StringField("Name of the API account", default=ACCOUNT_NAME)

    def refuse(self, error: CompanionError) -> None:
        """Put each refusal at its field; what names none of them stands at the name."""
        for each in error.fields or (FieldError("/name", str(error)),):
            field = self._fields.get(each.pointer.removeprefix("/").partition("/")[0], self._fields["name"])
            field.errors = [*field.errors, each.detail]

    @property
    def refusals(self) -> list[tuple[str, str, str]]:
        """What was refused, in the order of the fields: id, label, what is wrong."""
        return [(each.id, each.label.text, text) for each in self for text in each.errors]

    def to_wanted(self) -> WantedRetrieval:
        """Return what is wanted. Raises `InvalidInput`."""
        mode = RetrievalMode.UNATTENDED if self.mode.data == RetrievalMode.UNATTENDED.value else RetrievalMode.GUIDED
        channel = (self.channel_id.data or "").strip()
        lines = (line.strip() for text in self.oauth_scopes.data or () for line in text.splitlines())
        return WantedRetrieval(
            name=self.name.data or "",
            mode=mode,
            replace=bool(self.replace.data),
            channel_id=channel_id_from_text(channel) if channel else None,
            store_hash=(self.store_hash.data or "").strip() or None,
            presets=tuple(self.presets.data or ()),
            oauth_scopes=tuple(line for line in lines if line),
            api_account_name=(self.api_account_name.data or "").strip() or ACCOUNT_NAME,
            shown=mode is RetrievalMode.GUIDED or bool(self.show_browser.data),
        )


def retrieval_blueprint(parts: Parts, retrievals: Retrievals | None) -> Blueprint:
    """Return its routes.

    Args:
        retrievals: None where none can be started; the page then says so.
    """
    retrieving = Blueprint("retrieval", __name__)

    def started() -> Retrievals:
        if retrievals is None:
            raise Conflict("This service starts no browser.", next_step="Run `companion connect NAME` in a terminal.")
        return retrievals

    def under_way() -> Retrieval | None:
        return next((each for each in started().all() if not each.state.is_over), None)

    def shown(form: RetrievalForm, refusal: CompanionError | None = None, status: int = 200) -> Response:
        return page(
            "retrieval-new.html",
            status=status if refusal is None else refusal.http_status,
            here="connections",
            form=form,
            refusal=refusal,
            under_way=under_way(),
            presets=[each for each in PRESETS if each.scopes],
            choices=_CHOICES,
            has_display=started().has_display,
            can_sign_in=started().can_sign_in(),
        )

    @retrieving.get("/retrieval")
    def new() -> Response:
        """Say what it will watch and make, before it begins."""
        asked: dict[str, Any] = {"name": request.args.get("name", "")}
        if "replace" in request.args:
            asked |= {"replace": True, **_of_replaced(parts, asked["name"])}
        alone = started().can_sign_in() and not started().has_display
        mode = RetrievalMode.UNATTENDED if alone else RetrievalMode.GUIDED
        return shown(RetrievalForm(data={**asked, "mode": mode.value}))

    @retrieving.post("/retrieval")
    def start() -> Response:
        form = RetrievalForm(read_form())
        try:
            retrieval = started().start(form.to_wanted())
        except NameTaken as taken:
            form.refuse(taken)
            return shown(form, status=409)
        except InvalidInput as refused:
            form.refuse(refused)
            return shown(form, status=422)
        except (Conflict, KeysUnavailable, StorageFailed) as refusal:
            return shown(form, refusal)
        return _to(retrieval.id)

    @retrieving.get("/retrieval/<id>")
    def follow(id: str) -> Response:  # noqa: A002
        retrieval = started().get(id)
        return page(
            "retrieval.html",
            here="connections",
            retrieval=retrieval,
            heading=_HEADINGS[retrieval.state.value],
            titles=_TITLES,
            words=_WORDS,
            seconds={step.id: _seconds(retrieval, step.id, parts.clock()) for step in retrieval.steps},
            to_do=what_to_do(retrieval),
            granted=grants_in_words(retrieval.oauth_scopes),
            takes_orders=retrieval.state.value in {"starting", "running"} and retrieval.connection_id is None,
        )

    @retrieving.post("/retrieval/<id>")
    def order(id: str) -> Response:  # noqa: A002
        given = read_form()
        try:
            word = OrderWord(given.get("order", ""))
        except ValueError:
            raise InvalidInput("There is no such button.", next_step="Go back, and load the page again.") from None
        retrieval = started().get(id)
        if not retrieval.state.is_over:  # else the page is older than the end, which it then shows
            started().tell(id, word, given.get("step") or None)
        return _to(id)

    return retrieving


def _of_replaced(parts: Parts, name: str) -> dict[str, Any]:
    """Return what the form begins with where a connection is replaced: that the new API account may do the same."""
    try:
        connection = parts.repository.find(name)
    except NotFound:
        return {}
    return {
        "name": connection.name,
        "store_hash": connection.store_hash,
        "channel_id": str(connection.channel_id),
        "oauth_scopes": list(entries_from_grants(connection.oauth_scopes or ())),
    }


def _seconds(retrieval: Retrieval, step_id: str, now: datetime) -> float | None:
    """Return how long a step took, or has taken so far; None for one that has not begun."""
    step = next(each for each in retrieval.steps if each.id == step_id)
    if step.status == RUNNING and retrieval.step_since is not None:
        return max((now - retrieval.step_since).total_seconds(), 0.0)
    return step.seconds


def _to(retrieval_id: str) -> Response:
    return redirect(f"/retrieval/{retrieval_id}", 303)  # type: ignore[return-value]
