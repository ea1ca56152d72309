"""The calls themselves."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import httpx2

from companion.bigcommerce.outbound import API_HOST, NotMapped, Outbound, is_allowed
from companion.core.answers import (
    MAX_TRIES,
    MAX_WAIT,
    Answer,
    Minted,
    NoAnswer,
    Observed,
    Silence,
    StreamedAnswer,
    date_of,
    seconds_to_wait,
    token_in,
)
from companion.core.errors import BigCommerceUnreachable, NotAllowed
from companion.core.request_body import NO_BODY, RequestBody
from companion.core.secret import Secret

MAX_ANSWER_BYTES = 16 * 1024 * 1024
MAX_SECONDS = 60.0
"""Longest that one answer may take altogether, slow drips included."""

STOREFRONT_TOKENS = "v3/storefront/api-token"
PRIVATE_TOKENS = "v3/storefront/api-token-private"
IMPERSONATION_TOKENS = "v3/storefront/api-token-customer-impersonation"


class BigCommerceClient:
    """Calls BigCommerce with an access token or a storefront token; safe for use by several threads.

    Every call gives back an `Answer` or a `NoAnswer`, so that no exception of a library, which would hold the request
    and with it the token, ever leaves. A 429 is waited out as its headers say, within `MAX_WAIT` and `MAX_TRIES`.

    Args:
        sleep: takes seconds; tests pass their own.
    """

    def __init__(self, outbound: Outbound, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._http = outbound.client()
        self._sleep = sleep

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
        """Close all connections."""
        self._http.close()

    def get(self, store_hash: str, access_token: Secret, path: str) -> Observed:
        """Read from the store's REST API; `path` starts with `v2/` or `v3/`."""
        return self._rest("GET", store_hash, access_token, path)

    def mint_private_token(
        self, store_hash: str, access_token: Secret, *, channel_id: int, scopes: Sequence[str], expires_at: int
    ) -> Minted | Observed:
        """Mint a private token; `expires_at` in Unix seconds. Success is 200, not 201 (Storefront tokens)."""
        body = {"channel_ids": [channel_id], "scopes": list(scopes), "expires_at": expires_at}
        return self._mint(store_hash, access_token, PRIVATE_TOKENS, body, expires_at)

    def mint_impersonation_token(
        self, store_hash: str, access_token: Secret, *, channel_id: int, expires_at: int
    ) -> Minted | Observed:
        """Mint a customer impersonation token; `expires_at` in Unix seconds."""
        body = {"channel_ids": [channel_id], "expires_at": expires_at}
        return self._mint(store_hash, access_token, IMPERSONATION_TOKENS, body, expires_at)

    def mint_storefront_token(
        self,
        store_hash: str,
        access_token: Secret,
        *,
        channel_id: int,
        allowed_cors_origins: Sequence[str],
        expires_at: int,
    ) -> Minted | Observed:
        """Mint a storefront token of the older kind, for browsers; `expires_at` in Unix seconds."""
        origins = list(allowed_cors_origins)
        body = {"channel_ids": [channel_id], "allowed_cors_origins": origins, "expires_at": expires_at}
        return self._mint(store_hash, access_token, STOREFRONT_TOKENS, body, expires_at)

    def revoke_storefront_token(self, store_hash: str, access_token: Secret, token: Secret) -> Observed:
        """Revoke a storefront or private token; both kinds on the one path that is documented for it."""
        headers = {"X-Auth-Token": ("", access_token), "Sf-Api-Token": ("", token)}
        return self._patiently("DELETE", API_HOST, f"/stores/{store_hash}/{STOREFRONT_TOKENS}", headers, None)

    def graphql(
        self,
        host: str,
        storefront_token: Secret,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> Observed:
        """Ask the GraphQL Storefront API on `host`, without an Origin: private tokens are for servers only."""
        body: dict[str, Any] = {"query": query}
        if variables is not None:
            body["variables"] = variables
        if operation_name is not None:
            body["operationName"] = operation_name
        return self._patiently("POST", host, "/graphql", {"Authorization": ("Bearer ", storefront_token)}, body)

    def forward(
        self,
        store_hash: str,
        access_token: Secret,
        method: str,
        path: str,
        *,
        query: str = "",
        body: RequestBody = NO_BODY,
    ) -> StreamedAnswer | NoAnswer:
        """Send a call to the store's REST API as it is; the body of the answer is passed on as it comes.

        A body that is streamed can be sent once, so that a 429 for it is given back at once. What its pieces raise
        leaves as it is; BigCommerce has then seen no whole request.
        """
        store = f"/stores/{store_hash}/"
        url = f"https://{API_HOST}{store}{path}" + (f"?{query}" if query else "")
        headers = {"X-Auth-Token": access_token.reveal(), **_headers_of(body)}
        waited = 0.0
        for tries in range(1, MAX_TRIES + 1):
            answer = self._begun(method, url, store, headers, body.content)
            if isinstance(answer, NoAnswer) or answer.status != 429 or body.is_streamed:
                return answer
            delay = seconds_to_wait(Answer(answer.status, API_HOST, answer.headers), tries)
            if tries == MAX_TRIES or waited + delay > MAX_WAIT:
                return answer
            answer.close()
            self._sleep(delay)
            waited += delay
        raise AssertionError("unreachable: the last try returns")

    def date(self) -> datetime | None:
        """Return BigCommerce's time, by an answer to a call without credentials; None where there is none."""
        return date_of(self._patiently("GET", API_HOST, "/", {}, None))

    def oauth_info(self, host: str) -> Observed:
        """Read `/admin/oauth/info` of a storefront, which names its store hash without credentials (stencil-cli)."""
        return self._patiently("GET", host, "/admin/oauth/info", {}, None)

    def _mint(
        self, store_hash: str, access_token: Secret, path: str, body: Mapping[str, Any], expires_at: int
    ) -> Minted | Observed:
        observed = self._rest("POST", store_hash, access_token, path, body)
        if isinstance(observed, NoAnswer) or not observed.ok:
            return observed
        token = token_in(observed)
        without_body = Answer(observed.status, observed.host, observed.headers)
        return without_body if token is None else Minted(token, expires_at, without_body)

    def _rest(
        self, method: str, store_hash: str, access_token: Secret, path: str, body: Mapping[str, Any] | None = None
    ) -> Observed:
        target = f"/stores/{store_hash}/{path}"
        observed = self._patiently(method, API_HOST, target, {"X-Auth-Token": ("", access_token)}, body)
        if isinstance(observed, Answer) and observed.ok and observed.text.strip() and observed.document is None:
            return NoAnswer(Silence.NOT_DATA, API_HOST)  # a success of something else proves nothing
        return observed

    def _patiently(
        self,
        method: str,
        host: str,
        target: str,
        credentials: Mapping[str, tuple[str, Secret]],
        body: Mapping[str, Any] | None,
    ) -> Observed:
        waited = 0.0
        for tries in range(1, MAX_TRIES + 1):
            observed = self._once(method, host, target, credentials, body)
            if isinstance(observed, NoAnswer) or observed.status != 429:
                return observed
            delay = seconds_to_wait(observed, tries)
            if tries == MAX_TRIES or waited + delay > MAX_WAIT:
                return observed
            self._sleep(delay)
            waited += delay
        raise AssertionError("unreachable: the last try returns")

    def _begun(
        self, method: str, url: str, store: str, headers: Mapping[str, str], content: bytes | Iterator[bytes]
    ) -> StreamedAnswer | NoAnswer:
        try:
            request = self._http.build_request(method, url, headers=dict(headers), content=content or None)
            # What is asked is asserted once more as it will be sent: a path must not change host or store on its way.
            if request.url.host != API_HOST or not request.url.raw_path.startswith(store.encode()):
                raise _not_this_store()
            response = self._http.send(request, stream=True)
        except NotMapped:
            return NoAnswer(Silence.NOT_MAPPED, API_HOST)
        except httpx2.TransportError as failure:
            return NoAnswer(_silence(failure), API_HOST)
        except (httpx2.HTTPError, httpx2.InvalidURL):
            return NoAnswer(Silence.NOT_HTTP, API_HOST)
        received = {name.lower(): value for name, value in response.headers.items()}
        return StreamedAnswer(response.status_code, received, _parts_of(response), response.close)

    def _once(
        self,
        method: str,
        host: str,
        target: str,
        credentials: Mapping[str, tuple[str, Secret]],
        body: Mapping[str, Any] | None,
    ) -> Observed:
        if not is_allowed(host):
            raise NotAllowed(
                f"Nothing is sent to {host}.",
                why="It is neither api.bigcommerce.com nor a store's host on mybigcommerce.com.",
                next_step="Use the store's address on mybigcommerce.com.",
            )
        headers = {name: prefix + secret.reveal() for name, (prefix, secret) in credentials.items()}
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        try:
            with self._http.stream(method, f"https://{host}{target}", headers=headers, content=content) as response:
                text = _bounded_text(response)
                received = {name.lower(): value for name, value in response.headers.items()}
        except NotMapped:
            return NoAnswer(Silence.NOT_MAPPED, host)
        except httpx2.TransportError as failure:
            return NoAnswer(_silence(failure), host)
        except httpx2.HTTPError:
            return NoAnswer(Silence.NOT_HTTP, host)
        return NoAnswer(Silence.TOO_LARGE, host) if text is None else Answer(response.status_code, host, received, text)


def _headers_of(body: RequestBody) -> dict[str, str]:
    if not body.content_type:
        return {}
    told = {"Content-Length": str(body.length)} if body.is_streamed and body.length is not None else {}
    return {"Content-Type": body.content_type, **told}


def _not_this_store() -> NotAllowed:
    return NotAllowed(
        "Nothing is sent beside the store's own REST API.", next_step="Give a path such as `v3/catalog/products`."
    )


def _parts_of(response: httpx2.Response) -> Iterator[bytes]:
    broken = False
    try:
        yield from response.iter_bytes()
    except httpx2.HTTPError:
        broken = True
    if broken:  # raised outside the handler: the library's error holds the request, and that holds the token
        raise BigCommerceUnreachable(
            "BigCommerce's answer broke off.", why="The connection ended before the body did.", next_step="Try again."
        )


def _bounded_text(response: httpx2.Response) -> str | None:
    deadline = time.monotonic() + MAX_SECONDS
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            return None
        if time.monotonic() > deadline:
            raise httpx2.ReadTimeout("The answer took too long.")
        parts.append(part)
    return b"".join(parts).decode("utf-8", "replace")


def _silence(failure: httpx2.TransportError) -> Silence:
    if isinstance(failure, httpx2.TimeoutException):
        return Silence.TIMED_OUT
    for cause in _causes(failure):
        match cause:
            case ssl.SSLCertVerificationError():
                return Silence.NOT_TRUSTED
            case ssl.SSLError():
                return Silence.NOT_TLS
            case socket.gaierror():
                return Silence.UNKNOWN_HOST
            case _:
                continue
    if isinstance(failure, httpx2.ProtocolError | httpx2.ReadError | httpx2.WriteError | httpx2.CloseError):
        return Silence.NOT_HTTP
    return Silence.NO_NETWORK


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found:
        found.append(following)
        following = following.__cause__ or following.__context__
    return found
