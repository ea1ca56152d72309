"""PostgreSQL is stopped for some seconds while workers are at it: everything goes on by itself."""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from deployment import Deployment, wait_until
from postgresql_server import PostgresqlServer
from test_many_machines import file_of, kms, states, world  # noqa: F401  fixtures

from simulated_store.serving.server import RunningStore

pytestmark = [pytest.mark.browser, pytest.mark.sampled(1, group="many-machines")]

AWAY = 10.0
"""Seconds."""


@pytest.fixture
def deployment(
    world: RunningStore,  # noqa: F811
    kms: str,  # noqa: F811
    stoppable_server: PostgresqlServer,
) -> Iterator[Deployment]:
    with tempfile.TemporaryDirectory(prefix="away-") as place:
        made = Deployment(
            Path(place),
            world,
            database=stoppable_server.new_database(),
            queue=stoppable_server.new_database(schema=False),
            kms=kms,
        )
        yield made
        made.close()


def test_services_and_workers_go_on_once_the_database_is_back(
    deployment: Deployment,
    world: RunningStore,  # noqa: F811
    stoppable_server: PostgresqlServer,
    tmp_path: Path,
) -> None:
    stores = list(world.state.stores.values())
    service = deployment.service("one")
    assert deployment.run("jobs", "add", file_of(deployment, stores, tmp_path)).returncode == 0
    workers = [deployment.worker(name, "--lost-after", "8") for name in ("w1", "w2")]
    wait_until(lambda: any(each.api_accounts for each in stores), *workers, service)
    stoppable_server.stop()
    time.sleep(AWAY)
    stoppable_server.start()
    wait_until(lambda: all(each.is_over for each in states(deployment)), *workers, service, apart=0.5)
    listed = deployment.run("jobs", "list", "--json")
    assert listed.returncode == 0, [each.said() for each in workers]
    assert set(json.loads(listed.stdout)["totals"]) <= {"connected", "already"}
    with deployment.client() as client:
        connections = list(client.all_connections())
        assert client.audit_state()["intact"]
    assert Counter(each["store_hash"] for each in connections) == Counter(each.store_hash for each in stores)
    by_store = {each["store_hash"]: each for each in connections}
    for each in stores:
        [account] = each.api_accounts
        named = by_store[each.store_hash]["api_account"]
        assert named is not None
        assert named["client_id"] == account.client_id
    with deployment.queue.connected() as connection:
        assert connection.execute("SELECT * FROM companion_accounts_under_way").fetchall() == []
    for each in workers:
        each.process.terminate()
        assert each.process.wait(120) == 0, each.said()
