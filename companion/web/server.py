"""The production server: cheroot, on loopback only."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from cheroot import server as cheroot_server
from cheroot import wsgi

from companion.core.errors import NotAllowed, PortInUse
from companion.web.guard import SECURITY_HEADERS
from companion.web.problems import MEDIA_TYPE, document_without_request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LOOPBACK = "127.0.0.1"

_THREADS = 10
_BACKLOG = 128
_SECONDS_TO_FINISH = 30
_MAX_HEADER_BYTES = 32 * 1024
_MAX_DRAINED_BYTES = 64 * 1024 * 1024


class LoopbackServer:
    """Serves `app` on 127.0.0.1 in a thread of this process; `stop` finishes the requests in flight.

    Args:
        port: 0 picks a free one.

    Raises:
        PortInUse: another program listens there.
    """

    def __init__(self, app: WSGIApplication, port: int) -> None:
        # Tried first: cheroot tells less of why it could not bind, and leaves its socket to the garbage collector.
        _check_that_port_is_free(port)
        self._server = _Server(
            (LOOPBACK, port),
            app,
            numthreads=_THREADS,
            request_queue_size=_BACKLOG,
            timeout=30,
            shutdown_timeout=_SECONDS_TO_FINISH,
        )
        self._server.max_request_header_size = _MAX_HEADER_BYTES
        self._server.ConnectionClass = _Connection
        self._server.expiration_interval = 0.1  # how long a stop waits for the loop to come round
        self._server.prepare()
        self.port = int(self._server.bind_addr[1])
        if not ipaddress.ip_address(self._server.bind_addr[0]).is_loopback:
            self._server.stop()
            raise NotAllowed(
                "The service would listen beyond this machine.", next_step="Unset LISTEN_PID and start it again."
            )
        self._thread = threading.Thread(target=self._server.serve, name="companion-service", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address to reach it at."""
        return f"http://{LOOPBACK}:{self.port}"

    def stop(self) -> None:
        """Take no more requests, finish those in flight, and end."""
        self._server.stop()
        self._thread.join(_SECONDS_TO_FINISH)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


class _Server(wsgi.Server):
    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Say nothing: what cheroot tells is about broken connections, and its tracebacks hold headers."""


class _Request(cheroot_server.HTTPRequest):
    def simple_response(self, status: str, msg: str = "") -> None:
        """Refuse what is no HTTP, or too much of it, with a problem document."""
        number = int(str(status)[:3])
        if number < 400:
            super().simple_response(status, msg)
            return
        self.close_connection = True
        body = document_without_request(number)
        headers = {
            "Content-Type": MEDIA_TYPE,
            "Content-Length": str(len(body)),
            "Connection": "close",
            **SECURITY_HEADERS,
        }
        lines = [f"{self.server.protocol} {status}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        with contextlib.suppress(OSError):
            self.conn.wfile.write("\r\n".join(lines).encode("latin-1") + body)

    def send_headers(self) -> None:
        """Send them without a banner; and read on where the answer is a refusal, or the sender never sees it."""
        if int(self.status[:3]) == 413:
            _drain(self.rfile)
        self.outheaders = _WithoutBanner(self.outheaders)
        super().send_headers()


class _Connection(cheroot_server.HTTPConnection):
    RequestHandlerClass = _Request


class _WithoutBanner(list[tuple[bytes, bytes]]):
    def append(self, header: tuple[bytes, bytes]) -> None:
        if header[0] != b"Server":
            super().append(header)


def _drain(body: Any) -> None:
    left = _MAX_DRAINED_BYTES
    try:
        while left > 0:
            part = body.read(64 * 1024)
            if not part:
                return
            left -= len(part)
    except (OSError, ValueError):
        return


def _check_that_port_is_free(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as attempt:
        if os.name == "posix":  # as cheroot does; elsewhere this option would share the port
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((LOOPBACK, port))
        except PermissionError:
            raise NotAllowed(
                f"The service may not listen on port {port}.", next_step="Use a port above 1023, or `--port 0`."
            ) from None
        except OSError as failure:
            raise PortInUse(
                f"Port {port} on {LOOPBACK} is in use by another program.",
                why=f"{failure.strerror}." if failure.errno != errno.EADDRINUSE else "",
                next_step="Stop that program, or use another port with `companion serve --port N`; 0 picks one.",
            ) from None
