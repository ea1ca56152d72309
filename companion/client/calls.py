"""How the service is called, after it has proven that it is ours.

Before the first secret goes out, the service has to prove that it holds the same API token: it answers a fresh nonce
with an HMAC under it. So a program of another user that took over the port learns nothing.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import re
import secrets
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit

import httpx2

from companion.client.documents import HealthDocument
from companion.client.problems import error_from_problem
from companion.core import errors
from companion.core.errors import ServiceUnreachable
from companion.core.proof import ProofKey, proof_key, proof_of
from companion.core.request_body import RequestBody
from companion.core.rest_paths import FORWARDED, is_passed_on
from companion.core.secret import Secret

API_PREFIX = "/api/v1"
PROOF_LASTS = 10.0
"""Seconds without traffic after which the service has to prove itself again."""

# Verify may wait for BigCommerce's rate limit on our behalf, so reading is given long.
_TIMEOUT = httpx2.Timeout(30.0, connect=5.0, read=180.0)


class ServiceCalls:
    """Sends calls of `/api/v1` with an API token.

    Every method raises `ServiceUnreachable` where nothing answers or what answers cannot prove itself, and else the
    `CompanionError` that the service describes in its problem document.

    Args:
        base_url: such as `http://127.0.0.1:7467` or `unix:/run/companion.sock`; off loopback it must be https.
        token: the API token.
        proof: under what the service proves itself; None takes what follows from the token.
        extra_ca_file: PEM certificates trusted besides the system's; only used with https.
        transport: replaces the network in tests.
    """

    def __init__(
        self,
        base_url: str,
        token: Secret,
        *,
        proof: ProofKey | None = None,
        extra_ca_file: Path | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.base_url = checked_base_url(base_url)
        self._token = token
        self._proof = proof or proof_key(token)
        self._address = _bound_address(self.base_url)
        self._proven_at: float | None = None
        socket_path = _socket_path(self.base_url)
        if socket_path is not None:
            transport = transport or httpx2.HTTPTransport(uds=socket_path)
        self._http = httpx2.Client(
            base_url=self.base_url if socket_path is None else "http://localhost",
            timeout=_TIMEOUT,
            trust_env=False,
            follow_redirects=False,
            verify=_trust(self.base_url, extra_ca_file),
            transport=transport,
            headers={"Accept": "application/json"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the service."""
        self._http.close()

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        token: Secret | None = None,
    ) -> Any:
        if self._proven_at is None or time.monotonic() - self._proven_at > PROOF_LASTS:
            self._prove()
        authorization = {"Authorization": f"Bearer {(token or self._token).reveal()}"}
        answer = self._exchange(method, path, query, body, {**(headers or {}), **authorization})
        self._proven_at = time.monotonic()
        if answer.status_code >= 400:
            raise error_from_problem(answer.status_code, _json_object(answer))
        return None if answer.status_code == 204 else _json_object(answer)

    @contextmanager
    def _forwarded(
        self, method: str, path: str, *, query: str, body: RequestBody
    ) -> Iterator[tuple[int, Mapping[str, str], Iterator[bytes]]]:
        """Make a call that the service forwards, and read BigCommerce's answer as it comes."""
        if self._proven_at is None or time.monotonic() - self._proven_at > PROOF_LASTS:
            self._prove()
        headers = {"Authorization": f"Bearer {self._token.reveal()}"}
        if body.content_type:
            headers["Content-Type"] = body.content_type
        if body.is_streamed and body.length is not None:
            headers["Content-Length"] = str(body.length)
        kind = ""
        try:
            address = API_PREFIX + path + (f"?{query}" if query else "")
            request = self._http.build_request(method, address, headers=headers, content=body.content or None)
            answer = self._http.send(request, stream=True)
        except httpx2.HTTPError as failure:
            self._proven_at = None
            kind = type(failure).__name__
        except (httpx2.InvalidURL, UnicodeEncodeError):
            raise _not_sendable("It is too long, or is no text.") from None
        if kind:
            raise self._no_answer(kind)
        try:
            self._proven_at = time.monotonic()
            if FORWARDED not in answer.headers:
                answer.read()
                raise error_from_problem(answer.status_code, _json_object(answer))
            # The service's own headers protect its answers from browsers; they say nothing of BigCommerce's.
            received = {name.lower(): value for name, value in answer.headers.items() if is_passed_on(name.lower())}
            yield answer.status_code, received, self._parts_of(answer)
        finally:
            answer.close()

    def _parts_of(self, answer: httpx2.Response) -> Iterator[bytes]:
        kind = ""
        try:
            yield from answer.iter_bytes()
        except httpx2.HTTPError as failure:
            kind = type(failure).__name__
        if kind:
            raise errors.BigCommerceUnreachable(
                "BigCommerce's answer broke off.", why=f"The call ended with {kind}.", next_step="Try again."
            )

    def _prove(self) -> HealthDocument:
        nonce = secrets.token_hex(32)
        key = self._proof
        named = {} if key.token_id is None else {"token": key.token_id}
        answer = self._exchange("GET", "/health", {"nonce": nonce, **named}, None, {})
        health = _json_object(answer)
        given = str(health.get("proof" if self._address is None else "proof_at_address", ""))
        expected = proof_of(nonce, key, address=self._address)
        if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
            raise ServiceUnreachable(
                f"What answers at {self.base_url} is not the companion service of this data folder.",
                why="It could not prove that it holds this API token, which may have been revoked. Nothing was sent.",
                next_step="Check COMPANION_URL and COMPANION_API_TOKEN_FILE, or stop the program that uses the port.",
            )
        self._proven_at = time.monotonic()
        return cast("HealthDocument", health)

    def _exchange(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
    ) -> httpx2.Response:
        content = None if body is None else _json_bytes(body)
        typed = {} if content is None else {"Content-Type": "application/json"}
        try:
            return self._http.request(
                method, API_PREFIX + path, params=dict(query or {}), content=content, headers={**headers, **typed}
            )
        except httpx2.HTTPError as failure:
            self._proven_at = None
            kind = type(failure).__name__
        except (httpx2.InvalidURL, UnicodeEncodeError):
            kind = ""
        if not kind:
            raise _not_sendable("It is too long, or is no text.")
        # Raised outside the handler: the library's error holds the request, and that holds the token.
        raise self._no_answer(kind)

    def _no_answer(self, kind: str) -> ServiceUnreachable:
        return ServiceUnreachable(
            f"The companion service at {self.base_url} does not answer.",
            why=f"The call ended with {kind}.",
            next_step="Start it with `companion serve`, or unset COMPANION_URL.",
        )


def checked_base_url(url: str) -> str:
    """Return scheme, host and port of the service's address, or `unix:` and the path of its socket.

    Raises:
        InvalidSetting: neither an http(s) address nor a socket's absolute path, or http to another machine, where the
            token would go in clear.
    """
    path = _socket_path(url.strip())
    if path is not None:
        return f"unix:{path}"
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.query or parts.fragment:
        raise errors.InvalidSetting(
            "COMPANION_URL is not the address of a service.",
            next_step="Set it to something like http://127.0.0.1:7467 or unix:/run/companion.sock, or unset it.",
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise errors.InvalidSetting(
            "COMPANION_URL names another machine without https.",
            why="Secrets would cross the network in clear.",
            next_step="Use an https address, or a service on this machine.",
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def _bound_address(base_url: str) -> str | None:
    """Return the address that a proof must be bound to; None with https, where a certificate tells who answers."""
    if base_url.startswith("unix:"):
        return "unix"
    parts = urlsplit(base_url)
    return None if parts.scheme == "https" else f"127.0.0.1:{parts.port or 80}"


def _socket_path(url: str) -> str | None:
    """Return the absolute path out of `unix:/run/companion.sock`, or `unix:///run/companion.sock`."""
    found = re.fullmatch(r"unix:(?://(?=/))?(/(?!/)[^\0]*)", url)
    return None if found is None else found[1]


def _json_object(answer: httpx2.Response) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ServiceUnreachable(
            f"What answers at {answer.request.url.copy_with(query=None)} is not the companion service.",
            why=f"Its answer ({answer.status_code}) is not a JSON document.",
            next_step="Check COMPANION_URL, or stop the program that uses the port.",
        )
    return document


def _json_bytes(body: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:  # half a surrogate pair: bytes of the command line or of a pipe that are no text
        why = "It holds bytes that are no text in UTF-8."
    except RecursionError:
        why = "It is nested too deep."
    except ValueError:
        why = "It holds a number that JSON does not have."
    raise _not_sendable(why)  # outside the handlers: the library's errors hold what was to be sent


def _not_sendable(why: str) -> errors.InvalidInput:
    return errors.InvalidInput(
        "What was given cannot be sent to the service. Nothing was sent.",
        why=why,
        next_step="Correct it and try again.",
    )


def _trust(base_url: str, extra_ca_file: Path | None) -> ssl.SSLContext | bool:
    if not base_url.startswith("https:"):
        return False  # nothing is encrypted on loopback, so there is nothing to check
    trust = ssl.create_default_context()
    if extra_ca_file is not None:
        trust.load_verify_locations(cafile=extra_ca_file)
    return trust


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
