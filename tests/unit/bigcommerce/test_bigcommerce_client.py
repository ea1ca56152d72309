"""The client of BigCommerce: where it goes, how it waits, and that no secret ever leaves in an error."""

from __future__ import annotations

import gc
import json
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from companion.bigcommerce import BigCommerceClient, Outbound
from companion.bigcommerce import client as client_module
from companion.bigcommerce.outbound import is_allowed
from companion.core.answers import MAX_WAIT, Answer, Minted, NoAnswer, Silence
from companion.core.errors import InvalidSetting, NotAllowed
from companion.core.host_map import host_map_from_text
from companion.core.request_body import json_body
from companion.core.secret import Secret

CANARY = "canary-access-token"
TOKEN = Secret(CANARY)
LIMITED = httpx2.Response(429, headers={"X-Rate-Limit-Time-Reset-Ms": "15000"})

Handler = Callable[[httpx2.Request], httpx2.Response]


def client_of(handler: Handler, waited: list[float] | None = None) -> BigCommerceClient:
    client = BigCommerceClient(Outbound(), sleep=(waited if waited is not None else []).append)
    client._http = httpx2.Client(transport=httpx2.MockTransport(handler))
    return client


def answers(*responses: httpx2.Response) -> tuple[Handler, list[httpx2.Request]]:
    left, seen = list(responses), []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return left.pop(0) if len(left) > 1 else left[0]

    return handle, seen


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("api.bigcommerce.com", True),
        ("shop.mybigcommerce.com", True),
        ("store-abc-1.mybigcommerce.com", True),
        ("SHOP.MYBIGCOMMERCE.COM", True),
        ("login.bigcommerce.com", False),
        ("mybigcommerce.com", False),
        (".mybigcommerce.com", False),
        ("a.b.mybigcommerce.com", False),
        ("evil-mybigcommerce.com", False),
        ("shop.mybigcommerce.com.evil.example", False),
        ("evil.example", False),
        ("127.0.0.1", False),
        ("", False),
    ],
)
def test_credentials_go_to_bigcommerce_only(host: str, allowed: bool) -> None:
    assert is_allowed(host) is allowed


def test_a_forwarded_call_goes_to_the_store_with_its_query_and_body_and_no_other_header_of_the_caller() -> None:
    handle, seen = answers(httpx2.Response(201, headers={"Set-Cookie": "a=b"}, content=b"[1]"))
    with client_of(handle) as client:
        answer = client.forward("abc123", TOKEN, "PUT", "v3/a%20b", query="x=1&y=%2F", body=json_body(b"[]"))
        assert not isinstance(answer, NoAnswer)
        assert (answer.status, b"".join(answer.parts)) == (201, b"[1]")
        answer.close()
    (request,) = seen
    assert str(request.url) == "https://api.bigcommerce.com/stores/abc123/v3/a%20b?x=1&y=%2F"
    assert (request.headers["X-Auth-Token"], request.headers["Content-Type"]) == (CANARY, "application/json")
    assert not {"authorization", "cookie"} & set(request.headers)


def test_a_forwarded_call_that_is_limited_is_waited_for_and_in_the_end_passed_on() -> None:
    waited: list[float] = []
    handle, seen = answers(LIMITED)
    with client_of(handle, waited) as client:
        answer = client.forward("abc123", TOKEN, "GET", "v2/time")
    assert not isinstance(answer, NoAnswer)
    assert answer.status == 429
    assert len(seen) == len(waited) + 1 > 1
    assert sum(waited) <= MAX_WAIT


def test_a_forwarded_path_that_leads_beside_the_store_is_not_sent() -> None:
    handle, seen = answers(httpx2.Response(200))
    with client_of(handle) as client, pytest.raises(NotAllowed):
        client.forward("abc123", TOKEN, "GET", "../other/v2/time")
    assert seen == []


def test_nothing_is_sent_to_a_host_that_is_not_allowed() -> None:
    handle, seen = answers(httpx2.Response(200))
    with client_of(handle) as client, pytest.raises(NotAllowed) as refused:
        client.graphql("evil.example", TOKEN, "{ site }")
    assert seen == []
    assert CANARY not in str(refused.value)


def test_a_rest_call_carries_the_access_token_and_nothing_else() -> None:
    handle, seen = answers(httpx2.Response(200, json={}))
    with client_of(handle) as client:
        client.get("abc123", TOKEN, "v2/time")
    (request,) = seen
    assert str(request.url) == "https://api.bigcommerce.com/stores/abc123/v2/time"
    assert request.headers["X-Auth-Token"] == CANARY
    assert "authorization" not in request.headers
    assert "cookie" not in request.headers


def test_a_private_token_is_minted_with_scopes_channel_and_seconds() -> None:
    handle, seen = answers(httpx2.Response(200, json={"data": {"token": "jwt"}, "meta": {}}))
    with client_of(handle) as client:
        minted = client.mint_private_token("abc", TOKEN, channel_id=7, scopes=("Customer",), expires_at=1_800_000_000)
    assert json.loads(seen[0].content) == {"channel_ids": [7], "scopes": ["Customer"], "expires_at": 1_800_000_000}
    assert isinstance(minted, Minted)
    assert minted.token.reveal() == "jwt"
    assert "jwt" not in repr(minted)


def test_a_mint_that_gives_no_token_is_no_mint() -> None:
    handle, _ = answers(httpx2.Response(200, json={"data": {}}))
    with client_of(handle) as client:
        minted = client.mint_impersonation_token("abc", TOKEN, channel_id=1, expires_at=1)
    assert isinstance(minted, Answer)


@pytest.mark.parametrize("text", ["<html>Sign in to this network</html>", "[" * 200_000, "OK"])
def test_a_success_that_is_no_data_is_no_answer_of_bigcommerces(text: str) -> None:
    handle, _ = answers(httpx2.Response(200, text=text))
    client = client_of(handle)

    assert client.get("abc", TOKEN, "v2/time") == NoAnswer(Silence.NOT_DATA, "api.bigcommerce.com")
    minted = client.mint_private_token("abc", TOKEN, channel_id=1, scopes=("Unauthenticated",), expires_at=1)
    assert minted == NoAnswer(Silence.NOT_DATA, "api.bigcommerce.com")


def test_an_empty_list_of_v2_has_no_body() -> None:
    handle, _ = answers(httpx2.Response(204))

    assert client_of(handle).get("abc", TOKEN, "v2/pages") == Answer(204, "api.bigcommerce.com")


def test_graphql_is_asked_without_an_origin() -> None:
    handle, seen = answers(httpx2.Response(200, json={"data": {}}))
    with client_of(handle) as client:
        client.graphql("shop.mybigcommerce.com", TOKEN, "query Q { site }", {"n": 1})
    assert seen[0].headers["Authorization"] == f"Bearer {CANARY}"
    assert "origin" not in seen[0].headers
    assert json.loads(seen[0].content) == {"query": "query Q { site }", "variables": {"n": 1}}


def test_a_rate_limit_is_waited_out_as_told() -> None:
    waited: list[float] = []
    handle, seen = answers(LIMITED, httpx2.Response(200, json={}))
    with client_of(handle, waited) as client:
        observed = client.get("abc", TOKEN, "v2/time")
    assert (observed.status, waited, len(seen)) == (200, [15.0], 2)  # type: ignore[union-attr]


def test_a_rate_limit_without_headers_is_waited_out_ever_longer() -> None:
    waited: list[float] = []
    handle, _ = answers(*[httpx2.Response(429)] * 3, httpx2.Response(200, json={}))
    with client_of(handle, waited) as client:
        client.get("abc", TOKEN, "v2/time")
    assert waited == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("reset", ["15000", "30000", "3600000", None])
def test_waiting_for_a_rate_limit_is_bounded(reset: str | None) -> None:
    waited: list[float] = []
    headers = {} if reset is None else {"X-Rate-Limit-Time-Reset-Ms": reset}
    handle, _ = answers(httpx2.Response(429, headers=headers))
    with client_of(handle, waited) as client:
        observed = client.get("abc", TOKEN, "v2/time")
    assert observed.status == 429  # type: ignore[union-attr]
    assert sum(waited) <= MAX_WAIT


def test_a_redirect_is_not_followed() -> None:
    handle, seen = answers(httpx2.Response(301, headers={"Location": "https://evil.example/"}))
    with client_of(handle) as client:
        observed = client.get("abc", TOKEN, "v2/time")
    assert observed.status == 301  # type: ignore[union-attr]
    assert len(seen) == 1


def test_cookies_of_one_store_do_not_travel_with_the_next_call() -> None:
    seen: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, headers={"Set-Cookie": "SHOP_SESSION=1; Path=/"}, json={})

    client = BigCommerceClient(Outbound())
    client._http._transport = httpx2.MockTransport(handle)
    client._http._mounts = {}
    with client:
        client.oauth_info("shop.mybigcommerce.com")
        client.oauth_info("shop.mybigcommerce.com")
    assert "cookie" not in seen[1].headers


def test_an_answer_past_the_limit_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "MAX_ANSWER_BYTES", 1000)
    handle, _ = answers(httpx2.Response(200, content=b"x" * 1001))
    with client_of(handle) as client:
        assert client.get("abc", TOKEN, "v2/time") == NoAnswer(Silence.TOO_LARGE, "api.bigcommerce.com")


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (httpx2.ConnectTimeout("x"), Silence.TIMED_OUT),
        (httpx2.ReadTimeout("x"), Silence.TIMED_OUT),
        (httpx2.ConnectError("x"), Silence.NO_NETWORK),
        (httpx2.ProxyError("x"), Silence.NO_NETWORK),
        (httpx2.RemoteProtocolError("x"), Silence.NOT_HTTP),
        (httpx2.ReadError("x"), Silence.NOT_HTTP),
        (httpx2.DecodingError("x"), Silence.NOT_HTTP),
    ],
)
def test_a_failure_of_the_network_is_a_value_and_holds_no_secret(failure: httpx2.HTTPError, reason: Silence) -> None:
    def handle(request: httpx2.Request) -> httpx2.Response:
        failure.request = request  # type: ignore[attr-defined]
        raise failure

    with client_of(handle) as client:
        observed = client.get("abc", TOKEN, "v2/time")
    assert observed == NoAnswer(reason, "api.bigcommerce.com")
    assert CANARY not in repr(observed)


@pytest.fixture
def talker() -> Iterator[Callable[[bytes], int]]:
    """Starts a server on loopback that says the same to everybody and hangs up."""
    listening: list[socket.socket] = []

    def start(says: bytes) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)

        def talk() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(4096)
                    connection.sendall(says)

        threading.Thread(target=talk, daemon=True).start()
        return int(server.getsockname()[1])

    yield start
    for server in listening:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
    gc.collect()


def test_what_does_not_speak_tls_is_told_apart(talker: Callable[[bytes], int]) -> None:
    port = talker(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with BigCommerceClient(Outbound(host_map_from_text(f"api.bigcommerce.com=127.0.0.1:{port}"))) as client:
        assert client.get("abc", TOKEN, "v2/time") == NoAnswer(Silence.NOT_TLS, "api.bigcommerce.com")


def test_where_nothing_listens_there_is_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with BigCommerceClient(Outbound(host_map_from_text(f"api.bigcommerce.com=127.0.0.1:{port}"))) as client:
        assert client.get("abc", TOKEN, "v2/time") == NoAnswer(Silence.NO_NETWORK, "api.bigcommerce.com")


def test_with_a_host_map_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch, talker: Callable[[bytes], int]) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{talker(b'HTTP/1.1 200 OK')}")
    host_map = host_map_from_text("*.mybigcommerce.com=127.0.0.1:9")
    with BigCommerceClient(Outbound(host_map)) as client:
        assert client.get("abc", TOKEN, "v2/time") == NoAnswer(Silence.NOT_MAPPED, "api.bigcommerce.com")


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_certificate_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InvalidSetting, match=r"ca\.pem") as refused:
        BigCommerceClient(Outbound(extra_ca_file=file))
    assert "COMPANION_EXTRA_CA_FILE" in "".join(traceback.format_exception_only(refused.value))
