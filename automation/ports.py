"""What the automation needs of the companion service; `companion.client.CompanionClient` is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from companion.client import (
        ConnectionDocument,
        ConnectionFields,
        ConnectionPage,
        HealthDocument,
        Ticket,
    )
    from companion.core.secret import Secret


class Service(Protocol):
    """What a hand-over needs."""

    def health(self) -> HealthDocument: ...

    def connections(
        self, limit: int | None = None, after: str | None = None, *, name: str | None = None
    ) -> ConnectionPage: ...

    def connection(self, name_or_id: str) -> ConnectionDocument: ...

    def issue_ticket(self, name: str, replace: bool = False) -> Ticket: ...

    def renew_ticket(self, ticket: Ticket) -> Ticket: ...

    def hand_over(
        self, ticket: Ticket, fields: ConnectionFields, access_token: Secret, *, prove: bool = False
    ) -> ConnectionDocument: ...


class RevocationService(Protocol):
    """What the deletion of an API account needs."""

    def verify(self, connection_id: str) -> ConnectionDocument: ...


class RetrievalService(Service, Protocol):
    """What a whole retrieval needs."""

    def verify(self, connection_id: str) -> ConnectionDocument: ...

    def graphql(self, connection_id: str, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]: ...


class RotationService(RetrievalService, Protocol):
    """What a rotation needs."""

    def drop_finding(self, connection_id: str, code: str) -> ConnectionDocument: ...
