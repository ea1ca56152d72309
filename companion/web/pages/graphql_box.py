"""A box that runs a GraphQL query through a connection; its storefront token stays in the service."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response
from wtforms import Form, TextAreaField

from companion.core.errors import CompanionError, InvalidInput, NotFound
from companion.schemas.uses import MAX_QUERY_LENGTH
from companion.service import find, graphql
from companion.service.parts import Parts
from companion.web.pages.anti_forgery import FormOfAnotherSession, read_form
from companion.web.pages.kept_form import kept_form
from companion.web.pages.rendering import page
from companion.web.strict_json import object_from_json

MAX_SHOWN = 60_000
"""Characters of an answer that are shown; the rest is left to the command line."""

EXAMPLE = """query {
  site {
    settings { storeName status }
    products(first: 3) { edges { node { name sku } } }
  }
}
"""


_RUN_AGAIN = InvalidInput(
    "Nothing was run: the session in which this was typed has ended.", next_step="Look it through, and run it again."
)


class QueryForm(Form):
    """The query and its variables."""

    query = TextAreaField("Query", default=EXAMPLE)
    variables = TextAreaField("Variables")


def graphql_blueprint(parts: Parts) -> Blueprint:
    """Return its routes."""
    asking = Blueprint("graphql", __name__)

    def shown(id: str, form: QueryForm, status: int = 200, **values: object) -> Response:  # noqa: A002
        connection = find.connection_by_id(parts, id)
        return page("graphql.html", status=status, here="connections", connection=connection, form=form, **values)

    @asking.get("/connections/<id>/graphql")
    def box(id: str) -> Response:  # noqa: A002
        return shown(id, QueryForm())

    @asking.post("/connections/<id>/graphql")
    def run(id: str) -> Response:  # noqa: A002
        try:
            form = QueryForm(read_form())
        except FormOfAnotherSession:
            return shown(id, QueryForm(kept_form()), 403, refusal=_RUN_AGAIN)
        try:
            answer = graphql.run_graphql(parts, id, _query(form), _variables(form))
        except NotFound:
            raise
        except CompanionError as refusal:
            return shown(id, form, refusal.http_status, refusal=refusal)
        text = json.dumps(answer, indent=2, ensure_ascii=False)
        return shown(
            id, form, answer=text[:MAX_SHOWN], is_cut=len(text) > MAX_SHOWN, has_errors=bool(answer.get("errors"))
        )

    return asking


def _query(form: QueryForm) -> str:
    query = (form.query.data or "").strip()
    if not query:
        raise InvalidInput("There is no query to run.", next_step="Write one, or take the example.")
    if len(query) > MAX_QUERY_LENGTH:
        raise InvalidInput(f"The query is longer than {MAX_QUERY_LENGTH} characters.")
    return query


def _variables(form: QueryForm) -> dict[str, Any] | None:
    text = (form.variables.data or "").strip()
    if not text:
        return None
    try:
        return object_from_json(text.encode("utf-8", "replace"))
    except InvalidInput as refusal:
        raise InvalidInput(
            "The variables are no JSON object.", why=refusal.explained.why, next_step='Write them as {"name": "value"}.'
        ) from None
