"""Few long bodies are read at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask, request

from companion.core.errors import TooMuchAtOnce
from companion.web.body_limits import MAX_BODY_BYTES, LongBodies

LONG = b"x" * (MAX_BODY_BYTES + 1)


@pytest.fixture
def going_on() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_while_some_are_under_way_a_further_one_is_asked_to_come_later(
    going_on: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("companion.web.body_limits._SECONDS_TO_WAIT", 0)
    app, api, entered = Flask(__name__), Blueprint("api", __name__), threading.Semaphore(0)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    long_bodies = LongBodies(app)
    app.before_request(lambda: long_bodies.admit(request))
    app.register_error_handler(TooMuchAtOnce, lambda failure: (str(failure), failure.http_status))

    @api.post("/graphql")
    def run_graphql() -> str:
        entered.release()
        assert going_on.wait(60)
        return "done"

    @api.post("/other")
    def other() -> str:
        return "done"

    app.register_blueprint(api)

    def ask(path: str, body: bytes) -> int:
        return app.test_client().post(path, data=body).status_code

    statuses: list[int] = []
    asking = [threading.Thread(target=lambda: statuses.append(ask("/graphql", LONG))) for _ in range(2)]
    for each in asking:
        each.start()
    for _ in asking:
        assert entered.acquire(timeout=60)
    assert ask("/graphql", LONG) == 503
    assert ask("/other", LONG) == 413
    assert ask("/other", b"short") == 200
    going_on.set()
    for each in asking:
        each.join()
    assert statuses == [200, 200]
    assert [ask("/graphql", LONG) for _ in range(5)] == [200] * 5
