"""A ticket and a capture in, a connection out.

The access token is shown once. So everything that could stop the hand-over is checked before a browser opens and again
just before Save; and once the token is captured, it is handed over with patience.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from automation.core.request import Captured
from automation.ports import RetrievalService, Service
from companion.core.connection import DEFAULT_CHANNEL_ID, Finding, Severity
from companion.core.errors import (
    CompanionError,
    Conflict,
    KeysUnavailable,
    NameTaken,
    NotAuthorized,
    NotFound,
    NotProven,
    ServiceUnreachable,
    StorageFailed,
)

if TYPE_CHECKING:
    from companion.client import (
        ApiAccountDocument,
        ConnectionDocument,
        ConnectionFields,
        FindingDocument,
        Ticket,
    )

PATIENCE = 60.0
"""Seconds for which a capture is offered to a service that does not take it now."""

UNKNOWN_YET = (1.0, 2.0, 3.0)
"""Seconds between tries of a token that is refused: whether BigCommerce knows a new one at once is not documented."""

_SHORTEST_LIFE = 60.0
_MAY_PASS = (ServiceUnreachable, StorageFailed, KeysUnavailable)


@dataclass(frozen=True)
class WantedConnection:
    """The connection that a retrieval is for; None takes what the replaced one has, else the form's default.

    Attributes:
        replace: whether a connection of this name may be replaced, in place.
        scopes: scopes of the private tokens.
        prove: whether the credentials have to be proven before they take the place of others.
        findings: what the connection is to say besides what the retrieval found.
    """

    name: str
    replace: bool = False
    auth_type: str | None = None
    channel_id: int | None = None
    scopes: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    prove: bool = False
    findings: tuple[Finding, ...] = ()


@dataclass
class HandOver:
    """Hands one capture over. Call `prepare` first.

    Attributes:
        say: called with a line where the service does not take the capture now.
        patience: seconds for which it is then offered again.
        replaces: the connection that will be replaced; None where one will be created.
    """

    service: Service
    wanted: WantedConnection
    interrupted: Callable[[], bool] = lambda: False
    say: Callable[[str], None] = lambda _line: None
    clock: Callable[[], float] = time.monotonic
    patience: float = PATIENCE
    replaces: ConnectionDocument | None = field(default=None, init=False)
    _ticket: Ticket | None = field(default=None, init=False)
    _renew_at: float = field(default=0.0, init=False)

    def prepare(self) -> None:
        """Check that the hand-over will be taken, and get the ticket for it.

        Raises:
            ServiceUnreachable: nothing answers.
            NameTaken: there is such a connection, and it may not be replaced.
            KeysUnavailable: nothing could be sealed now.
            WrongWorld: the connection to replace was made in the other world.
        """
        self.replaces = self._present() if self.wanted.replace else None
        self._take(self.service.issue_ticket(self.name, self.replaces is not None))

    @property
    def name(self) -> str:
        """The connection's name: where one is replaced, in its own spelling."""
        return self.wanted.name if self.replaces is None else self.replaces["name"]

    @property
    def channel_id(self) -> int:
        """The channel that the connection is for."""
        if self.wanted.channel_id is not None:
            return self.wanted.channel_id
        return DEFAULT_CHANNEL_ID if self.replaces is None else self.replaces["channel_id"]

    @property
    def superseded(self) -> ApiAccountDocument | None:
        """The API account of the connection that is replaced; it stays alive at BigCommerce."""
        return None if self._ticket is None else self._ticket.supersedes

    def check_before_save(self) -> None:
        """Check again, at the last moment before something is created that is shown once; renews the ticket.

        Raises:
            ServiceUnreachable, KeysUnavailable, NameTaken, NotFound: the hand-over would not be taken any more.
        """
        if self.replaces is None:
            if self.service.connections(name=self.name)["connections"]:
                raise NameTaken(self.name)
        else:
            self.service.connection(self.replaces["id"])
        self._renew()

    def keep_alive(self) -> None:
        """Renew the ticket once half its life is gone; a service that cannot do it for a moment is asked again later.

        Raises:
            CompanionError: the hand-over would not be taken any more.
        """
        if self.clock() >= self._renew_at:
            try:
                self._renew()
            except CompanionError as failure:
                if not _may_pass(failure):
                    raise
                self._renew_at = self.clock() + _SHORTEST_LIFE / 2

    def deliver(self, captured: Captured, *, subdomain: str | None = None) -> ConnectionDocument:
        """Hand the capture over and return the connection, unverified.

        A service that does not answer, or cannot store now, is asked again until the patience is used up. The capture
        is only ever in memory.

        Args:
            subdomain: counts where the capture has none; without either the store's permanent name serves.

        Raises:
            CompanionError: it was not taken; nothing is stored.
        """
        import stamina
        from stamina.instrumentation import set_on_retry_hooks

        set_on_retry_hooks([])  # they would log to standard output, which is the command's document
        fields = self.fields(captured, subdomain=subdomain)

        told = False

        def worth_another_try(failure: Exception) -> bool:
            nonlocal told
            if not isinstance(failure, CompanionError) or not _may_pass(failure) or self.interrupted():
                return False
            if not told:
                self.say(f"{failure.explained.what} The credentials are kept in memory, and offered again for a while.")
            told = True
            return True

        for attempt in stamina.retry_context(
            on=worth_another_try, attempts=None, timeout=self.patience, wait_initial=0.2, wait_max=2.0
        ):
            with attempt:
                return self._hand_over(fields, captured)
        raise AssertionError("stamina raises the last failure")

    def correct(self, captured: Captured, connection: ConnectionDocument, *, subdomain: str) -> ConnectionDocument:
        """Give the connection just delivered the subdomain that was looked up since.

        Raises:
            CompanionError: it was not taken; the connection is as it was.
        """
        ticket = self.service.issue_ticket(connection["name"], replace=True)
        return self.service.hand_over(ticket, self.fields(captured, subdomain=subdomain), captured.access_token)

    def fields(self, captured: Captured, *, subdomain: str | None = None) -> ConnectionFields:
        """Return the form, filled in; the access token is not part of it."""
        old = self.replaces
        auth_type = self.wanted.auth_type or (old["auth_type"] if old else None)
        scopes = self.wanted.scopes
        if scopes is None and old is not None and auth_type == old["auth_type"]:
            scopes = tuple(old["scopes"]) or None
        tags = self.wanted.tags if self.wanted.tags is not None else tuple(old["tags"]) if old else ()
        known = captured.subdomain or subdomain
        findings = captured.findings if known else (*captured.findings, subdomain_not_found(captured))
        fields: ConnectionFields = {
            "name": self.name,
            "subdomain": known or permanent_subdomain(captured),
            "store_hash": captured.store_hash,
            "channel_id": captured.channel_id,
            "tags": list(tags),
            "api_account": {"name": captured.api_account_name, "client_id": captured.client_id},
            "oauth_scopes": list(captured.oauth_scopes),
            "findings": [_finding(finding) for finding in (*findings, *self.wanted.findings)],
        }
        if auth_type is not None:
            fields["auth_type"] = auth_type
        if scopes is not None:
            fields["scopes"] = list(scopes)
        return fields

    def _hand_over(self, fields: ConnectionFields, captured: Captured) -> ConnectionDocument:
        try:
            return self._offered(fields, captured)
        except (NotAuthorized, Conflict) as refusal:
            # An earlier attempt may have been taken though its answer was lost: the account's name is unique.
            stored = self._present()
            account = stored["api_account"] if stored else None
            if stored is not None and account is not None and account["name"] == captured.api_account_name:
                return stored
            if isinstance(refusal, Conflict):
                raise
        # The ticket ran out while the service was away.
        self._take(self.service.issue_ticket(self.name, self.replaces is not None))
        return self._offered(fields, captured)

    def _offered(self, fields: ConnectionFields, captured: Captured) -> ConnectionDocument:
        for seconds in UNKNOWN_YET if self.wanted.prove else ():
            try:
                return self.service.hand_over(self._held(), fields, captured.access_token, prove=True)
            except NotProven:
                time.sleep(seconds)
        return self.service.hand_over(self._held(), fields, captured.access_token, prove=self.wanted.prove)

    def _present(self) -> ConnectionDocument | None:
        try:
            return self.service.connection(self.wanted.name if self.replaces is None else self.replaces["id"])
        except NotFound:
            return None

    def _renew(self) -> None:
        try:
            self._take(self.service.renew_ticket(self._held()))
        except (NotAuthorized, NotFound):
            # It ran out, as it does when a laptop sleeps through the run; a new one is as good, nothing is made yet.
            self._take(self.service.issue_ticket(self.name, self.replaces is not None))

    def _take(self, ticket: Ticket) -> None:
        self._ticket = ticket
        life = (ticket.expires_at - datetime.now(UTC)).total_seconds()
        # The service's clock may be another machine's, and wrong.
        self._renew_at = self.clock() + max(life, _SHORTEST_LIFE) / 2

    def _held(self) -> Ticket:
        if self._ticket is None:
            raise RuntimeError("The hand-over was not prepared.")
        return self._ticket


def verified(service: RetrievalService, connection_id: str) -> ConnectionDocument:
    """Verify a connection whose access token was just made, and once more where BigCommerce does not know it yet."""
    connection = service.verify(connection_id)
    for seconds in UNKNOWN_YET:
        if not any(each["code"] == "token-refused" for each in connection["findings"]):
            break
        time.sleep(seconds)
        connection = service.verify(connection_id)
    return connection


def _may_pass(failure: CompanionError) -> bool:
    return isinstance(failure, _MAY_PASS) and not failure.permanent


def permanent_subdomain(captured: Captured) -> str:
    """Return the label of the store's permanent address, which leads to it for ever."""
    return f"store-{captured.store_hash}"


def subdomain_not_found(captured: Captured) -> Finding:
    """Return the finding that the permanent name stands in for the subdomain."""
    where = f"The storefront opens on {captured.storefront_host}" if captured.storefront_host else "It did not open"
    return Finding(
        "subdomain-not-found",
        f"{where}, which does not show the store's subdomain; `{permanent_subdomain(captured)}` serves in its place.",
        "Nothing needs to be done: the permanent name leads to the same store. To use another one, `companion edit`.",
        Severity.NOTE,
    )


def _finding(finding: Finding) -> FindingDocument:
    return {"code": finding.code, "message": finding.message, "action": finding.action}
