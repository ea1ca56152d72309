"""The production server: cheroot, on loopback or a Unix socket of this user."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
import stat
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from cheroot import server as cheroot_server
from cheroot import wsgi

from companion.core.errors import InvalidInput, NotAllowed, PortInUse
from companion.web.chunked_body import ChunkedBody
from companion.web.problems import MEDIA_TYPE, document_without_request
from companion.web.request_head import HeadReader
from companion.web.security_headers import PAGE_HEADERS, SECURITY_HEADERS
from companion.web.slow_callers import LIMIT_IN_ENVIRON, REQUEST_SECONDS, Waiting
from companion.web.socket_files import Limit, SocketReader, SocketWriter, becomes_readable, has_head
from companion.web.threads import THREADS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LOOPBACK = "127.0.0.1"

_BACKLOG = 128
_IDLE_SECONDS = 30
_SECONDS_TO_DRAIN = 2.0
_SECONDS_TO_FINISH = 30
_MAX_HEADER_BYTES = 32 * 1024
_MAX_DRAINED_BYTES = 64 * 1024 * 1024
# How long a thread waits for the next request of whom it has just answered, in seconds, unless others wait:
# many ask again at once, and handing a connection from thread to thread takes as long as reading a request.
_LINGERS = 0.001


# Those that every answer carries, as they are sent.
_ENCODED = {
    (name, value): (name.encode(), value.encode()) for name, value in (*SECURITY_HEADERS.items(), *PAGE_HEADERS.items())
}


class RunningServer:
    """Serves in a thread of this process; `stop` finishes the requests in flight.

    Attributes:
        url: the address to reach it at: `http://127.0.0.1:7467`, or `unix:/run/companion.sock`.
    """

    def __init__(self, server: _Server, url: str) -> None:
        self._server = server
        self.url = url
        self._thread = threading.Thread(target=self._server.serve, name="companion-service", daemon=True)
        self._thread.start()

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


class LoopbackServer(RunningServer):
    """Serves `app` on 127.0.0.1.

    Args:
        port: 0 picks a free one.

    Raises:
        PortInUse: another program listens there.
    """

    def __init__(self, app: WSGIApplication, port: int) -> None:
        # Tried first: cheroot tells less of why it could not bind, and leaves its socket to the garbage collector.
        check_that_port_is_free(port)
        server = _Server((LOOPBACK, port), app)
        server.prepare()
        self.port = int(server.bind_addr[1])
        if not ipaddress.ip_address(server.bind_addr[0]).is_loopback:
            server.stop()
            raise NotAllowed(
                "The service would listen beyond this machine.", next_step="Unset LISTEN_PID and start it again."
            )
        super().__init__(server, f"http://{LOOPBACK}:{self.port}")


class SocketServer(RunningServer):
    """Serves `app` on a Unix socket that this user alone can connect to; it is gone when the server ends.

    Raises:
        PortInUse: another program listens there.
        InvalidInput: it cannot be made there.
    """

    _path: Path

    def __init__(self, app: WSGIApplication, path: Path) -> None:
        if sys.platform == "win32":
            raise InvalidInput("There are no Unix sockets on this system.", next_step="Use `companion serve --port N`.")
        self._path = path.absolute()
        _check_that_socket_is_free(self._path)
        server = _Server(str(self._path), app)
        try:
            server.prepare()
        except OSError as failure:
            cause = failure.__cause__ or failure
            raise InvalidInput(
                f"The socket {self._path} cannot be made.",
                why=f"{getattr(cause, 'strerror', None) or cause}.",
                next_step="Name a path of at most 100 characters in a folder of yours.",
            ) from None
        super().__init__(server, f"unix:{self._path}")

    def stop(self) -> None:
        """Take no more requests, finish those in flight, end, and remove the socket."""
        super().stop()
        self._path.unlink(missing_ok=True)


class _Server(wsgi.Server):
    def __init__(self, address: tuple[str, int] | str, app: WSGIApplication) -> None:
        super().__init__(
            address,
            app,
            numthreads=THREADS,
            request_queue_size=_BACKLOG,
            timeout=_IDLE_SECONDS,
            shutdown_timeout=_SECONDS_TO_FINISH,
        )
        self.max_request_header_size = _MAX_HEADER_BYTES
        self.ConnectionClass = _Connection
        self.gateway = _Gateway
        self.expiration_interval = 0.1  # how long a stop waits for the loop to come round
        self._waiting = Waiting(super().process_conn, _Connection.give_up, _MAX_HEADER_BYTES)

    def process_conn(self, conn: _Connection) -> None:
        """Give a connection a thread when a request is there; one that was just opened has said nothing yet."""
        if not conn.is_known:
            conn.is_known = True
            self.put_conn(conn)
        elif conn.rfile.has_data():
            super().process_conn(conn)
        else:
            self._waiting.take(conn)

    def bind_unix_socket(self, bind_addr: str) -> socket.socket:
        """Make the socket with mode 0600 from its first moment; cheroot's own lets everybody connect."""
        if sys.platform == "win32":
            raise OSError(errno.EAFNOSUPPORT, os.strerror(errno.EAFNOSUPPORT))
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            made.bind(bind_addr)
        except OSError:
            made.close()
            raise
        finally:
            os.umask(before)
        self.socket = made
        return made

    def stop(self) -> None:
        """Stop; those whose request is not there yet are told that it came too late."""
        self._waiting.end()
        super().stop()

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Say nothing: what cheroot tells is about broken connections, and its tracebacks hold headers."""


class _Gateway(wsgi.Gateway_10):
    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]
        """Let the application read a body in chunks piece by piece, and say how long it waits for them."""
        if self.req.chunked_read:
            self.req.rfile = ChunkedBody(self.req.conn.rfile)
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        environ[LIMIT_IN_ENVIRON] = self.req.conn.limit
        return environ

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """Take over status and headers; they are sent with the first piece of the body."""
        if self.started_response or exc_info:
            return super().start_response(status, headers, exc_info)
        self.started_response = True
        self.req.status = status.encode("latin-1")
        sent = self.req.outheaders
        for header in headers:
            encoded = _ENCODED.get(header)
            if encoded is None:
                name, value = header
                if name.lower() == "content-length":
                    self.remaining_bytes_out = int(value)
                encoded = (name.encode("latin-1"), value.encode("latin-1"))
            sent.append(encoded)
        return self.write

    def write(self, chunk: bytes) -> None:
        """Send a piece of the body, the first one together with the head."""
        writer = self.req.conn.wfile
        writer.is_held_back = True
        try:
            super().write(chunk)
        finally:
            writer.is_held_back = False
            writer.flush()


class _Request(cheroot_server.HTTPRequest):
    header_reader = HeadReader()

    def read_request_headers(self) -> bool:
        """Read the head; a body in chunks is for HTTP/1.1, and would else be taken for the next request."""
        if not super().read_request_headers():  # type: ignore[no-untyped-call]
            return False
        if self.response_protocol != "HTTP/1.1" and b"Transfer-Encoding" in self.inheaders:
            self.simple_response("400 Bad Request")
            return False
        return True

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
        """Send them without a banner; and read on where something was not read, or the sender never sees them."""
        if _has_unread_body(self):
            self.close_connection = True  # what is left of the body must not be taken for a request
            self.conn.limit.begin(_SECONDS_TO_DRAIN)
            _drain(self.rfile)
        self.outheaders = _WithoutBanner(self.outheaders)
        super().send_headers()


class _Connection(cheroot_server.HTTPConnection):
    RequestHandlerClass = _Request
    is_known = False

    def __init__(self, server: Any, sock: socket.socket, makefile: Any) -> None:
        del makefile
        super().__init__(server, sock, lambda *_: None)
        self.limit = Limit()
        self.rfile = SocketReader(sock, self.rbufsize, self.limit, server.timeout)
        self.wfile = SocketWriter(sock, server.timeout)
        sock.settimeout(0)

    def communicate(self) -> bool:
        """Read requests and answer them, as long as they come one upon another; says whether more may come.

        Each has to be there as a whole within a limit.
        """
        while True:
            self.limit.begin(REQUEST_SECONDS)
            if not super().communicate():  # type: ignore[no-untyped-call]
                return False
            if not self._asks_again():
                return True

    def _asks_again(self) -> bool:
        """Say whether the next request is here within a moment, and nothing else is to be done."""
        server = self.server
        return (
            server.ready
            and not server.requests.qsize
            and not self.rfile.has_data()
            and becomes_readable(self.socket, _LINGERS)
            and has_head(self.socket, _MAX_HEADER_BYTES)
        )

    def give_up(self) -> None:
        """Tell that the request did not arrive in time, and close."""
        self.wfile.longest = 0  # whoever does not read either is not waited for
        _Request(self.server, self).simple_response("408 Request Timeout")
        self.close()


class _WithoutBanner(list[tuple[bytes, bytes]]):
    def append(self, header: tuple[bytes, bytes]) -> None:
        if header[0] != b"Server":
            super().append(header)


def _has_unread_body(request: Any) -> bool:
    """Say whether the sender may not have sent all, or has sent what nobody has read."""
    return not getattr(request.rfile, "ended", True) or getattr(request.rfile, "remaining", 0) > 0


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


def check_that_port_is_free(port: int) -> None:
    """Raise `PortInUse` where another program listens on this port of the loopback, `NotAllowed` where nobody may."""
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


def _check_that_socket_is_free(path: Path) -> None:
    """Take away a socket that nobody listens on any more; leave everything else alone."""
    if sys.platform == "win32":
        return
    try:
        mode = path.lstat().st_mode
    except OSError:
        return
    if not stat.S_ISSOCK(mode):
        raise InvalidInput(f"{path} is there already, and is no socket.", next_step="Name another path.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as attempt:
        attempt.settimeout(2)
        try:
            attempt.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
        except OSError as failure:
            raise InvalidInput(
                f"The socket {path} cannot be used.", why=f"{failure.strerror}.", next_step="Name another path."
            ) from None
    raise PortInUse(
        f"Another program listens on {path}.",
        next_step="Stop that program, or use another path with `companion serve --socket PATH`.",
    )
