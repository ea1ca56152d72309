"""`/api/v1/deadlines`: what stops working or grows old."""

from __future__ import annotations

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from companion.schemas.connections import ConnectionPath
from companion.schemas.deadlines import DeadlinePageOut, DeadlineQuery, DueOut, due_document
from companion.service import deadlines
from companion.service.parts import Parts
from companion.web.answers import answer
from companion.web.api.connections import noted
from companion.web.api.describing import CONNECTIONS, problems


def add_deadline_routes(api: APIBlueprint, parts: Parts) -> None:
    """Add the routes to `/api/v1`."""

    @api.get("/deadlines", tags=[CONNECTIONS], responses={200: DeadlinePageOut, **problems()})
    def list_deadlines(query: DeadlineQuery) -> Response:
        """Return what stops working or grows old of one page of connections, in the order of their creation."""
        page = deadlines.deadline_page(parts, limit=query.limit, after=query.after)
        return answer({"due": [due_document(each) for each in page.entries], "next": page.after})

    @api.get("/connections/<id>/deadlines", tags=[CONNECTIONS], responses={200: DueOut, **problems(404)})
    def deadlines_of_connection(path: ConnectionPath) -> Response:
        """Return what stops working or grows old of one connection, and which files were written of it."""
        return answer(due_document(deadlines.deadlines_of_one(parts, noted(path))))
