"""What a route is called with: path, query and body as its models, of what was sent.

flask-openapi does the same; but it looks into the models' schema and at all that a model may hold with every request.
What the document of the API says stays its part.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, get_type_hints

from flask import Response
from flask.globals import request_ctx
from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel, ValidationError

from companion.schemas.fields import Query
from companion.schemas.problems import invalid_input

View = Callable[..., Response]


class Routes(APIBlueprint):
    """A blueprint whose views are called by `validated`."""

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *given: Any, **options: Any
    ) -> None:
        """See `Blueprint.add_url_rule`."""
        view = getattr(view_func, "__wrapped__", None)  # what the library has wrapped
        super().add_url_rule(rule, endpoint, view_func if view is None else validated(view), *given, **options)


def validated(view: View) -> View:
    """Return a view that calls this one with what its annotations ask for: `path`, `query`, `body`.

    The view raises `InvalidInput` where something sent is not what the model says, and what `get_json` raises.

    Raises:
        TypeError: it asks for something else.
    """
    asked: dict[str, type[BaseModel]] = {name: kind for name, kind in get_type_hints(view).items() if name != "return"}
    path, query, body = (asked.pop(name, None) for name in ("path", "query", "body"))
    if asked or not (query is None or issubclass(query, Query)):
        raise TypeError(f"{view.__name__} asks for what it is not given: {', '.join(asked) or 'query'}")
    unasked = None if query is None else query()  # nothing is required in a query

    @functools.wraps(view)
    def called(**from_path: str) -> Response:
        request = request_ctx.request
        given: dict[str, BaseModel | None] = {}
        try:
            if path is not None:
                given["path"] = path.model_validate(from_path)
            if query is not None:
                # Each name stands there once: the guard has seen to that.
                given["query"] = query.model_validate(request.args.to_dict()) if request.query_string else unasked
            if body is not None:
                given["body"] = body.model_validate(request.get_json())
        except ValidationError as invalid:
            raise invalid_input(invalid) from None
        return view(**given)

    return called
