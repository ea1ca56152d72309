"""A server under BigCommerce's own names that takes whatever it is sent and tells what came, as it comes."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from simulated_store.serving.authority import Authority

PIECE = 64 * 1024


@dataclass
class Heard:
    """One request.

    Attributes:
        begun: set when its head and the first piece of its body are there.
        size, digest: of the whole body; the digest is SHA-256. None where it broke off.
    """

    method: str
    path: str
    headers: dict[str, str]
    begun: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    size: int | None = None
    digest: str | None = None


@dataclass
class ListeningStore:
    """What was heard, and what is answered.

    Attributes:
        statuses: of the answers, one after another; the last goes on.
        pieces: of the body of every answer, in chunks; may wait for something.
    """

    host_map: str
    ca_file: Path
    heard: list[Heard] = field(default_factory=list)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    statuses: list[int] = field(default_factory=lambda: [200])
    pieces: Any = (b'{"data": []}',)

    def next_heard(self) -> Heard:
        """Wait for the next request."""
        assert self.arrived.acquire(timeout=60)
        return self.heard[-1]


@contextmanager
def listening_store(folder: Path) -> Iterator[ListeningStore]:
    """Run one until the context ends."""
    authority = Authority()
    ca_file = folder / "authority.pem"
    ca_file.write_bytes(authority.pem)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.socket = authority.server_context(lambda _host: True).wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    store = ListeningStore(f"api.bigcommerce.com=127.0.0.1:{server.server_address[1]}", ca_file)
    server.store = store  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        store: ListeningStore = self.server.store  # type: ignore[attr-defined]
        heard = Heard(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
        store.heard.append(heard)
        store.arrived.release()
        size, digest = 0, hashlib.sha256()
        for piece in self._body(heard.headers):
            size += len(piece)
            digest.update(piece)
            heard.begun.set()
        if self.close_connection and "content-length" not in heard.headers:
            heard.ended.set()
            return
        whole = size == int(heard.headers.get("content-length", size))
        heard.size, heard.digest = (size, digest.hexdigest()) if whole else (None, None)
        heard.ended.set()
        if not whole:
            self.close_connection = True
            return
        status = store.statuses.pop(0) if len(store.statuses) > 1 else store.statuses[0]
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in store.pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815  the library's names

    def _body(self, headers: dict[str, str]) -> Iterator[bytes]:
        if headers.get("transfer-encoding") == "chunked":
            while True:
                line = self.rfile.readline()
                if not line:
                    self.close_connection = True
                    return
                size = int(line, 16)
                piece = self.rfile.read(size)
                self.rfile.readline()
                if not size:
                    return
                yield piece
        left = int(headers.get("content-length", 0))
        while left:
            piece = self.rfile.read(min(PIECE, left))
            if not piece:
                return
            left -= len(piece)
            yield piece

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's own name
        """Say nothing."""
