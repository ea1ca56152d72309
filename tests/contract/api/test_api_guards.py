"""Who may ask what, and from where; and input that nobody prepared. Over real HTTP."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import stat
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from served import Served

from companion.client import CompanionClient
from companion.core.errors import ServiceUnreachable
from companion.core.secret import Secret
from companion.troubleshooting import section


def is_problem(answer: httpx2.Response) -> bool:
    problem = answer.json()
    return (
        answer.headers["Content-Type"] == "application/problem+json"
        and problem["status"] == answer.status_code
        and problem["type"] == f"/problems/{problem['code']}"
        and {"title", "detail", "action", "exit_code"} <= problem.keys()
        and problem["request_id"] == answer.headers["X-Request-Id"]
    )


def test_health_is_open_and_tells_nothing_secret(anonymous: httpx2.Client, served: Served) -> None:
    answer = anonymous.get("/health")
    assert answer.json() == {"status": "ok", "version": answer.json()["version"], "world": "simulated"}
    assert served.service.api_token.reveal() not in anonymous.get("/health?nonce=00112233445566778899").text


@pytest.mark.parametrize("code", ["not-found", "not-permitted", "method-not-allowed", "wrong-key"])
def test_what_a_problem_s_type_leads_to_says_what_to_do(anonymous: httpx2.Client, code: str) -> None:
    address = anonymous.base_url.copy_with(path=f"/problems/{code}")
    answer = anonymous.get(address)
    assert answer.status_code == 200
    assert section(code) in answer.text
    assert is_problem(anonymous.get(f"{address}-not"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/connections"),
        ("POST", "/connections"),
        ("GET", "/connections/x"),
        ("PUT", "/connections/x"),
        ("PATCH", "/connections/x"),
        ("DELETE", "/connections/x"),
        ("POST", "/connections/x/verify"),
        ("POST", "/connections/x/graphql"),
        ("POST", "/hand-over-tickets"),
        ("POST", "/hand-over-tickets/x/renewal"),
        ("GET", "/retrievals"),
        ("POST", "/retrievals"),
        ("GET", "/retrievals/x"),
        ("DELETE", "/retrievals/x"),
        ("POST", "/retrievals/x/orders"),
        ("GET", "/retrievals/x/events"),
    ],
)
@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer x", "Bearer " + "0" * 64, "Basic eDp5", "Bearer é"]
)
def test_every_other_route_needs_a_known_token(
    anonymous: httpx2.Client, method: str, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {b"Authorization": authorization.encode()}
    answer = anonymous.request(method, path, headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert is_problem(answer)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.evil.example:{port}",
        "127.0.0.1.nip.io:{port}",
        "0.0.0.0:{port}",
        "user@127.0.0.1:{port}",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/health", "/connections", "/openapi.json", "/nowhere"])
def test_a_rebound_host_name_is_refused_everywhere(http: httpx2.Client, served: Served, host: str, path: str) -> None:
    port = urlsplit(served.service.url).port
    answer = http.get(path, headers={"Host": host.format(port=port)})
    assert answer.status_code in {400, 403}
    assert served.service.api_token.reveal() not in answer.text


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LocalHost", "[::1]"])
def test_loopback_names_with_the_port_are_answered(http: httpx2.Client, served: Served, name: str) -> None:
    port = urlsplit(served.service.url).port
    assert http.get("/connections", headers={"Host": f"{name}:{port}"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://{host}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "anything"},
        {"Origin": "http://{host}", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_changes_for_pages_of_other_origins_are_refused(
    http: httpx2.Client, form: dict[str, Any], headers: dict[str, str]
) -> None:
    host = http.base_url.netloc.decode()
    answer = http.post(
        "/connections", json=form, headers={name: value.format(host=host) for name, value in headers.items()}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    assert is_problem(answer)


def test_a_change_of_the_services_own_page_is_taken(http: httpx2.Client, form: dict[str, Any]) -> None:
    own = {"Origin": f"http://{http.base_url.netloc.decode()}", "Sec-Fetch-Site": "same-origin"}
    assert http.post("/connections", json=form, headers=own).status_code == 201


def test_no_answer_lets_other_origins_read_and_all_carry_the_headers(
    anonymous: httpx2.Client, http: httpx2.Client
) -> None:
    for answer in (anonymous.get("/health"), anonymous.get("/connections"), http.get("/nowhere"), http.get("/health")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
        assert "Server" not in answer.headers


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"null", 400),
        (b"[]", 400),
        (b'"{\\"name\\": 1}"', 400),
        (b"\xff\xfe", 400),
        (b"\xef\xbb\xbf{}", 400),
        (b'{"name": "a", "name": "b"}', 400),
        (b'{"variables": {"a": 1, "a": 2}}', 400),
        (b'{"name": NaN}', 400),
        (b'{"channel_id": 1e999}', 400),
        (b'{"channel_id": ' + b"9" * 5000 + b"}", 400),
        (b'{"a":' * 100 + b"1" + b"}" * 100, 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 50_000, 400),
        (b'{"name": "\\ud800"}', 422),
        (b'{"name": "a\\u0000b"}', 422),
        (b'{"\\ud800": 1}', 422),
        (b"{}", 422),
    ],
)
@pytest.mark.parametrize("path", ["/connections", "/hand-over-tickets"])
def test_a_body_that_means_nothing_or_two_things_is_refused(
    http: httpx2.Client, body: bytes, status: int, path: str
) -> None:
    answer = http.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert is_problem(answer)
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {},
    ],
)
def test_a_body_of_another_kind_is_refused(http: httpx2.Client, form: dict[str, Any], headers: dict[str, str]) -> None:
    answer = http.post("/connections", content=json.dumps(form).encode(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert is_problem(answer)


@pytest.mark.parametrize("path", ["/connections", "/connections/x/verify"])
def test_a_body_of_ten_megabytes_is_refused_and_the_sender_sees_it(http: httpx2.Client, path: str) -> None:
    body = b'{"name": "' + b"x" * 10_000_000 + b'"}'
    answer = http.post(path, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "payload-too-large")
    assert is_problem(answer)


def test_a_large_body_in_chunks_is_refused(http: httpx2.Client) -> None:
    chunks = (b"x" * 65536 for _ in range(64))
    answer = http.post("/connections", content=chunks, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_a_body_in_chunks_is_read(http: httpx2.Client, form: dict[str, Any]) -> None:
    text = json.dumps(form).encode()
    chunks = (text[start : start + 7] for start in range(0, len(text), 7))
    answer = http.post("/connections", content=chunks, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/connections/", 404, "not-found"),
        ("GET", "/connections/a/b", 404, "not-found"),
        ("DELETE", "/connections", 405, "method-not-allowed"),
        ("TRACE", "/connections", 405, "method-not-allowed"),
        ("GET", "/hand-over-tickets", 405, "method-not-allowed"),
        ("OPTIONS", "/connections", 405, "method-not-allowed"),
    ],
)
def test_what_is_not_there_is_a_problem_document(
    http: httpx2.Client, method: str, path: str, status: int, code: str
) -> None:
    answer = http.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert is_problem(answer)


def test_a_method_that_is_not_allowed_is_told_which_are(http: httpx2.Client) -> None:
    assert set(http.delete("/connections").headers["Allow"].split(", ")) >= {"GET", "POST"}


def test_the_problem_type_leads_to_a_description(http: httpx2.Client, served: Served) -> None:
    problem = http.get("/connections/x").json()
    described = httpx2.get(served.service.url + problem["type"], trust_env=False)
    assert described.status_code == 200
    assert "exit code 7" in described.text


def test_the_openapi_document_describes_every_route(anonymous: httpx2.Client) -> None:
    document = anonymous.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1.")
    assert set(document["paths"]) == {
        "/api/v1/health",
        "/api/v1/keys/lock",
        "/api/v1/keys/unlock",
        "/api/v1/connections",
        "/api/v1/connections/{id}",
        "/api/v1/connections/{id}/verify",
        "/api/v1/connections/{id}/graphql",
        "/api/v1/connections/{id}/bigcommerce/{path}",
        "/api/v1/connections/{id}/storefront-token",
        "/api/v1/connections/{id}/reauthorize",
        "/api/v1/connections/{id}/findings/{code}",
        "/api/v1/deadlines",
        "/api/v1/connections/{id}/deadlines",
        "/api/v1/deleted-left-accounts",
        "/api/v1/api-tokens",
        "/api/v1/api-tokens/{id}",
        "/api/v1/sessions",
        "/api/v1/sessions/confirmation",
        "/api/v1/sign-in-links",
        "/api/v1/audit",
        "/api/v1/audit/verification",
        "/api/v1/hand-over-tickets",
        "/api/v1/hand-over-tickets/{id}/renewal",
        "/api/v1/retrievals",
        "/api/v1/retrievals/{id}",
        "/api/v1/retrievals/{id}/events",
        "/api/v1/retrievals/{id}/orders",
    }
    replace = document["paths"]["/api/v1/connections/{id}"]["put"]
    assert "If-Match" in [parameter["name"] for parameter in replace["parameters"]]
    schemas = document["components"]["schemas"]
    references = set(re.findall(r"#/components/schemas/([^\"]+)", json.dumps(document)))
    assert references <= schemas.keys()
    assert "application/problem+json" in replace["responses"]["412"]["content"]
    assert replace["responses"]["422"]["content"].keys() == {"application/problem+json"}


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET /api/v1/health HTTP/9.9\r\n\r\n",
        b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /api/v1/health HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST /api/v1/connections HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
    ],
)
def test_what_is_no_http_is_answered_with_a_problem_too(served: Served, sent: bytes) -> None:
    parts = urlsplit(served.service.url)
    received = b""
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        connection.sendall(sent)
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(65536):
                received += part
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert b"\r\nServer:" not in head
    assert 400 <= json.loads(body)["status"] < 600


@pytest.mark.parametrize(
    "head",
    [
        "POST {path} HTTP/1.1\r\n{host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "POST {path} HTTP/1.1\r\n{host}Transfer-Encoding : chunked\r\n",
        "POST {path} HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "POST {path} HTTP/1.1\r\n{host}Transfer-Encoding: chunked, chunked\r\n",
        "POST {path} HTTP/1.1\r\n{host}Transfer-Encoding:\r\n",
        "POST {path} HTTP/1.0\r\n{host}Connection: Keep-Alive\r\nTransfer-Encoding: chunked\r\n",
        "POST {path} HTTP/1.1\r\n{host}Content-Length: 5\r\nContent-Length: 0\r\n",
        "POST {path} HTTP/1.1\r\n{host}Content-Length: 0, 0\r\n",
        "POST {path} HTTP/1.1\r\n{host}Content-Length: -1\r\n",
        "POST {path} HTTP/1.1\r\n{host}Content-Length: +0\r\n",
        "POST {path} HTTP/1.1\r\n{host}Content-Length: 0_0\r\n",
        "POST {path} HTTP/1.1\r\n{host}Content-Length: 9999999999999999999\r\n",
        "GET {path} HTTP/1.1\r\nHost: evil.example\r\n{host}",
        "GET {path} HTTP/1.1\r\n{host}{token}Authorization: Bearer of-another\r\n",
        "GET {path} HTTP/1.1\r\n{host}Origin: https://evil.example\r\nOrigin: null\r\n",
        "GET {path} HTTP/1.1\r\n Host: evil.example\r\n{host}",
        "GET {path} HTTP/1.1\r\n{host}X-Folded: a\r\n b\r\n",
        "GET {path} HTTP/1.1\r\n{host}X-Null: a\0b\r\n",
        "GET {path} HTTP/1.1\r\n{host}X-Return: a\rHost: evil.example\r\n",
        "GET {path} HTTP/1.1\r\n{host}: nameless\r\n",
    ],
)
def test_a_request_that_could_be_read_in_two_ways_is_refused_and_what_follows_is_no_request(
    served: Served, head: str
) -> None:
    parts = urlsplit(served.service.url)
    host = f"Host: {parts.netloc}\r\n"
    token = f"Authorization: Bearer {served.service.api_token.reveal()}\r\n"
    first = head.format(path="/api/v1/health", host=host, token=token) + "\r\n0\r\n\r\n"
    follows = f"GET /api/v1/connections HTTP/1.1\r\n{host}{token}\r\n"
    received = b""
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        connection.sendall((first + follows).encode("latin-1"))
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(65536):
                received += part
    assert received.startswith(b"HTTP/1.1 400 ")
    assert received.count(b"HTTP/1.1") == 1


def test_half_a_request_does_not_stop_the_service(http: httpx2.Client, served: Served) -> None:
    parts = urlsplit(served.service.url)
    for rubbish in (b"GET / HTTP/1.1\r\nHost: x", b"\x16\x03\x01\x02", b"POST /api/v1/connections HTTP/1.1\r\n\r\n"):
        with socket.create_connection((parts.hostname, parts.port)) as connection:
            connection.sendall(rubbish)
    assert http.get("/connections").status_code == 200


def test_the_log_has_one_line_a_request_and_no_secret(
    http: httpx2.Client, served: Served, form: dict[str, Any]
) -> None:
    answer = http.post("/connections?access_token=in-the-query", json=form)
    lines = [json.loads(line) for line in served.log.getvalue().splitlines() if line.startswith("{")]
    mine = [line for line in lines if line["id"] == answer.headers["X-Request-Id"]]
    assert [(line["method"], line["route"], line["status"]) for line in mine] == [
        ("POST", "/api/v1/connections", answer.status_code)
    ]
    for secret in (form["access_token"], served.service.api_token.reveal(), "in-the-query", form["name"]):
        assert secret not in served.log.getvalue()


def test_the_files_of_the_service_are_the_users_alone(served: Served) -> None:
    folder = served.settings.data_dir
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in (served.settings.token_file, served.settings.state_file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    state = json.loads(served.settings.state_file.read_text())
    assert state["url"] == served.service.url


def test_a_client_sends_nothing_to_a_service_that_cannot_prove_itself(served: Served) -> None:
    seen: list[httpx2.Request] = []

    def impostor(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"status": "ok", "version": "1", "world": "real", "proof": "0" * 64})

    token = Secret("t" * 64)
    with (
        CompanionClient("http://127.0.0.1:7467", token, transport=httpx2.MockTransport(impostor)) as client,
        pytest.raises(ServiceUnreachable),
    ):
        client.create({"name": "Shop"}, Secret("access-token"))
    assert [request.url.path for request in seen] == ["/api/v1/health"]
    assert all("authorization" not in request.headers for request in seen)


def test_a_program_that_passes_on_the_proof_of_the_true_service_gets_nothing(served: Served) -> None:
    seen: list[httpx2.Request] = []

    def relay(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        true = httpx2.get(served.service.url + request.url.raw_path.decode(), trust_env=False)
        assert "proof" in true.json()
        return httpx2.Response(true.status_code, content=true.content)

    port = urlsplit(served.service.url).port or 0
    elsewhere = f"http://127.0.0.1:{port - 1}"
    with (
        CompanionClient(elsewhere, served.service.api_token, transport=httpx2.MockTransport(relay)) as client,
        pytest.raises(ServiceUnreachable),
    ):
        client.connections()
    assert [request.url.path for request in seen] == ["/api/v1/health"]
