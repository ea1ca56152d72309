"""What is left out of Flask is not used, or that is said."""

from __future__ import annotations

import pytest
from flask import Blueprint, Flask, Response

from companion.web.plain_flask import PlainFlask

KINDS = ["before_request", "after_request", "teardown_request", "url_value_preprocessor"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_function_of_a_blueprints_own_is_refused_rather_than_left_out(kind: str) -> None:
    app = PlainFlask(__name__, doc_ui=False)
    blueprint = Blueprint("some", __name__)
    getattr(blueprint, kind)(lambda *given: given)
    app.register_blueprint(blueprint)
    with pytest.raises(ValueError, match="no blueprint"):
        app.check()


def test_the_applications_functions_are_called_around_a_view_also_where_it_fails() -> None:
    app = PlainFlask(__name__, doc_ui=False)
    called: list[str] = []
    app.before_request(lambda: called.append("before"))

    def after(response: Response) -> Response:
        called.append("after")
        return response

    app.after_request(after)
    app.teardown_request(lambda failure: called.append(type(failure).__name__))

    @app.get("/")
    def view() -> str:
        called.append("view")
        return "seen"

    @app.get("/fails")
    def fails() -> str:
        raise RuntimeError

    app.check()
    assert app.test_client().get("/").data == b"seen"
    assert app.test_client().get("/fails").status_code == 500
    assert called == ["before", "view", "after", "NoneType", "before", "after", "RuntimeError"]


def test_what_a_function_before_returns_is_the_answer() -> None:
    app = PlainFlask(__name__, doc_ui=False)
    app.before_request(lambda: "refused")
    app.add_url_rule("/", "view", lambda: "seen")
    assert app.test_client().get("/").data == b"refused"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/things/a%20b", {}, 200),
        ("/things/%C3%BC", {}, 200),
        ("/things/%FF", {}, 200),
        ("//things/a", {}, 404),
        ("/things/a/", {}, 404),
        ("/things/a", {"Host": "elsewhere.example"}, 200),
        ("/things/a", {"Connection": "upgrade", "Upgrade": "websocket"}, 400),
        ("/things/a", {"Connection": "upgrade", "Upgrade": "h2c"}, 200),
    ],
)
def test_an_address_leads_where_it_leads_in_flask(path: str, headers: dict[str, str], status: int) -> None:
    answers = []
    for app in (PlainFlask(__name__, doc_ui=False), Flask(__name__)):
        app.url_map.merge_slashes = False
        app.add_url_rule("/things/<name>", "thing", lambda name: repr(name))
        answers.append(app.test_client().get(path, headers=headers))
    ours, flasks = answers
    assert (ours.status_code, ours.data) == (flasks.status_code, flasks.data)
    assert ours.status_code == status
