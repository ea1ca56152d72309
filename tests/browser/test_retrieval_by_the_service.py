"""Retrievals that the service starts, in a real Chromium against the simulated store: followed, steered, cut short."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
from canary_hunt import sightings
from programs import Program, wait_until
from retrieving_service import GONE, Event, RetrievingService, Serving

from companion.core.retrieval_steps import RETRIEVAL_STEP_IDS
from simulated_store.state import SimulatedBigCommerce, Store, Variants

pytestmark = [
    pytest.mark.sampled(2, group="retrieval by the service"),
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups"),
]


@pytest.fixture
def serve(program: Program) -> Iterator[Serving]:
    serving = Serving(program)
    yield serving
    serving.end()


@pytest.fixture
def service(serve: Serving) -> RetrievingService:
    return serve()


def _status(retrieval: dict[str, Any], step: str) -> str:
    return next(str(each["status"]) for each in retrieval["steps"] if each["id"] == step)


def statuses(retrieval: dict[str, Any]) -> dict[str, str]:
    return {each["id"]: each["status"] for each in retrieval["steps"]}


def gone(processes: list[psutil.Process]) -> bool:
    """Wait until none of these is left."""
    return psutil.wait_procs(processes, timeout=GONE)[1] == []


def test_unattended_every_step_is_told_and_the_connection_is_ready_and_nothing_is_left(
    service: RetrievingService, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    made = service.start("Émile", tags=["eu"], oauth_scopes=["Products=read-only"])
    seen: list[Event] = []
    child: dict[str, Any] = {}
    for event in service.follow(made["id"]):
        seen.append(event)
        if not child and event.kind == "step":
            process = service.child()
            child = {"arguments": json.dumps(process.cmdline()), "environment": json.dumps(process.environ())}
            below = service.children()
    over = {event.data["id"]: event.data["status"] for event in seen if event.kind == "step"}
    assert list(dict.fromkeys(e.data["id"] for e in seen if e.kind == "step")) == list(RETRIEVAL_STEP_IDS)
    assert set(over.values()) == {"done"}
    words = " ".join(event.data["sees"] for event in seen if event.kind == "now")
    assert "sign-in" in words
    ended = service.get(made["id"])
    [account] = store.api_accounts
    assert (ended["state"], ended["created"]) == ("done", [{"kind": "api-account", "name": account.name}])
    assert made["api_account"]["name"] == account.name
    connection = service.http.get(f"/connections/{ended['connection_id']}").json()
    assert (connection["name"], connection["status"], connection["tags"]) == ("Émile", "ready", ["eu"])
    assert "store_v2_products_read_only" in connection["oauth_scopes"]
    assert gone(below)
    service.stop()
    assert service.process.returncode == 0
    texts = {
        "events": json.dumps([event.data for event in seen]),
        "document": json.dumps(ended),
        "log": service.said,
        **child,
    }
    secrets = [account.access_token, account.client_secret, bigcommerce.owner.password]
    assert sightings(secrets, texts, [service.program.place]) == []
    assert bigcommerce.owner.email not in json.dumps(child)
    assert service.program.left_behind() == []


def test_a_second_start_is_refused_and_any_number_of_tabs_follow_the_same(
    service: RetrievingService, store: Store
) -> None:
    made = service.start()
    refused = service.http.post("/retrievals", json={"name": "other", "mode": "unattended"})
    assert (refused.status_code, refused.json()["code"]) == (409, "retrieval-under-way")
    one = service.events(made["id"])
    other = service.events(made["id"])
    first, second = [next(one)], [next(other)]
    first += one
    second += other
    assert first[-1].data["state"] == second[-1].data["state"] == "done"
    assert len(store.api_accounts) == 1


def test_a_pause_holds_every_press_until_it_goes_on(
    service: RetrievingService, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    made = service.start()
    service.until(made["id"], lambda retrieval: _status(retrieval, "sign-in") == "done")
    assert service.order(made["id"], "pause").status_code == 202
    paused = service.until(made["id"], lambda retrieval: retrieval["now"]["paused"])
    assert "paused" in paused["now"]["to_do"]
    assert service.order(made["id"], "mine").status_code == 409  # there is no window
    assert store.api_accounts == []
    assert service.order(made["id"], "resume").status_code == 202
    ended = service.until_over(made["id"])
    assert (ended["state"], set(statuses(ended).values())) == ("done", {"done"})


@pytest.mark.sampled(1)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_service_that_is_stopped_in_the_midst_ends_it_cleanly(
    service: RetrievingService, bigcommerce: SimulatedBigCommerce, store: Store, number: signal.Signals
) -> None:
    bigcommerce.variants = Variants(txt="never")
    made = service.start()
    stream = service.events(made["id"])
    next(stream)
    wait_until(lambda: store.api_accounts, service.process)
    below = service.children()
    service.process.send_signal(number)
    told = list(stream)  # it does not hold up the end
    assert told[-1].data.get("state", "stopping") in {"stopping", "cancelled"}
    service.wait()
    assert gone(below)
    assert store.api_accounts == []
    assert service.program.left_behind() == []


def test_a_service_that_is_killed_takes_its_retrieval_along(
    service: RetrievingService, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    bigcommerce.variants = Variants(txt="never")
    service.start()
    wait_until(lambda: store.api_accounts, service.process)
    below = service.children()
    service.process.kill()
    service.wait()
    assert gone(below)
    assert store.api_accounts == []
    assert service.program.left_behind() == []


def test_a_process_that_is_killed_is_told_with_what_it_left_and_its_profile_is_swept(
    service: RetrievingService, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    bigcommerce.variants = Variants(txt="never")
    made = service.start()
    wait_until(lambda: store.api_accounts, service.process)
    service.until(made["id"], lambda retrieval: retrieval["now"]["step"] == "read-credentials")
    below = service.children()
    service.child().kill()
    ended = service.until_over(made["id"])
    [account] = store.api_accounts
    assert (ended["state"], ended["failure"]["code"]) == ("failed", "retrieval-lost")
    assert ended["created"] == [{"kind": "api-account", "name": account.name}]
    assert account.name in ended["failure"]["detail"]
    assert gone(below)
    assert service.program.left_behind() == []
    code, document, said = service.program.run("list")
    assert (code, document["connections"]) == (0, [])
    assert account.name in said
