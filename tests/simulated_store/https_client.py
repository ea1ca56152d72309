"""A small HTTPS client that finds BigCommerce's names on the loopback and trusts one authority alone."""

import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class HttpsClient:
    """One connection to one host, kept alive until `close`."""

    def __init__(self, host: str, port: int, ca_file: Path) -> None:
        self._connection = http.client.HTTPConnection(host)
        self._connection.auto_open = False  # a connection that was not kept alive is a failure
        self._connection.sock = trusting(ca_file).wrap_socket(
            socket.create_connection((LOOPBACK, port)), server_hostname=host
        )

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, body: bytes) -> Answer:
        return self._ask("POST", path, body)

    def announce(self, path: str, size: int) -> Answer:
        """The answer to a request that promises a body of `size` bytes and sends none yet."""
        self._connection.putrequest("POST", path)
        self._connection.putheader("Content-Length", str(size))
        self._connection.endheaders()
        return self._answer()

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        self._connection.request(method, path, body)
        return self._answer()

    def _answer(self) -> Answer:
        response = self._connection.getresponse()
        return Answer(response.status, response.msg, response.read())

    def certificate(self) -> dict[str, Any]:
        return self._tls().getpeercert() or {}

    def chain(self) -> list[bytes]:
        """The certificates that were sent, as DER."""
        sent = self._tls()._sslobj.get_unverified_chain()  # type: ignore[attr-defined]
        return [ssl.PEM_cert_to_DER_cert(each.public_bytes(1)) for each in sent]

    def close(self) -> None:
        self._connection.close()

    def _tls(self) -> ssl.SSLSocket:
        assert isinstance(self._connection.sock, ssl.SSLSocket)
        return self._connection.sock


def trusting(ca_file: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ca_file)
    return context
