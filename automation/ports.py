"""What the automation needs of the companion service; `companion.client.CompanionClient` is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

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


class WorkerService(RetrievalService, Protocol):
    """What a worker needs, which has no data folder to record in."""

    def record_left_account(self, name: str, store_hash: str, left_by: str) -> None: ...


class SessionKeeper(Protocol):
    """What a kept browser session needs; `companion.cli.kept_sessions.LocalSessions` is one."""

    def load(self, email: str | None) -> Secret | None:
        """Return the session of this user, or without an address the only one there is; None where there is none."""
        ...

    def save(self, email: str | None, connection_id: str, session: Secret) -> datetime:
        """Keep the session with a connection, and return until when; without an address it is an unnamed user's."""
        ...

    def drop(self, email: str | None) -> None:
        """Delete what `load` returned."""
        ...


class RotationService(RetrievalService, Protocol):
    """What a rotation needs."""

    def drop_finding(self, connection_id: str, code: str) -> ConnectionDocument: ...
