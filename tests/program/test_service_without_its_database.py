"""A service whose PostgreSQL goes away and comes back: it says so meanwhile, and goes on by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from postgresql_server import PostgresqlServer
from test_services_on_one_postgresql import Machine, created

from companion.core.errors import StorageFailed


def test_a_service_goes_on_once_its_database_is_back(stoppable_server: PostgresqlServer, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "one", stoppable_server.new_database())
    with machine.serving() as client:
        shop = created(client, "shop")
        stoppable_server.stop()
        for call in (lambda: client.connection("shop"), lambda: created(client, "second")):
            with pytest.raises(StorageFailed) as failed:
                call()
            assert "made-up" not in str(failed.value)
        client.health()  # a balancer is not to take a service for gone that others would not replace
        stoppable_server.start()
        assert client.connection("shop") == shop
        second = created(client, "second")
        assert [each["id"] for each in client.connections()["connections"]] == [shop["id"], second["id"]]
        assert client.audit_state()["intact"]
