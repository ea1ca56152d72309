"""A view is called with what its annotations ask for, as the models say it is."""

from __future__ import annotations

import io

import pytest
from flask import Flask, Request, Response
from werkzeug.exceptions import ClientDisconnected

from companion.core.errors import InvalidInput
from companion.schemas.connections import ConnectionPatch, ConnectionPath, PageQuery
from companion.web.api.validated import validated
from companion.web.app import StrictRequest


def everything(path: ConnectionPath, query: PageQuery, body: ConnectionPatch) -> Response:
    return Response(f"{path.id} {query.limit} {query.after} {body.name}")


def asked(query: str = "", body: str = "{}") -> str:
    app = Flask(__name__)
    app.request_class = StrictRequest
    with app.test_request_context("/?" + query, method="POST", data=body, content_type="application/json"):
        return validated(everything)(id="7").get_data(as_text=True)


def test_each_part_is_its_model() -> None:
    assert asked("limit=3&after=x", '{"name": "n"}') == "7 3 x n"


def test_where_nothing_is_asked_the_query_has_its_defaults_each_time() -> None:
    assert [asked(), asked("limit=3"), asked()] == ["7 50 None None", "7 3 None None", "7 50 None None"]


@pytest.mark.parametrize(
    ("query", "body", "pointer"),
    [("limit=0", "{}", "/limit"), ("limit=", "{}", "/limit"), ("else=1", "{}", "/else"), ("", '{"name": 1}', "/name")],
)
def test_what_a_model_refuses_is_pointed_at(query: str, body: str, pointer: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        asked(query, body)
    assert [each.pointer for each in refused.value.fields] == [pointer]


def test_a_body_that_breaks_off_is_refused() -> None:
    app = Flask(__name__)
    app.request_class = StrictRequest
    with (
        app.test_request_context(
            "/", method="POST", data="{}", content_type="application/json", environ_overrides={"CONTENT_LENGTH": "3"}
        ),
        pytest.raises(ClientDisconnected),
    ):
        validated(everything)(id="7")


def test_a_view_that_asks_for_something_else_is_refused_when_it_is_registered() -> None:
    def odd(header: ConnectionPath) -> Response:
        raise NotImplementedError(header)

    with pytest.raises(TypeError, match="header"):
        validated(odd)


@pytest.mark.parametrize(
    ("environ", "length"),
    [
        ({"CONTENT_LENGTH": "2"}, 2),
        ({"CONTENT_LENGTH": "0002"}, 2),
        ({}, None),
        ({"CONTENT_LENGTH": ""}, None),
        ({"CONTENT_LENGTH": "-2"}, 0),
        ({"CONTENT_LENGTH": "2 "}, None),
        ({"CONTENT_LENGTH": "²"}, None),
        ({"CONTENT_LENGTH": "9" * 5000}, None),
        ({"CONTENT_LENGTH": "2", "HTTP_TRANSFER_ENCODING": "chunked"}, None),
    ],
)
def test_the_length_of_a_body_is_what_werkzeug_says(environ: dict[str, str], length: int | None) -> None:
    given = {"REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(), **environ}
    ours = StrictRequest(given).content_length
    assert ours == Request(given).content_length
    assert length is None or ours == length
