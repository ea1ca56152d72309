"""Bodies that are wrong, on every route that takes one: each a problem document that says where, and no change."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest
from served import A_TOKEN, Served

from companion.client import CompanionClient
from companion.core.tickets import hash_of_ticket

PROBLEM = "application/problem+json"
REST = "/api/v1/connections/{id}/bigcommerce/{path}"

# What is sent for each field of a body, whatever it is for: none of them is what any field takes.
WRONG_VALUES = {
    "a null character": "a\0b",
    "half a surrogate pair": "\ud83d",
    "a control character": "a\x1b[2Jb",
    "an object": {"a": {"b": []}},
    "a list of lists": [[["x"]]],
    "too long": "x" * 200_000,
    "a huge number": 10**400,
    "a fraction": 1.5,
    "a turn of the direction": "\u202eerp\u202c",
}

# The whole body -> the status. None of them is what any route takes.
WRONG_BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "half an object": (b'{"name": ', 400),
    "no JSON": (b"name=shop", 400),
    "a list": (b"[1, 2]", 400),
    "a string": (b'"name"', 400),
    "null": (b"null", 400),
    "UTF-16": ('{"name": "shop"}'.encode("utf-16"), 400),
    "bytes that are no text": (b'{"name": "\xff\xfe"}', 400),
    "a key twice": (b'{"name": "one", "name": "two"}', 400),
    "a key twice, deep inside": (b'{"variables": {"a": {"b": 1, "b": 2}}}', 400),
    "no number": (b'{"name": NaN}', 400),
    "an endless number": (b'{"channel_id": 1e99999}', 400),
    "nested deep": (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400),
    "a key that is no text": (b'{"\\ud83d": 1}', 422),
    "a null character": (b'{"name": "a\\u0000b"}', 422),
    "unknown keys": (b'{"nonsense": 1, "more nonsense": 2}', 422),
    "two megabytes": (b'{"name": "' + b"x" * 2_000_000 + b'"}', 413),
}


def document_of(served: Served) -> dict[str, Any]:
    answer = httpx2.get(f"{served.service.url}/api/v1/openapi.json", trust_env=False)
    return dict(answer.json())


def routes(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return method, path and the schema of the body of every route that takes one."""
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody")
            if body is not None:
                schema = body["content"]["application/json"]["schema"]
                name = schema["$ref"].rsplit("/", 1)[1] if "$ref" in schema else None
                found.append((method, path, document["components"]["schemas"][name] if name else schema))
    return found


@pytest.fixture(scope="module")
def shop(served: Served) -> dict[str, Any]:
    with CompanionClient(served.service.url, served.service.api_token) as client:
        return dict(client.create({"name": "Untouched", "subdomain": "celigo", "store_hash": "abc"}, A_TOKEN))


@pytest.fixture
def address(served: Served, shop: dict[str, Any]) -> Any:
    ticket = hash_of_ticket(served.service.api_token).hex()

    def of(path: str) -> str:
        id_ = shop["id"] if path.startswith("/api/v1/connections") else ticket
        return path.removeprefix("/api/v1").replace("{id}", id_).replace("{path}", "v3/catalog/products")

    return of


def is_problem(answer: httpx2.Response, where: str) -> None:
    assert answer.headers["Content-Type"] == PROBLEM, where
    document = answer.json()
    assert document["status"] == answer.status_code, where
    assert document["detail"], where
    assert document["request_id"] == answer.headers["X-Request-Id"], where
    if answer.status_code in {400, 422}:
        assert document["errors"], where
        assert all(each["pointer"] == "" or each["pointer"].startswith("/") for each in document["errors"]), where


def test_there_are_as_many_routes_with_a_body_as_we_know(served: Served) -> None:
    """So that none is passed over because the description changed its form."""
    taking = [(method, path) for method, path, _ in routes(document_of(served))]
    assert len(taking) >= 9
    assert {"post", "put", "patch"} == {method for method, _ in taking}


@pytest.mark.parametrize("kind", WRONG_BODIES)
def test_a_wrong_body_is_a_problem_document_on_every_route(
    served: Served, http: httpx2.Client, shop: dict[str, Any], address: Any, kind: str
) -> None:
    body, status = WRONG_BODIES[kind]
    headers = {"Content-Type": "application/json", "If-Match": f'"{shop["revision"]}"'}
    for method, path, schema in routes(document_of(served)):
        where = f"{method} {path}"
        answer = http.request(method, address(path), content=body, headers=headers)
        expected = {status}
        if kind == "a null character" and "name" not in schema.get("properties", {}):
            expected = {422}
        if kind == "two megabytes" and path.endswith("/graphql"):
            expected = {422}  # queries may be longer
        assert answer.status_code in expected, (where, answer.text)
        is_problem(answer, where)
    unchanged(http, shop)


@pytest.mark.parametrize("kind", WRONG_VALUES)
def test_a_wrong_value_of_any_field_is_pointed_at(
    served: Served, http: httpx2.Client, shop: dict[str, Any], address: Any, kind: str
) -> None:
    headers = {"Content-Type": "application/json", "If-Match": f'"{shop["revision"]}"'}
    for method, path, schema in routes(document_of(served)):
        for field in schema.get("properties", {}):
            if takes(schema["properties"][field], kind):
                continue
            where = f"{method} {path} {field}"
            sent = json.dumps({field: WRONG_VALUES[kind]}).encode()
            answer = http.request(method, address(path), content=sent, headers=headers)
            assert 400 <= answer.status_code < 500, (where, answer.text)
            is_problem(answer, where)
            if answer.status_code == 422:
                pointers = [each["pointer"] for each in answer.json()["errors"]]
                assert any(pointer == f"/{field}" or pointer.startswith(f"/{field}/") for pointer in pointers), (
                    where,
                    pointers,
                )
            for value in (A_TOKEN.reveal(), "200_000", "x" * 1000):
                assert value not in answer.text, where
    unchanged(http, shop)


def takes(schema: dict[str, Any], kind: str) -> bool:
    """Say whether a field may well take such a value: free text, and what is shown and passed over on its way in."""
    if not {"type", "anyOf", "enum", "$ref", "const"} & schema.keys():
        return True
    text = json.dumps(schema)
    free_object = "additionalProperties" in text
    if kind == "an object":
        return free_object
    if kind in {"a null character", "half a surrogate pair"}:
        return False
    if kind == "a huge number" and '"integer"' in text:
        return True  # judged with the rest of the form; see the next test
    return kind in {"a control character", "too long", "a turn of the direction"} and '"string"' in text


@pytest.mark.parametrize("number", [10**400, 2**63, 0, -1])
def test_a_number_beyond_all_channels_is_pointed_at(http: httpx2.Client, form: dict[str, Any], number: int) -> None:
    sent = json.dumps({**form, "channel_id": number}).encode()
    answer = http.post("/connections", content=sent, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/channel_id"]


@pytest.mark.parametrize(
    "text", ["\0", "%00", "%ff%fe", "%E2%80%AE", "%F0%9F%9B%92", "a%0Ab", "9" * 400, "-1", "1e400", "nonsense", "%2F"]
)
def test_a_wrong_query_is_pointed_at_on_every_route(
    served: Served, http: httpx2.Client, address: Any, text: str
) -> None:
    for path, methods in document_of(served)["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] != "query" or method != "get":
                    continue
                name = parameter["name"]
                raw = text.replace("\0", "%00")
                answer = http.get(f"{address(path)}?{name}={raw}")
                where = f"{method} {path} {name}={text!r}"
                assert answer.status_code < 500, (where, answer.text)
                if answer.status_code >= 400:
                    is_problem(answer, where)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
@pytest.mark.parametrize("body", [b"", b"{", b"\0\xff", b'{"a": 1, "a": 2}', b"x" * 2_000_000], ids=len)
def test_what_is_forwarded_is_bigcommerces_to_judge_and_no_failure_of_ours(
    http: httpx2.Client, address: Any, method: str, body: bytes
) -> None:
    answer = http.request(method, address(REST), content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code < 500
    assert answer.headers.get("X-Forwarded-Answer") == "bigcommerce" or answer.headers["Content-Type"] == PROBLEM


def unchanged(http: httpx2.Client, shop: dict[str, Any]) -> None:
    assert http.get(f"/connections/{shop['id']}").json() == shop
