"""A service that runs while a newer version brings the schema up to date, as in an upgrade machine by machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from postgresql_server import PostgresqlServer
from test_services_on_one_postgresql import Machine, created


@pytest.fixture
def address(postgresql_server: PostgresqlServer) -> str:
    return postgresql_server.new_database()


def test_a_service_goes_on_beside_a_schema_that_has_more_and_cannot_be_started_anew(
    postgresql_server: PostgresqlServer, address: str, tmp_path: Path
) -> None:
    machine = Machine(tmp_path / "one", address)
    with machine.serving() as client:
        shop = created(client, "shop")
        postgresql_server.sql(
            "ALTER TABLE connections ADD COLUMN of_the_next_version text",
            "CREATE TABLE also_of_the_next_version (id text PRIMARY KEY)",
            "UPDATE alembic_version SET version_num = '9999'",
            address=address,
        )
        second = created(client, "second")
        assert [each["id"] for each in client.connections()["connections"]] == [shop["id"], second["id"]]
        renamed = client.patch(shop["id"], shop["revision"], name="renamed")
        client.delete(renamed["id"], renamed["revision"])
        assert client.audit_state()["intact"]
    code, document = machine.run("keys", "status")
    assert (code, document["error"]["code"]) == (5, "storage-failed")
    assert "newer version" in document["error"]["detail"]
