"""`/api/v1/retrievals`: starts a browser retrieval, steers it, and tells of it as it goes on."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flask import Response, jsonify, request
from flask_openapi.models.tag import Tag

from companion.core.errors import NotFound, TooManyStreams
from companion.core.retrieval_changes import Change
from companion.core.retrieval_order import OrderWord
from companion.schemas.retrievals import (
    RetrievalIn,
    RetrievalOrderIn,
    RetrievalOut,
    RetrievalPath,
    RetrievalsOut,
    change_document,
    retrieval_document,
)
from companion.service.retrievals import Retrievals
from companion.web.api.describing import problems

if TYPE_CHECKING:
    from flask_openapi.blueprint import APIBlueprint

STREAM_SECONDS = 25
"""How long a stream of events lasts; who follows it asks again, with the id of the last event."""

EVENT_STREAM = "text/event-stream"
_RETRY_MILLISECONDS = 500
_MOST_DIGITS = 15

_RETRIEVALS = Tag(name="retrievals", description="Browser retrievals that the web page starts, one at a time.")
_SHOWN = "Which changes were seen last: the `id` of an event."


class Streams:
    """The threads of the server that streams of events may take."""

    def __init__(self, most: int) -> None:
        self._free = threading.Semaphore(max(most, 1))

    def answer(self, events: Iterator[str]) -> Response:
        """Return a stream that gives its place back when it ends, also where the other side is gone.

        Raises:
            TooManyStreams: others have all places.
        """
        if not self._free.acquire(blocking=False):
            raise TooManyStreams(STREAM_SECONDS)
        response = Response(events, content_type=f"{EVENT_STREAM}; charset=utf-8")
        response.call_on_close(self._free.release)
        return response


def add_retrieval_routes(api: APIBlueprint, retrievals: Retrievals | None, streams: Streams) -> None:
    """Add the routes to `/api/v1`.

    Args:
        retrievals: None where the routes are only described.
    """

    @api.get("/retrievals", tags=[_RETRIEVALS], responses={200: RetrievalsOut, **problems()})
    def list_retrievals() -> Response:
        """Return the retrievals that this service remembers since its start, newest first."""
        return jsonify({"retrievals": [retrieval_document(each) for each in _ready(retrievals).all()]})

    @api.post(
        "/retrievals",
        tags=[_RETRIEVALS],
        responses={201: RetrievalOut, **problems(404, 409, 413, 415)},
    )
    def start_retrieval(body: RetrievalIn) -> Response:
        """Start a retrieval in a browser on this computer; there is one at a time.

        It watches one browser window, and creates one API account in the store's control panel. Whoever is to sign in
        does so in that window; unattended, the service signs in with what it has itself.
        """
        retrieval = _ready(retrievals).start(body.to_wanted())
        response = jsonify(retrieval_document(retrieval))
        response.status_code = 201
        response.headers["Location"] = f"{request.path}/{retrieval.id}"
        return response

    @api.get("/retrievals/<id>", tags=[_RETRIEVALS], responses={200: RetrievalOut, **problems(404)})
    def get_retrieval(path: RetrievalPath) -> Response:
        """Return one retrieval as it is now."""
        return jsonify(retrieval_document(_ready(retrievals).get(path.id)))

    @api.delete("/retrievals/<id>", tags=[_RETRIEVALS], responses={202: RetrievalOut, 204: None, **problems(404)})
    def cancel_retrieval(path: RetrievalPath) -> Response:
        """Let a retrieval stop: what it made at BigCommerce is taken back first. One that is over is forgotten."""
        if _ready(retrievals).forget(path.id):
            return Response(status=204)
        response = jsonify(retrieval_document(_ready(retrievals).cancel(path.id)))
        response.status_code = 202
        return response

    @api.post(
        "/retrievals/<id>/orders",
        tags=[_RETRIEVALS],
        responses={202: RetrievalOut, **problems(404, 409, 413, 415)},
    )
    def order_retrieval(path: RetrievalPath, body: RetrievalOrderIn) -> Response:
        """Pause a retrieval, let it go on, leave one step to the person at the browser, or let it stop."""
        retrieval = _ready(retrievals).tell(path.id, OrderWord(body.order), body.step)
        response = jsonify(retrieval_document(retrieval))
        response.status_code = 202
        return response

    @api.get(
        "/retrievals/<id>/events",
        tags=[_RETRIEVALS],
        responses={
            200: {
                "description": "Server-sent events: `step` for each change of a step, `now` for what is seen and what "
                "to do, `state` for all else. The stream ends after 25 seconds, or when the retrieval is over and all "
                "was told; with `Last-Event-ID` the next one goes on from there.",
                "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
            },
            204: {"description": "The retrieval is over, and all of it was told."},
            **problems(404),
        },
        openapi_extensions={"x-last-event-id": True},
    )
    def follow_retrieval(path: RetrievalPath) -> Response:
        """Tell what changes of a retrieval, as it changes."""
        following = _ready(retrievals)
        last = _last_seen(request.headers.get("Last-Event-ID"))
        changes = following.changes(path.id, last, STREAM_SECONDS)
        first = next(changes, None) if following.get(path.id).state.is_over else None
        if first is None and following.get(path.id).state.is_over:
            return Response(status=204)
        return streams.answer(_lines(first, changes))


def _ready(retrievals: Retrievals | None) -> Retrievals:
    if retrievals is None:
        raise NotFound("This service starts no retrievals.", next_step="Use `companion connect NAME`.")
    return retrievals


def _last_seen(text: str | None) -> int:
    """Return the number of the last event that was seen; what is none counts as none, as the standard has it."""
    given = (text or "").strip()
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS else 0


def _lines(first: Change | None, changes: Iterator[Change | None]) -> Iterator[str]:
    yield f"retry: {_RETRY_MILLISECONDS}\n\n"
    if first is not None:
        yield _event(first)
    for change in changes:
        yield ": still here\n\n" if change is None else _event(change)


def _event(change: Change) -> str:
    return f"id: {change.number}\nevent: {change.kind.value}\ndata: {json.dumps(change_document(change))}\n\n"
