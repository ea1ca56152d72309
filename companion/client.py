"""Client of the companion's own `/api/v1`: errors come back as the classes that the service raised.

Before the first secret goes out, the service has to prove that it holds the same API token: it answers a fresh nonce
with an HMAC under it. So a program of another user that took over the port learns nothing.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import secrets
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NotRequired, Self, TypedDict, cast
from urllib.parse import quote, urlsplit

import httpx2

from companion.core import errors
from companion.core.errors import CompanionError, FieldError, NotFound, ServiceUnreachable
from companion.core.exit_codes import ExitCode
from companion.core.paging import MAX_PAGE
from companion.core.proof import proof_of
from companion.core.secret import Secret

API_PREFIX = "/api/v1"
PROOF_LASTS = 10.0
"""Seconds without traffic after which the service has to prove itself again."""

# Longer than any name is, with room for what does not count in it.
_LONGEST_NAME = 1000

# Verify may wait for BigCommerce's rate limit on our behalf, so reading is given long.
_TIMEOUT = httpx2.Timeout(30.0, connect=5.0, read=180.0)


class FindingDocument(TypedDict):
    """A finding, as the API shows it."""

    code: str
    message: str
    action: str


class ApiAccountDocument(TypedDict):
    """The API account behind the access token, as the API shows it."""

    name: str
    client_id: str | None


class ConnectionDocument(TypedDict):
    """A connection, as the API shows it; times are RFC 3339 in UTC, ending in `Z`."""

    id: str
    name: str
    subdomain: str
    auth_type: str
    store_hash: str
    channel_id: int
    scopes: list[str]
    access_token_set: bool
    tags: list[str]
    api_account: ApiAccountDocument | None
    oauth_scopes: list[str] | None
    status: str
    findings: list[FindingDocument]
    verified_at: str | None
    created_at: str
    updated_at: str
    revision: int


class ConnectionPage(TypedDict):
    """One page; `next` goes into `after` of the next call, None at the end."""

    connections: list[ConnectionDocument]
    next: str | None


class HealthDocument(TypedDict):
    """What `/health` says."""

    status: str
    version: str
    world: str
    proof: NotRequired[str]


class ConnectionFields(TypedDict, total=False):
    """The fields of the form on the way in, without the access token, which is always passed as a Secret."""

    name: str
    subdomain: str
    auth_type: str
    store_hash: str
    channel_id: int
    scopes: list[str] | None
    tags: list[str]
    api_account: ApiAccountDocument | None
    oauth_scopes: list[str] | None
    storefront_token: Secret | None
    findings: list[FindingDocument]


@dataclass(frozen=True)
class Ticket:
    """A hand-over ticket: may create or replace one connection, once, and nothing else.

    Attributes:
        id: names it; not secret.
        ticket: what authorizes.
        expires_at: 15 minutes after it was issued or last renewed.
        replaces: id of the connection that it replaces; None where it creates one.
        supersedes: the API account of that connection.
    """

    id: str
    ticket: Secret
    expires_at: datetime
    replaces: str | None = None
    supersedes: ApiAccountDocument | None = None


class CompanionClient:
    """Calls of `/api/v1` with an API token.

    Every method raises `ServiceUnreachable` where nothing answers or what answers cannot prove itself, and else the
    `CompanionError` that the service describes in its problem document.

    Args:
        base_url: such as `http://127.0.0.1:7467`; off loopback it must be https.
        token: the API token.
        extra_ca_file: PEM certificates trusted besides the system's; only used with https.
        transport: replaces the network in tests.
    """

    def __init__(
        self,
        base_url: str,
        token: Secret,
        *,
        extra_ca_file: Path | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.base_url = checked_base_url(base_url)
        self._token = token
        self._proven_at: float | None = None
        self._http = httpx2.Client(
            base_url=self.base_url,
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

    # -- what the service offers ---------------------------------------------------------------------------------

    def health(self) -> HealthDocument:
        """Return what `/health` says, after the service has proven itself; a locked service answers too."""
        return self._prove()

    def connections(
        self, limit: int | None = None, after: str | None = None, *, name: str | None = None
    ) -> ConnectionPage:
        """Return one page of connections; with `name`, the one that bears it, ignoring case, or none."""
        wanted = {"limit": limit, "after": after, "name": name}
        query = {key: value for key, value in wanted.items() if value is not None}
        return cast("ConnectionPage", self._call("GET", "/connections", query=query))

    def all_connections(self, page_size: int = MAX_PAGE) -> Iterator[ConnectionDocument]:
        """Yield every connection, page by page."""
        after: str | None = None
        while True:
            page = self.connections(page_size, after)
            yield from page["connections"]
            after = page["next"]
            if after is None:
                return

    def connection(self, name_or_id: str) -> ConnectionDocument:
        """Return the connection with this name, ignoring case, or this id.

        Raises:
            NotFound: there is neither.
        """
        try:
            if not _may_name(name_or_id):
                raise NotFound("It is no name and no id.")
            found = self.connections(name=name_or_id)["connections"]
            if found:
                return found[0]
            return cast("ConnectionDocument", self._call("GET", f"/connections/{_segment(name_or_id)}"))
        except NotFound:
            raise NotFound(
                f"There is no connection {name_or_id[:_LONGEST_NAME]!r}.",
                next_step="`companion list` shows the connections there are.",
            ) from None

    def create(self, fields: ConnectionFields, access_token: Secret) -> ConnectionDocument:
        """Store a new connection, unverified.

        Raises:
            InvalidInput: naming each field that is refused.
            NameTaken: another connection has the name.
        """
        return cast("ConnectionDocument", self._call("POST", "/connections", body=_form(fields, access_token)))

    def replace(
        self, connection_id: str, fields: ConnectionFields, access_token: Secret, revision: int
    ) -> ConnectionDocument:
        """Replace the whole form of a connection, in place.

        Raises:
            StaleRevision: the connection is no longer at `revision`.
        """
        path = f"/connections/{_segment(connection_id)}"
        return cast(
            "ConnectionDocument", self._call("PUT", path, body=_form(fields, access_token), headers=_if_match(revision))
        )

    def patch(
        self, connection_id: str, revision: int, *, name: str | None = None, tags: Sequence[str] | None = None
    ) -> ConnectionDocument:
        """Change name and tags, for which no access token is needed; None leaves as it is."""
        given = {"name": name, "tags": None if tags is None else list(tags)}
        body = {key: value for key, value in given.items() if value is not None}
        path = f"/connections/{_segment(connection_id)}"
        return cast("ConnectionDocument", self._call("PATCH", path, body=body, headers=_if_match(revision)))

    def delete(self, connection_id: str, revision: int) -> None:
        """Delete the connection here; its API account at BigCommerce stays alive."""
        self._call("DELETE", f"/connections/{_segment(connection_id)}", headers=_if_match(revision))

    def verify(self, connection_id: str) -> ConnectionDocument:
        """Prove the connection by using it; returns it with its new status and findings.

        Raises:
            BigCommerceUnreachable: nothing could be proven now (no network, maintenance, rate limit); the connection
                is as it was.
            WrongWorld: made in the other world.
        """
        return cast("ConnectionDocument", self._call("POST", f"/connections/{_segment(connection_id)}/verify"))

    def graphql(self, connection_id: str, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Run a GraphQL query through the connection; returns BigCommerce's answer, which may hold `errors`.

        Raises:
            ReauthorizeNeeded: a `token` connection that cannot be used from servers.
            BigCommerceRefused: the credentials were refused.
        """
        body: dict[str, Any] = {"query": query}
        if variables is not None:
            body["variables"] = dict(variables)
        answer = self._call("POST", f"/connections/{_segment(connection_id)}/graphql", body=body)
        return cast("dict[str, Any]", answer)

    def issue_ticket(self, name: str, replace: bool = False) -> Ticket:
        """Reserve nothing, but check everything: name, lock and key state; returns a ticket for 15 minutes.

        Raises:
            NameTaken: there is such a connection and `replace` is False.
            NotFound: there is none and `replace` is True.
            KeysUnavailable: nothing could be sealed now.
        """
        return _ticket(self._call("POST", "/hand-over-tickets", body={"name": name, "replace": replace}))

    def renew_ticket(self, ticket: Ticket) -> Ticket:
        """Give the ticket another 15 minutes; checks the same as `issue_ticket`."""
        renewed = self._call("POST", f"/hand-over-tickets/{_segment(ticket.id)}/renewal", token=ticket.ticket)
        return Ticket(
            ticket.id, ticket.ticket, _time(renewed["expires_at"]), renewed.get("replaces"), renewed.get("supersedes")
        )

    def hand_over(self, ticket: Ticket, fields: ConnectionFields, access_token: Secret) -> ConnectionDocument:
        """Spend the ticket on creating, or replacing in place, its connection; a repetition gives the same answer."""
        body = _form(fields, access_token)
        return cast("ConnectionDocument", self._call("POST", "/connections", body=body, token=ticket.ticket))

    # -- how it is called ----------------------------------------------------------------------------------------

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

    def _prove(self) -> HealthDocument:
        nonce = secrets.token_hex(32)
        answer = self._exchange("GET", "/health", {"nonce": nonce}, None, {})
        health = _json_object(answer)
        if not hmac.compare_digest(str(health.get("proof", "")).encode(), proof_of(nonce, self._token).encode()):
            raise ServiceUnreachable(
                f"What answers at {self.base_url} is not the companion service of this data folder.",
                why="It could not prove that it holds the same API token. Nothing was sent to it.",
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
        raise ServiceUnreachable(
            f"The companion service at {self.base_url} does not answer.",
            why=f"The call ended with {kind}.",
            next_step="Start it with `companion serve`, or unset COMPANION_URL.",
        )


def checked_base_url(url: str) -> str:
    """Return scheme, host and port of the service's address.

    Raises:
        InvalidSetting: not an http(s) address, or http to another machine, where the token would go in clear.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.query or parts.fragment:
        raise errors.InvalidSetting(
            "COMPANION_URL is not the address of a service.",
            next_step="Set it to something like http://127.0.0.1:7467, or unset it.",
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise errors.InvalidSetting(
            "COMPANION_URL names another machine without https.",
            why="Secrets would cross the network in clear.",
            next_step="Use an https address, or a service on this machine.",
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def error_from_problem(status: int, problem: Mapping[str, Any]) -> CompanionError:
    """Build the error that the service raised out of its problem document, by `code`."""
    code = str(problem.get("code", ""))
    kind = _errors_by_code().get(code) or _nearest(status, problem.get("exit_code"))
    fields = tuple(
        FieldError(str(field.get("pointer", "")), str(field.get("detail", "")))
        for field in problem.get("errors") or ()
        if isinstance(field, Mapping)
    )
    detail = str(problem.get("detail") or problem.get("title") or f"The service answered {status}.")
    error = kind.__new__(kind)
    # Subclasses build their sentences from what went wrong; here they are already built.
    CompanionError.__init__(error, detail, next_step=str(problem.get("next_step") or ""), fields=fields)
    return error


def _errors_by_code() -> dict[str, type[CompanionError]]:
    found: dict[str, type[CompanionError]] = {}
    waiting = [CompanionError]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, kind)
        waiting.extend(kind.__subclasses__())
    return found


def _nearest(status: int, exit_code: object) -> type[CompanionError]:
    by_exit_code: dict[object, type[CompanionError]] = {
        ExitCode.INVALID_INPUT: errors.InvalidInput,
        ExitCode.UNREACHABLE_OR_LOCKED: errors.ServiceUnreachable,
        ExitCode.CREDENTIALS_REFUSED: errors.BigCommerceRefused,
        ExitCode.NOT_FOUND: errors.NotFound,
        ExitCode.CONFLICT: errors.Conflict,
        ExitCode.TRY_LATER: errors.BigCommerceUnreachable,
    }
    by_status: dict[int, type[CompanionError]] = {401: errors.NotAuthorized, 403: errors.NotAllowed}
    return by_status.get(status) or by_exit_code.get(exit_code) or CompanionError


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


def _may_name(text: str) -> bool:
    return 0 < len(text.strip()) <= _LONGEST_NAME and not any("\ud800" <= each <= "\udfff" for each in text)


def _form(fields: ConnectionFields, access_token: Secret) -> dict[str, Any]:
    form: dict[str, Any] = {key: value for key, value in fields.items() if value is not None}
    storefront_token = fields.get("storefront_token")
    if storefront_token is not None:
        form["storefront_token"] = storefront_token.reveal()
    return {**form, "access_token": access_token.reveal()}


def _ticket(document: Mapping[str, Any]) -> Ticket:
    return Ticket(
        id=str(document["id"]),
        ticket=Secret(str(document["ticket"])),
        expires_at=_time(document["expires_at"]),
        replaces=document.get("replaces"),
        supersedes=document.get("supersedes"),
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _if_match(revision: int) -> dict[str, str]:
    return {"If-Match": f'"{revision}"'}


def _segment(text: str) -> str:
    return quote(text, safe="") or "%20"


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
