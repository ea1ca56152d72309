import socket
from collections.abc import Iterator

import pytest
from https_client import LOOPBACK, trusting

from simulated_store.serving.proxy import RunningProxy, proxy_environment
from simulated_store.serving.server import RunningStore, running
from simulated_store.state import SimulatedBigCommerce


@pytest.fixture
def store() -> Iterator[RunningStore]:
    with running(SimulatedBigCommerce(seed=7)) as served:
        yield served


@pytest.fixture
def proxy(store: RunningStore) -> Iterator[RunningProxy]:
    with RunningProxy(store) as running_proxy:
        yield running_proxy


def ask(proxy: RunningProxy, request: str) -> tuple[socket.socket, str]:
    """The open connection, and the status line it was answered with."""
    connection = socket.create_connection((LOOPBACK, proxy.port))
    connection.sendall(f"{request} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connection, connection.recv(4096).decode().splitlines()[0]


def test_bigcommerces_names_are_carried_to_the_store(store, proxy):
    connection, status = ask(proxy, "CONNECT login.bigcommerce.com:443")
    assert status.startswith("HTTP/1.1 200 ")
    with trusting(store.ca_file).wrap_socket(connection, server_hostname="login.bigcommerce.com") as secure:
        secure.sendall(b"GET /login HTTP/1.1\r\nHost: login.bigcommerce.com\r\nConnection: close\r\n\r\n")
        assert secure.recv(4096).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("CONNECT example.com:443", "403"),
        ("CONNECT 127.0.0.1:443", "403"),
        ("CONNECT login.bigcommerce.com:22", "403"),
        ("CONNECT mybigcommerce.com.example:443", "403"),
        ("GET http://login.bigcommerce.com/", "405"),
    ],
)
def test_everything_else_is_refused(proxy, request_line, status):
    connection, answer = ask(proxy, request_line)
    connection.close()
    assert answer.split()[1] == status


def test_the_environment_names_proxy_and_authority(store, proxy):
    environment = proxy_environment(store, proxy)
    assert environment["HTTPS_PROXY"] == f"http://127.0.0.1:{proxy.port}"
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
        assert environment[name] == str(store.ca_file)
