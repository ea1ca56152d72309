"""What the service offers, a method each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote

from companion.client.calls import ServiceCalls
from companion.client.documents import (
    ApiTokenDocument,
    AuditPageDocument,
    AuditStateDocument,
    ConnectionDocument,
    ConnectionFields,
    ConnectionPage,
    DueDocument,
    HealthDocument,
    RestAnswer,
    Ticket,
)
from companion.core.errors import NotFound
from companion.core.paging import MAX_PAGE
from companion.core.request_body import NO_BODY, RequestBody
from companion.core.secret import Secret

# Longer than any name is, with room for what does not count in it.
_LONGEST_NAME = 1000


class CompanionClient(ServiceCalls):
    """Calls of `/api/v1` with an API token."""

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

    def all_due(self, page_size: int = MAX_PAGE) -> Iterator[DueDocument]:
        """Yield what is due of every connection, page by page."""
        after: str | None = None
        while True:
            query = {"limit": page_size} if after is None else {"limit": page_size, "after": after}
            page = self._call("GET", "/deadlines", query=query)
            yield from page["due"]
            after = page["next"]
            if after is None:
                return

    def due(self, connection_id: str) -> DueDocument:
        """Return what is due of one connection, and which files were written of it."""
        return cast("DueDocument", self._call("GET", f"/connections/{_segment(connection_id)}/deadlines"))

    def unlock(self, passphrase: Secret) -> None:
        """Open the keys of the service. Raises `WrongPassphrase`, `TooManyTries`, `Conflict`."""
        self._call("POST", "/keys/unlock", body={"passphrase": passphrase.reveal()})

    def lock(self) -> None:
        """Let the service forget its keys. Raises `Conflict`: they are not sealed under a passphrase."""
        self._call("POST", "/keys/lock")

    def create(self, fields: ConnectionFields, access_token: Secret) -> ConnectionDocument:
        """Store a new connection, unverified.

        Raises:
            InvalidInput: naming each field that is refused.
            NameTaken: another connection has the name.
        """
        return cast("ConnectionDocument", self._call("POST", "/connections", body=_form(fields, access_token)))

    def replace(
        self,
        connection_id: str,
        fields: ConnectionFields,
        access_token: Secret,
        revision: int,
        *,
        prove: bool = False,
    ) -> ConnectionDocument:
        """Replace the whole form of a connection, in place.

        Args:
            prove: try it first, and leave what is stored as it is where the new would not work.

        Raises:
            NotProven, BigCommerceUnreachable: with `prove`; nothing was changed.
            StaleRevision: the connection is no longer at `revision`.
        """
        path = f"/connections/{_segment(connection_id)}"
        query = {"prove": "true"} if prove else None
        changed = self._call("PUT", path, query=query, body=_form(fields, access_token), headers=_if_match(revision))
        return cast("ConnectionDocument", changed)

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

    def reauthorize(
        self,
        connection_id: str,
        *,
        scopes: Sequence[str] | None = None,
        channel_id: int | None = None,
        access_token: Secret | None = None,
    ) -> ConnectionDocument:
        """Turn a connection to private tokens, or to other scopes or another channel, in place; None leaves as it is.

        Raises:
            NotProven, BigCommerceUnreachable: nothing was changed.
        """
        given = {
            "scopes": None if scopes is None else list(scopes),
            "channel_id": channel_id,
            "access_token": None if access_token is None else access_token.reveal(),
        }
        body = {key: value for key, value in given.items() if value is not None}
        path = f"/connections/{_segment(connection_id)}/reauthorize"
        return cast("ConnectionDocument", self._call("POST", path, body=body))

    def drop_finding(self, connection_id: str, code: str) -> ConnectionDocument:
        """Drop a finding whose cause is gone.

        Raises:
            NotFound: the connection has none of this code.
            NotAllowed: verification finds it.
        """
        path = f"/connections/{_segment(connection_id)}/findings/{_segment(code)}"
        return cast("ConnectionDocument", self._call("DELETE", path))

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

    @contextmanager
    def rest(
        self, connection_id: str, method: str, path: str, *, query: str = "", body: RequestBody = NO_BODY
    ) -> Iterator[RestAnswer]:
        """Call the store's REST API through the connection; the answer is BigCommerce's, whatever its status.

        Args:
            path: below the store, decoded once, such as `v3/catalog/products`.

        Raises:
            InvalidPath: the path could lead elsewhere. Nothing was sent.
            BigCommerceUnreachable: there is no answer, or it broke off while it was read.
        """
        address = f"/connections/{_segment(connection_id)}/bigcommerce/{quote(path)}"
        with self._forwarded(method, address, query=query, body=body) as (status, headers, parts):
            yield RestAnswer(status, headers, parts)

    def audit(
        self,
        limit: int,
        before: int | None = None,
        *,
        connection: str | None = None,
        action: str | None = None,
        who: str | None = None,
        chapter: int | None = None,
    ) -> AuditPageDocument:
        """Return one page of the audit record, newest first; what is None does not matter."""
        wanted = {"limit": limit, "before": before, "connection": connection, "action": action, "who": who}
        wanted["chapter"] = chapter
        query = {key: value for key, value in wanted.items() if value is not None}
        return cast("AuditPageDocument", self._call("GET", "/audit", query=query))

    def audit_state(self, anchor: str | None = None) -> AuditStateDocument:
        """Let the service walk the whole audit record; with an anchor, it must go through that."""
        query = {} if anchor is None else {"anchor": anchor}
        return cast("AuditStateDocument", self._call("GET", "/audit/verification", query=query))

    def api_tokens(self) -> list[ApiTokenDocument]:
        """Return the API tokens of tools, expired ones too."""
        return cast("list[ApiTokenDocument]", self._call("GET", "/api-tokens")["api_tokens"])

    def create_api_token(
        self,
        name: str,
        *,
        connections: Sequence[str] | None,
        actions: Sequence[str],
        expires_at: datetime | None = None,
    ) -> tuple[ApiTokenDocument, Secret]:
        """Make an API token for one tool; returns what it is, and its text, which is shown this once.

        Args:
            connections: ids; None for all.
            expires_at: aware; 90 days from now where it is None.

        Raises:
            InvalidInput: naming each field that is refused.
            Conflict: there is one of this name.
        """
        body: dict[str, Any] = {
            "name": name,
            "connections": None if connections is None else list(connections),
            "actions": list(actions),
        }
        if expires_at is not None:
            body["expires_at"] = expires_at.isoformat()
        made = self._call("POST", "/api-tokens", body=body)
        text = Secret(str(made.pop("token")))
        return cast("ApiTokenDocument", made), text

    def revoke_api_token(self, token_id: str) -> None:
        """Revoke one API token of a tool, at once. Raises `NotFound`."""
        self._call("DELETE", f"/api-tokens/{_segment(token_id)}")

    def revoke_api_tokens(self) -> list[ApiTokenDocument]:
        """Revoke all API tokens of tools, at once; returns what they were."""
        return cast("list[ApiTokenDocument]", self._call("DELETE", "/api-tokens")["api_tokens"])

    def sign_in_link(self, origin: str | None = None) -> Secret:
        """Make a link that begins a session of the web page, once and within five minutes; returns its address.

        Args:
            origin: scheme and host at which a browser reaches the service; where this client does if None.
        """
        return Secret((origin or self.base_url) + str(self._call("POST", "/sign-in-links")["path"]))

    def end_sessions(self) -> int:
        """End all sessions of the web page; returns how many there were."""
        return int(self._call("DELETE", "/sessions")["ended"])

    def issue_ticket(self, name: str, replace: bool = False) -> Ticket:
        """Reserve nothing, but check everything: name, lock and key state; returns a ticket for 15 minutes.

        Raises:
            NameTaken: there is such a connection and `replace` is False.
            NotFound: there is none and `replace` is True.
            KeysUnavailable: nothing could be sealed now.
        """
        return _ticket(self._call("POST", "/hand-over-tickets", body={"name": name, "replace": replace}))

    def record_left_account(self, name: str, store_hash: str, left_by: str) -> None:
        """Record that an API account was deleted which a run that was killed had left in a store.

        Args:
            left_by: what had made it, such as a command.
        """
        self._call("POST", "/deleted-left-accounts", body={"name": name, "store_hash": store_hash, "left_by": left_by})

    def renew_ticket(self, ticket: Ticket) -> Ticket:
        """Give the ticket another 15 minutes; checks the same as `issue_ticket`."""
        renewed = self._call("POST", f"/hand-over-tickets/{_segment(ticket.id)}/renewal", token=ticket.ticket)
        return Ticket(
            ticket.id, ticket.ticket, _time(renewed["expires_at"]), renewed.get("replaces"), renewed.get("supersedes")
        )

    def hand_over(
        self, ticket: Ticket, fields: ConnectionFields, access_token: Secret, *, prove: bool = False
    ) -> ConnectionDocument:
        """Spend the ticket on creating, or replacing in place, its connection; a repetition gives the same answer.

        Args:
            prove: store only what was proven; what was stored before stays as it is where it was not.

        Raises:
            NotProven, BigCommerceUnreachable: with `prove`; nothing was stored, and the ticket is not spent.
        """
        body = _form(fields, access_token)
        query = {"prove": "true"} if prove else None
        answer = self._call("POST", "/connections", query=query, body=body, token=ticket.ticket)
        return cast("ConnectionDocument", answer)


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
