"""Two services, three workers and many stores; one of each is killed half-way, and a browser besides.

Few stores, unless COMPANION_TEST_STORES says how many: `make at-scale` takes 200.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from deployment import Deployment, Running, key_service, wait_until
from postgresql_server import PostgresqlServer

from automation.queue.handing_out import JobState
from companion.client import CompanionClient
from companion.client.documents import AuditEntryDocument
from simulated_store.serving.server import RunningStore, running
from simulated_store.state import SimulatedBigCommerce, Store
from simulated_store.store import ApiAccount

pytestmark = [pytest.mark.browser, pytest.mark.sampled(1, group="many-machines")]

STORES = int(os.environ.get("COMPANION_TEST_STORES", "6"))
LOST_AFTER = "8"


@pytest.fixture(scope="module")
def kms() -> Iterator[str]:
    with key_service() as address:
        yield address


@pytest.fixture
def world() -> Iterator[RunningStore]:
    state = SimulatedBigCommerce(seed=5)
    while len(state.stores) < STORES:
        state.add_store(launched=True)
    state.owner.stores = list(state.stores)
    with running(state) as served:
        yield served


@pytest.fixture
def deployment(world: RunningStore, kms: str, postgresql_server: PostgresqlServer) -> Iterator[Deployment]:
    # A browser's socket needs a short folder.
    with tempfile.TemporaryDirectory(prefix="many-") as place:
        made = Deployment(
            Path(place),
            world,
            database=postgresql_server.new_database(),
            queue=postgresql_server.new_database(schema=False),
            kms=kms,
        )
        yield made
        made.close()


def file_of(deployment: Deployment, stores: list[Store], place: Path) -> str:
    file = place / "stores.csv"
    rows = "".join(f"shop {number},{each.store_hash},live\n" for number, each in enumerate(stores))
    file.write_text("name,store_hash,tags\n" + rows)
    return str(file)


def states(deployment: Deployment) -> tuple[JobState, ...]:
    return deployment.handed_out().states()


def at_work_in(store: Store, workers: list[Running], deployment: Deployment) -> Running:
    """The worker that has the store's job; they are in the order in which they began."""
    with deployment.queue.connected() as connection:
        row = connection.execute(
            "SELECT worker_id FROM procrastinate_jobs WHERE status = 'doing' AND lock = %s",
            (f"store {store.store_hash}",),
        ).fetchone()
        ids = [each["id"] for each in connection.execute("SELECT id FROM procrastinate_workers ORDER BY id").fetchall()]
    assert row is not None
    return workers[ids.index(row["worker_id"])]


def test_every_store_is_connected_once_whatever_is_killed(
    deployment: Deployment, world: RunningStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victims: list[tuple[Store, str]] = []
    create = Store.create_api_account

    def created(store: Store, name: str, *arguments: object, **more: object) -> ApiAccount:
        made: ApiAccount = create(store, name, *arguments, **more)  # type: ignore[arg-type]
        if not victims:  # nothing can be handed over from now on, until the worker that waits for it was killed
            deployment.balancer.passes.clear()
            victims.append((store, made.name))
        return made

    monkeypatch.setattr(Store, "create_api_account", created)
    stores = list(world.state.stores.values())
    services = [deployment.service("one"), deployment.service("other")]
    handed = deployment.run("jobs", "add", file_of(deployment, stores, tmp_path), "--json")
    assert (handed.returncode, len(json.loads(handed.stdout)["handed_out"])) == (0, STORES), handed.stderr
    workers: list[Running] = []
    for name in ("w1", "w2", "w3"):  # one after the other, so that their numbers are in this order
        workers.append(deployment.worker(name, "--lost-after", LOST_AFTER))
        wait_until(lambda: len(registered(deployment)) == len(workers), *workers)

    wait_until(lambda: victims, *workers)
    store, account = victims[0]
    killed = at_work_in(store, workers, deployment)
    killed.kill()
    alive = [each for each in workers if each is not killed]
    deployment.balancer.passes.set()

    services[0].kill()  # the other one answers for both
    wait_until(lambda: any(each.browsers() for each in alive), *alive, services[1])
    browser = next(found for each in alive for found in each.browsers())
    browser.kill()

    wait_until(lambda: all(each.is_over for each in states(deployment)), *alive, services[1], apart=0.5)
    listed = deployment.run("jobs", "list", "--json")
    document = json.loads(listed.stdout)
    assert (listed.returncode, sum(document["totals"].values())) == (0, STORES), [each.said() for each in alive]
    assert set(document["totals"]) <= {"connected", "already"}
    [taken_up] = [each for each in document["stores"] if each["store_hash"] == store.store_hash]
    assert (taken_up["deleted"], taken_up["tries"] >= 2) == ([account], True)
    assert account in [each.name for each in store.deleted_api_accounts]

    with deployment.client() as client:
        connections = list(client.all_connections())
        assert client.audit_state()["intact"]
        entries = every_entry(client)
    [deletion] = [each for each in entries if each["action"] == "delete-left-account"]
    assert (deletion["who"], deletion["detail"]) == (
        "tool workers",
        f"{account} in store {store.store_hash}, left by a worker for {taken_up['name']}",
    )
    assert Counter(each["store_hash"] for each in connections) == Counter(each.store_hash for each in stores)
    named = [each["connection"] for each in entries if each["action"] == "hand-over"]
    assert Counter(each["id"] for each in named if each) == Counter(each["id"] for each in connections)
    by_store = {each["store_hash"]: each for each in connections}
    for each in stores:
        [account] = each.api_accounts
        connection = by_store[each.store_hash]
        assert connection["api_account"] is not None
        assert connection["api_account"]["client_id"] == account.client_id
        assert connection["status"] == "ready"
    with deployment.queue.connected() as connection:
        assert connection.execute("SELECT * FROM companion_accounts_under_way").fetchall() == []
        # What stands in the queue, and what was said of it, holds no secret.
        kept = str(connection.execute("SELECT args FROM procrastinate_jobs").fetchall()) + str(
            connection.execute("SELECT document FROM companion_outcomes").fetchall()
        )
    said = kept + "".join(each.said() for each in (*workers, *services))
    assert world.state.owner.password not in said
    for each in stores:
        assert each.api_accounts[0].access_token not in said
    for each in alive:
        each.process.terminate()
        assert each.process.wait(120) == 0
        assert each.said().rstrip().endswith("Stopped.")


def registered(deployment: Deployment) -> list[int]:
    with deployment.queue.connected() as connection:
        return [each["id"] for each in connection.execute("SELECT id FROM procrastinate_workers").fetchall()]


def every_entry(client: CompanionClient) -> list[AuditEntryDocument]:
    found: list[AuditEntryDocument] = []
    before: int | None = None
    while True:
        page = client.audit(100, before)
        found += page["entries"]
        before = page["next"]
        if before is None:
            return found


def test_a_refused_sign_in_is_tried_once_whoever_takes_the_stores(
    deployment: Deployment, world: RunningStore, tmp_path: Path
) -> None:
    stores = list(world.state.stores.values())[:3]
    deployment.service("one")
    assert deployment.run("jobs", "add", file_of(deployment, stores, tmp_path)).returncode == 0
    for name in ("w1", "w2"):
        worker = deployment.worker(name, "--until-done", BIGCOMMERCE_PASSWORD="not the password")
        assert worker.process.wait(120) == 0, worker.said()
    assert [(each.state, each.document["error"]["code"]) for each in states(deployment)] == [
        ("failed", "sign-in-refused"),
        ("failed", "sign-in-needed"),
        ("failed", "sign-in-needed"),
    ]
    assert sum(each.method == "POST" and each.host == "login.bigcommerce.com" for each in world.state.requests) == 1
    listed = deployment.run("jobs", "list")
    assert (listed.returncode, "companion jobs retry" in listed.stdout) == (9, False)

    again = deployment.run("jobs", "retry", "--json")
    assert json.loads(again.stdout) == {"handed_out": ["shop 0", "shop 1", "shop 2"]}
    worker = deployment.worker("w3", "--until-done")
    assert worker.process.wait(300) == 0, worker.said()
    assert [(each.state, each.outcome) for each in states(deployment)] == [("done", "connected")] * 3
    assert all(len(each.api_accounts) == 1 for each in stores)
