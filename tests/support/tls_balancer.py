"""A proxy that ends TLS and spreads connections over the services that answer, as one in front of several machines."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import socket
import ssl
import threading
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME = "localhost"


class TlsBalancer:
    """Listens on a free port of the loopback from the start; `backends` may come later.

    Attributes:
        ca_file: the certificate to trust.
        backends: ports of the loopback.
        passes: while it is cleared, nothing that callers send goes through.
    """

    def __init__(self, folder: Path) -> None:
        self.ca_file = folder / "balancer.pem"
        key_file = folder / "balancer.key"
        _write_certificate(self.ca_file, key_file)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(self.ca_file, key_file)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listening.getsockname()[1]
        self.backends: list[int] = []
        self.passes = threading.Event()
        self.passes.set()
        self._turns = itertools.count()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.suppress(OSError))
            outside = stack.enter_context(self._tls.wrap_socket(caller, server_side=True))
            inside = stack.enter_context(self._backend())
            back = threading.Thread(target=_pump, args=(inside, outside), daemon=True)
            back.start()
            _pump(outside, inside, self.passes)
            back.join()

    def _backend(self) -> socket.socket:
        """Connect to the next service that answers."""
        ports = list(self.backends)
        first = next(self._turns)
        for turn in range(len(ports)):
            with contextlib.suppress(OSError):
                return socket.create_connection(("127.0.0.1", ports[(first + turn) % len(ports)]), timeout=10)
        raise OSError("no service answers")


def _pump(source: socket.socket, target: socket.socket, passes: threading.Event | None = None) -> None:
    source.settimeout(None)
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            if passes is not None:
                passes.wait()
            target.sendall(part)
    for each in (source, target):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def _write_certificate(file: Path, key_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
