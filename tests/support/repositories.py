"""The repositories that one suite is run on, and what is stored in them."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from postgresql_server import PostgresqlServer

from companion.core.connection import ApiAccount, AuthType, Connection, Finding, Severity, Status, World
from companion.core.envelope import KEY_BYTES, WrappedKey, seal_envelope, wrap_data_key
from companion.core.ids import new_id
from companion.core.secret import Secret
from companion.core.tickets import Ticket, TicketPurpose, hand_over_digest, hash_of_ticket
from companion.ports.connections import ConnectionRepository, SecretField, TicketSpending
from companion.storage.postgresql import open_postgresql_repository
from companion.storage.repository import SqlRepository
from companion.storage.sqlite import open_sqlite_repository

NOW = datetime(2026, 11, 22, 10, 11, 12, 345678, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
TICKET = Secret("made-up-ticket")
TOKEN, CARRIED, MINTED = SecretField.ACCESS_TOKEN, SecretField.STOREFRONT_TOKEN, SecretField.MINTED_STOREFRONT_TOKEN

_KEY = os.urandom(KEY_BYTES)


def sealed(text: str = "made-up-token") -> bytes:
    def wrap(data_key: bytes, associated_data: bytes) -> WrappedKey:
        return wrap_data_key(
            data_key, key_encryption_key=_KEY, key_id="key-1", associated_data=associated_data, entropy=os.urandom
        )

    return seal_envelope(text.encode(), wrap=wrap, associated_data=b"", entropy=os.urandom)


def connection(name: str = "Shop", **changes: Any) -> Connection:
    made_at = changes.pop("created_at", NOW)
    plain = Connection(
        id=new_id(made_at, os.urandom),
        name=name,
        subdomain="celigo",
        auth_type=AuthType.CUSTOM,
        store_hash="ci4bzn8adz",
        channel_id=1,
        scopes=("Unauthenticated", "B2B"),
        tags=("eu", "live"),
        api_account=ApiAccount("Companion 7f3a", "made-up-client"),
        oauth_scopes=("store_storefront_api",),
        world=World.SIMULATED,
        status=Status.UNVERIFIED,
        findings=(Finding("one-witness", "Only the window was read.", "Verify it.", Severity.NOTE),),
        verified_at=None,
        created_at=made_at,
        updated_at=made_at,
        revision=1,
    )
    return replace(plain, **changes)


def added(repository: ConnectionRepository, name: str = "Shop", **changes: Any) -> Connection:
    return repository.add(connection(name, **changes), {TOKEN: sealed()})


def ticket_to_create(name: str = "Shop", *, expires_at: datetime = LATER) -> Ticket:
    return Ticket(hash_of_ticket(TICKET), TicketPurpose.CREATE, name, None, expires_at)


def ticket_to_replace(target: Connection) -> Ticket:
    return Ticket(hash_of_ticket(TICKET), TicketPurpose.REPLACE, target.name, target.id, LATER)


def hand_over(content: bytes = b"content", *, now: datetime = NOW) -> TicketSpending:
    return TicketSpending(hash_of_ticket(TICKET), hand_over_digest(TICKET, content), now)


def opened_repository(request: pytest.FixtureRequest, tmp_path: Path) -> SqlRepository:
    """Return an empty repository of the kind that the fixture's parameter names: `sqlite` or `postgresql`."""
    if request.param == "sqlite":
        return open_sqlite_repository(tmp_path / "data")
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    return open_postgresql_repository(server.emptied_database())
