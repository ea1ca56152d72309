"""How the service starts, is found, stays alone, reaches out, and ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from served import A_TOKEN, settings_in

from companion.api_token import api_token
from companion.bigcommerce import BigCommerceClient, Outbound
from companion.cli.session import running_client
from companion.client import CompanionClient, checked_base_url
from companion.core.answers import Answer
from companion.core.errors import (
    AlreadyRunning,
    InvalidInput,
    InvalidSetting,
    KeysUnavailable,
    PortInUse,
    ServiceUnreachable,
    StorageFailed,
)
from companion.core.secret import Secret
from companion.service_state import read_state
from companion.web.server import LoopbackServer
from companion.wiring.service import running_service
from simulated_store.serving.proxy import RunningProxy
from simulated_store.serving.server import RunningStore


def test_a_public_service_is_found_by_its_state_file_until_it_ends(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with running_service(settings, public=True) as service:
        state = read_state(settings.state_file)
        assert state is not None
        assert (state.url, state.pid) == (service.url, os.getpid())
        with CompanionClient(state.url, api_token(settings.token_file)) as client:
            assert client.health()["status"] == "ok"
    assert read_state(settings.state_file) is None


def test_a_second_public_service_of_a_data_folder_names_the_first(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with running_service(settings, public=True) as first:
        with pytest.raises(AlreadyRunning, match=first.url), running_service(settings, public=True):
            pass
        assert read_state(settings.state_file) is not None


def test_a_state_file_that_was_left_behind_is_taken_over(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    settings.data_dir.mkdir(mode=0o700, parents=True)
    settings.state_file.write_text('{"url": "http://127.0.0.1:1", "pid": 1, "started": "2026-01-01T00:00:00Z"}')
    with running_service(settings, public=True) as service:
        state = read_state(settings.state_file)
        assert state is not None
        assert state.url == service.url


def test_private_services_of_one_data_folder_work_side_by_side(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with running_service(settings) as one, running_service(settings) as other:
        assert not settings.state_file.exists()
        with CompanionClient(one.url, one.api_token) as a, CompanionClient(other.url, other.api_token) as b:
            made = a.create({"name": "Shop", "subdomain": "celigo", "store_hash": "abc"}, A_TOKEN)
            assert b.connection("shop") == made


def test_what_was_stored_is_there_after_a_restart(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with running_service(settings) as service, CompanionClient(service.url, service.api_token) as client:
        made = client.create({"name": "Shop", "subdomain": "celigo", "store_hash": "abc"}, A_TOKEN)
    with running_service(settings) as service, CompanionClient(service.url, service.api_token) as client:
        assert client.connection(made["id"]) == made


def test_another_key_is_noticed_at_the_start(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    other = settings_in(tmp_path / "other")
    with running_service(settings), running_service(other):
        pass
    settings.key_file.write_bytes(other.key_file.read_bytes())
    with pytest.raises(KeysUnavailable), running_service(settings):
        pass


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=str(port)), running_service(settings_in(tmp_path), port):
            pass


def test_a_database_address_is_not_silently_ignored(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, database_url="mysql://u:p@db/x")
    with pytest.raises(InvalidSetting) as refused, running_service(settings):
        pass
    assert "u:p" not in str(refused.value)


def test_stopping_finishes_the_request_in_flight() -> None:
    arrived, may_go_on = threading.Event(), threading.Event()

    def app(_environ: Any, start_response: Any) -> list[bytes]:
        arrived.set()
        may_go_on.wait(20)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]

    server = LoopbackServer(app, 0)
    with socket.create_connection(("127.0.0.1", server.port)) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert arrived.wait(20)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        may_go_on.set()
        received = b""
        while not received.endswith(b"done"):
            received += caller.recv(4096) or pytest.fail("the answer was cut off")
        stopping.join(30)
    assert not stopping.is_alive()


def test_the_service_listens_on_loopback_only(tmp_path: Path) -> None:
    with running_service(settings_in(tmp_path)) as service:
        assert urlsplit(service.url).hostname == "127.0.0.1"


SERVE = """
import contextlib
import signal
import sys
from pathlib import Path
from companion.cli.waiting import wait_for_interrupt
from companion.settings import load_settings
from companion.wiring.service import running_service
folder = Path(sys.argv[1])
settings = load_settings(data_dir=folder / "data", key_file=folder / "config" / "key", key_provider="file")
signal.signal(signal.SIGTERM, signal.default_int_handler)  # as the program does
with contextlib.suppress(KeyboardInterrupt), running_service(settings, public=True) as service:
    print(service.url, flush=True)
    wait_for_interrupt()
print("ended well", flush=True)
"""


@pytest.fixture
def serving(tmp_path: Path) -> Any:
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_terminated_service_ends_well_and_a_killed_one_is_followed_by_another(tmp_path: Path, serving: Any) -> None:
    killed = serving()
    url = killed.stdout.readline().strip()
    killed.kill()
    killed.wait(30)
    state = read_state(tmp_path / "data" / "service.json")
    assert state is not None
    with CompanionClient(url, Secret("x" * 64)) as client, pytest.raises(ServiceUnreachable):
        client.health()
    following = serving()
    assert following.stdout.readline().startswith("http://127.0.0.1:")
    following.send_signal(signal.SIGTERM)
    assert following.communicate(timeout=60)[0].strip() == "ended well"
    assert not (tmp_path / "data" / "service.json").exists()


def test_the_api_token_is_made_once_and_for_the_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "api-token"
    token = api_token(file)
    assert api_token(file) == token
    assert len(token.reveal()) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    api_token(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64, b"a b" * 30])
def test_a_file_that_holds_no_token_is_not_used_nor_overwritten(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "api-token"
    file.write_bytes(content)
    with pytest.raises(StorageFailed):
        api_token(file)
    assert file.read_bytes() == content


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "http://192.168.1.7:7467",
        "ftp://127.0.0.1",
        "127.0.0.1:7467",
        "http://",
        "http://user:password@127.0.0.1:1",
        "http://127.0.0.1:1/?x=1",
        "http://127.0.0.1:99999",
        "http://127.0.0.1.evil.example",
        "http://0.0.0.0:7467",
        "unix:companion.sock",
        "unix:",
        "unix://host/companion.sock",
        "",
    ],
)
def test_an_address_that_would_give_the_token_away_is_refused(url: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        checked_base_url(url)
    assert "password" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "used"),
    [
        ("http://127.0.0.1:7467", "http://127.0.0.1:7467"),
        (" http://localhost:7467/ ", "http://localhost:7467"),
        ("http://[::1]:7467", "http://[::1]:7467"),
        ("https://companion.example", "https://companion.example"),
        ("unix:/run/companion.sock", "unix:/run/companion.sock"),
        (" unix:///run/companion.sock", "unix:/run/companion.sock"),
    ],
)
def test_loopback_and_https_addresses_are_taken(url: str, used: str) -> None:
    assert checked_base_url(url) == used


def test_where_no_service_answers_that_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with (
        CompanionClient(f"http://127.0.0.1:{port}", Secret("t" * 64)) as client,
        pytest.raises(ServiceUnreachable) as unreachable,
    ):
        client.connections()
    assert unreachable.value.exit_code == 5
    assert "t" * 64 not in str(unreachable.value)
    assert unreachable.value.__cause__ is None
    assert unreachable.value.__context__ is None


def test_without_a_host_map_the_proxy_and_the_extra_authority_hold(
    simulated: RunningStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated.state.reset()
    store = simulated.state.store
    account = store.create_api_account("ERP connection", frozenset({"store_v2_information"}))
    with RunningProxy(simulated) as proxy:
        for name in ("NO_PROXY", "no_proxy", "https_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        with BigCommerceClient(Outbound(extra_ca_file=simulated.ca_file)) as client:
            observed = client.get(store.store_hash, Secret(account.access_token), "v2/store")
    assert isinstance(observed, Answer)
    assert (observed.status, json.loads(observed.text)["id"]) == (200, store.store_hash)


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="bc-", dir="/tmp") as folder:
        yield Path(folder)


unix_sockets = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="Unix sockets")


@unix_sockets
def test_a_socket_is_the_users_alone_and_clients_find_it_by_the_state_file(tmp_path: Path, short_path: Path) -> None:
    settings, path = settings_in(tmp_path), short_path / "companion.sock"
    with running_service(settings, None, socket=path, public=True) as service:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_ISSOCK(path.stat().st_mode)
        state = read_state(settings.state_file)
        assert state is not None
        assert state.url == service.url == f"unix:{path}"
        client = running_client(settings)
        assert client is not None
        with client:
            made = client.create({"name": "Shop", "subdomain": "celigo", "store_hash": "abc"}, A_TOKEN)
            assert client.connection("shop") == made
    assert not path.exists()


@unix_sockets
def test_a_socket_and_a_port_are_served_together(tmp_path: Path, short_path: Path) -> None:
    path = short_path / "companion.sock"
    with running_service(settings_in(tmp_path), 0, socket=path) as service:
        for url in (service.url, f"unix:{path}", f"unix://{path}"):
            with CompanionClient(url, service.api_token) as client:
                assert client.health()["status"] == "ok"


@unix_sockets
def test_the_proof_of_a_port_counts_for_nothing_on_a_socket(tmp_path: Path, short_path: Path) -> None:
    with running_service(settings_in(tmp_path)) as true:

        def relay(request: httpx2.Request) -> httpx2.Response:
            return httpx2.get(true.url + request.url.raw_path.decode(), trust_env=False)

        path = f"unix:{short_path / 'x.sock'}"
        with (
            CompanionClient(path, true.api_token, transport=httpx2.MockTransport(relay)) as client,
            pytest.raises(ServiceUnreachable),
        ):
            client.connections()


@unix_sockets
def test_a_socket_that_was_left_behind_is_taken_over_and_nothing_else_is(tmp_path: Path, short_path: Path) -> None:
    path, file, folder = short_path / "a.sock", short_path / "file", short_path / "folder"
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    file.write_text("mine")
    folder.mkdir()
    with running_service(settings_in(tmp_path), None, socket=path) as service:
        with pytest.raises(PortInUse, match=r"a\.sock"), running_service(settings_in(tmp_path), None, socket=path):
            pass
        with CompanionClient(service.url, service.api_token) as client:
            assert client.health()["status"] == "ok"
    for other in (file, folder, short_path / "nowhere" / "x", short_path / ("x" * 200)):
        with pytest.raises(InvalidInput), running_service(settings_in(tmp_path), None, socket=other):
            pass
    assert file.read_text() == "mine"


def echo() -> Any:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    return app


def test_callers_who_send_nothing_or_half_a_request_keep_nobody_waiting() -> None:
    with LoopbackServer(echo(), 0) as server, ExitStack() as stack:
        for _ in range(60):
            idle = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            half = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            half.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
            del idle
        answer = httpx2.post(server.url, content=b"hello", trust_env=False, timeout=60)
        assert answer.content == b"hello"
        half.sendall(b"yes\r\n\r\n")
        assert half.recv(100).startswith(b"HTTP/1.1 200")


def test_a_request_that_does_not_arrive_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("companion.web.slow_callers.HEAD_SECONDS", 0.2)
    monkeypatch.setattr("companion.web.server.REQUEST_SECONDS", 0.2)
    with LoopbackServer(echo(), 0) as server:
        for start in (b"GET / HT", b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\nhalf"):
            with socket.create_connection(("127.0.0.1", server.port), timeout=60) as caller:
                caller.sendall(start)
                received = b"".join(iter(lambda: caller.recv(4096), b""))
            assert received.startswith(b"HTTP/1.1 408"), start
            assert b"request-timeout" in received


def test_what_is_left_of_a_refused_body_is_not_taken_for_a_request(tmp_path: Path) -> None:
    with running_service(settings_in(tmp_path)) as service:
        address = urlsplit(service.url)
        smuggled = b"GET /api/v1/health HTTP/1.1\r\nHost: %s\r\n\r\n" % address.netloc.encode()
        with socket.create_connection((address.hostname, address.port), timeout=60) as caller:
            caller.sendall(
                b"POST /api/v1/connections HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n"
                % (address.netloc.encode(), len(smuggled))
                + smuggled
                + b"\r\n0\r\n\r\n"
                + smuggled
            )
            received = b"".join(iter(lambda: caller.recv(4096), b""))
    assert received.startswith(b"HTTP/1.1 401")
    assert received.count(b"HTTP/1.1") == 1
