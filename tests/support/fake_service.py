"""A companion service in memory, that says no when it is told to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from companion.client import ConnectionDocument, ConnectionFields, ConnectionPage, HealthDocument, Ticket
from companion.core.errors import NameTaken, NotFound, ServiceUnreachable
from companion.core.secret import Secret


@dataclass
class FakeService:
    """A service that keeps connections by name and says no when it is told to.

    Attributes:
        failures: raised by `hand_over`, one a call, before it works again.
        lost_answers: how many hand-overs are taken although their answer never arrives.
        verify_failure: raised by `verify`.
    """

    stored: list[dict[str, Any]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    lost_answers: int = 0
    verify_failure: BaseException | None = None
    life: timedelta = timedelta(minutes=15)
    issued: list[tuple[str, bool]] = field(default_factory=list)
    renewals: list[Exception | None] = field(default_factory=list)
    handed: list[tuple[Ticket, ConnectionFields, Secret]] = field(default_factory=list)

    def health(self) -> HealthDocument:
        return {"status": "ok", "version": "0", "world": "real"}

    def connections(
        self, limit: int | None = None, after: str | None = None, *, name: str | None = None
    ) -> ConnectionPage:
        del limit, after
        found = [each for each in self.stored if name is None or each["name"].lower() == name.lower()]
        return {"connections": cast("list[ConnectionDocument]", found), "next": None}

    def connection(self, name_or_id: str) -> ConnectionDocument:
        for each in self.stored:
            if name_or_id in {each["name"], each["name"].lower(), each["id"]}:
                return cast("ConnectionDocument", each)
        raise NotFound("There is none.")

    def issue_ticket(self, name: str, replace: bool = False) -> Ticket:
        found = self.connections(name=name)["connections"]
        if found and not replace:
            raise NameTaken(name)
        self.issued.append((name, replace))
        old = found[0] if replace else None
        return Ticket(
            f"ticket-{len(self.issued)}", Secret("made-up-ticket"), datetime.now(UTC) + self.life,
            old["id"] if old else None, old["api_account"] if old else None,
        )  # fmt: skip

    def renew_ticket(self, ticket: Ticket) -> Ticket:
        failure = self.renewals.pop(0) if self.renewals else None
        if failure is not None:
            raise failure
        return replace(ticket, id=ticket.id + "+")

    def hand_over(
        self, ticket: Ticket, fields: ConnectionFields, access_token: Secret, *, prove: bool = False
    ) -> ConnectionDocument:
        del prove
        if self.failures:
            raise self.failures.pop(0)
        self.handed.append((ticket, fields, access_token))
        connection = {"id": "id-2", **fields}
        self.stored = [each for each in self.stored if each["name"] != fields["name"]] + [connection]
        if self.lost_answers:
            self.lost_answers -= 1
            raise ServiceUnreachable("The answer was lost.")
        return cast("ConnectionDocument", connection)

    def verify(self, connection_id: str) -> ConnectionDocument:
        if self.verify_failure is not None:
            raise self.verify_failure
        connection = self.connection(connection_id)
        connection["status"] = "ready"
        return connection

    def graphql(self, connection_id: str, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        del connection_id, query, variables
        return {"data": {"site": None}}
