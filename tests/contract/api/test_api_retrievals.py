"""`/retrievals` over real HTTP, with a process that a test plays: problems, orders, and streams of events."""

from __future__ import annotations

import contextlib
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx2
import pytest
from played_jobs import LIMIT, PlayedJobs
from served import Served, settings_in

from companion.core.retrieval_events import Ended, Failure, Sees, StepOver
from companion.core.retrieval_steps import RETRIEVAL_STEP_IDS
from companion.web.api import retrievals as retrieval_routes
from companion.web.threads import THREADS
from companion.wiring import retrievals as wired_retrievals
from companion.wiring.service import running_service

A_PASSWORD = "open sesame 42"
CANCELLED = Ended(Failure("interrupted", "The retrieval was interrupted.", next_step="Start it again."))


@pytest.fixture(scope="module")
def jobs() -> PlayedJobs:
    return PlayedJobs()


@pytest.fixture(scope="module")
def served(jobs: PlayedJobs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wired_retrievals, "ChildProcesses", lambda *_: jobs)
        patch.setenv("BIGCOMMERCE_EMAIL", "o@shop.example")
        patch.setenv("BIGCOMMERCE_PASSWORD", A_PASSWORD)
        settings = settings_in(tmp_path_factory.mktemp("service"))
        log = io.StringIO()
        with running_service(settings, public=True, log_stream=log) as service:
            yield Served(service, settings, log)


@pytest.fixture
def start(http: httpx2.Client, jobs: PlayedJobs, new_name: Callable[[], str]) -> Iterator[Callable[..., Any]]:
    """Starts a retrieval; whatever is under way at the end of a test is ended."""

    def started(**wanted: Any) -> Any:
        answer = http.post("/retrievals", json={"name": new_name(), "mode": "unattended", **wanted})
        assert answer.status_code == 201, answer.text
        return answer.json()

    yield started
    for each in http.get("/retrievals").json()["retrievals"]:
        if each["ended_at"] is None:
            jobs.job.ends(CANCELLED)
        http.delete(f"/retrievals/{each['id']}")


def events(text: str) -> list[tuple[int, str, dict[str, Any]]]:
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.partition(": ")[::2] for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


def test_a_retrieval_is_started_shown_and_listed(http: httpx2.Client, start: Callable[..., Any]) -> None:
    made = start(name="Émile", tags=["eu"])
    assert (made["state"], made["name"], made["mode"], made["has_window"]) == ("running", "Émile", "unattended", False)
    assert [step["id"] for step in made["steps"]] == list(RETRIEVAL_STEP_IDS)
    assert made["api_account"]["name"].startswith("BigCommerce Companion ")
    assert (made["created"], made["failure"], made["ended_at"]) == ([], None, None)
    assert http.get(f"/retrievals/{made['id']}").json() == made
    assert http.get("/retrievals").json() == {"retrievals": [made]}


def test_where_it_is_is_told(http: httpx2.Client, start: Callable[..., Any], new_name: Callable[[], str]) -> None:
    start()
    refused = http.post("/retrievals", json={"name": new_name(), "mode": "unattended"})
    assert (refused.status_code, refused.json()["code"]) == (409, "retrieval-under-way")
    for each in http.get("/retrievals").json()["retrievals"]:
        http.delete(f"/retrievals/{each['id']}")
    answer = http.post("/retrievals", json={"name": new_name(), "mode": "unattended"})
    assert http.get(answer.headers["Location"].removeprefix("/api/v1")).json()["id"] == answer.json()["id"]


def test_without_a_display_a_guided_one_is_a_problem_that_says_so(
    http: httpx2.Client, jobs: PlayedJobs, start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "has_display", False)
    refused = http.post("/retrievals", json={"name": "shop"})
    assert (refused.status_code, refused.json()["code"]) == (409, "no-display")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert "graphical session" in refused.json()["detail"]
    start()  # unattended needs none


def test_no_password_is_taken_and_none_of_the_service_means_none(
    http: httpx2.Client, start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for field in ("password", "email", "totp_secret"):
        refused = http.post("/retrievals", json={"name": "shop", field: A_PASSWORD})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"/{field}")
    monkeypatch.delenv("BIGCOMMERCE_PASSWORD")
    refused = http.post("/retrievals", json={"name": "shop", "mode": "unattended"})
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing-to-sign-in-with")
    assert refused.json()["exit_code"] == 3
    start(mode="guided")


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({"mode": "alone"}, "/mode"),
        ({"name": 1}, "/name"),
        ({"name": "a\u0000b"}, "/name"),
        ({"channel_id": 0}, "/channel_id"),
        ({"oauth_scopes": "Products"}, "/oauth_scopes"),
        ({"show_browser": "yes"}, "/show_browser"),
        ({"tags": [""]}, "/tags/0"),
        ({"store_hash": "https://example.com"}, "/store_hash"),
    ],
)
def test_what_does_not_fit_is_pointed_at(http: httpx2.Client, wanted: dict[str, Any], pointer: str) -> None:
    refused = http.post("/retrievals", json={"name": "shop", **wanted})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert http.get("/retrievals").json() == {"retrievals": []}


def test_one_that_is_under_way_is_cancelled_and_one_that_is_over_is_forgotten(
    http: httpx2.Client, start: Callable[..., Any]
) -> None:
    made = start()
    answer = http.delete(f"/retrievals/{made['id']}")
    assert answer.status_code == 202
    ended = http.get(f"/retrievals/{made['id']}").json()
    assert (ended["state"], ended["failure"]["code"]) == ("cancelled", "interrupted")
    assert http.delete(f"/retrievals/{made['id']}").status_code == 204
    assert http.get(f"/retrievals/{made['id']}").status_code == 404


def test_orders_are_given_and_what_is_none_is_refused(
    http: httpx2.Client, jobs: PlayedJobs, start: Callable[..., Any]
) -> None:
    made = start(show_browser=True)
    address = f"/retrievals/{made['id']}/orders"
    assert http.post(address, json={"order": "pause"}).status_code == 202
    assert http.post(address, json={"order": "mine", "step": "save"}).status_code == 202
    assert [(word.value, step) for word, step in jobs.job.told] == [("pause", None), ("mine", "save")]
    for body, pointer in (({"order": "hurry"}, "/order"), ({"order": "mine", "step": "steal"}, "/step")):
        refused = http.post(address, json=body)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert http.post("/retrievals/x/orders", json={"order": "pause"}).status_code == 404


# Streams


def test_a_stream_tells_what_has_changed_and_ends_with_the_retrieval(
    http: httpx2.Client, jobs: PlayedJobs, start: Callable[..., Any]
) -> None:
    made = start()
    lines: list[str] = []
    began = threading.Event()

    def follow() -> None:
        with http.stream("GET", f"/retrievals/{made['id']}/events") as answer:
            assert answer.headers["Content-Type"].partition(";")[0] == "text/event-stream"
            assert answer.headers["Cache-Control"] == "no-store"
            for line in answer.iter_lines():
                lines.append(line)
                began.set()

    follower = threading.Thread(target=follow)
    follower.start()
    assert began.wait(LIMIT)
    jobs.job.on_event(Sees("sign-in", "The sign-in page of BigCommerce."))
    jobs.job.on_event(StepOver("sign-in", "by-user", 4.5))
    jobs.job.ends(CANCELLED)
    follower.join(LIMIT)
    assert not follower.is_alive()
    told = events("\n".join(lines) + "\n\n")
    steps = [data for _, kind, data in told if kind == "step" and data["id"] == "sign-in"]
    assert steps[-1]["status"] == "by-user"
    assert told[-1][1] == "state"
    assert told[-1][2]["state"] == "cancelled"
    assert [number for number, _, _ in told] == sorted({number for number, _, _ in told})
    assert "retry: " in lines[0]


def test_a_stream_goes_on_after_the_last_event_and_is_empty_where_there_is_no_more(
    http: httpx2.Client, jobs: PlayedJobs, start: Callable[..., Any]
) -> None:
    made = start()
    jobs.job.on_event(StepOver("sign-in", "done", 1.0))
    jobs.job.ends(CANCELLED)
    address = f"/retrievals/{made['id']}/events"
    everything = events(http.get(address).text)
    middle = everything[3][0]
    assert events(http.get(address, headers={"Last-Event-ID": str(middle)}).text) == everything[4:]
    over = http.get(address, headers={"Last-Event-ID": str(everything[-1][0])})
    assert (over.status_code, over.text) == (204, "")  # a browser asks no more
    for nonsense in ("x", "-1", "9" * 400, "1.5"):
        answer = http.get(address, headers={"Last-Event-ID": nonsense})
        assert events(answer.text) == everything
    assert http.get("/retrievals/x/events").status_code == 404


def test_streams_take_a_quarter_of_the_threads_and_give_them_back(
    http: httpx2.Client, jobs: PlayedJobs, start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrieval_routes, "STREAM_SECONDS", 600)  # none ends by itself on a slow machine
    made = start()
    address = f"/retrievals/{made['id']}/events"
    most = THREADS // 4
    with contextlib.ExitStack() as open_streams:
        followed = []
        for _ in range(most):
            stream = open_streams.enter_context(http.stream("GET", address))
            followed.append(stream.iter_lines())
            next(followed[-1])
        refused = http.get(address)
        assert (refused.status_code, refused.json()["code"]) == (503, "too-many-streams")
        assert int(refused.headers["Retry-After"]) > 0
        assert http.get("/connections").status_code == 200  # the others go on
    jobs.job.on_event(Sees("sign-in", "An empty window."))  # so that the service notices who is gone
    jobs.job.on_event(Sees("sign-in", "The sign-in page of BigCommerce."))
    for _ in range(most):
        pages = count(1)
        while (answer := _status(http, address)) == 503:
            jobs.job.on_event(Sees("sign-in", f"Page {next(pages)}."))
            time.sleep(0.05)
        assert answer == 200


def _status(http: httpx2.Client, address: str) -> int:
    with http.stream("GET", address) as answer:
        return answer.status_code


def test_a_session_may_start_follow_and_cancel(
    anonymous: httpx2.Client, served: Served, jobs: PlayedJobs, http: httpx2.Client, start: Callable[..., Any]
) -> None:
    del jobs, start  # the fixture ends what is under way
    path = http.post("/sign-in-links").json()["path"]
    own = {"Origin": served.service.url, "Sec-Fetch-Site": "same-origin"}
    form = {"link": path.rpartition("/")[2]}
    with httpx2.Client(base_url=served.service.url, trust_env=False) as page:
        assert page.post("/sign-in", data=form, headers=own).status_code == 303
        body = {"name": "From a page", "mode": "unattended"}
        assert page.post("/api/v1/retrievals", json=body).status_code == 403  # it does not say where it comes from
        made = page.post("/api/v1/retrievals", json=body, headers=own)
        assert made.status_code == 201
        assert page.delete(f"/api/v1/retrievals/{made.json()['id']}", headers=own).status_code == 202
        assert "cancelled" in page.get(f"/api/v1/retrievals/{made.json()['id']}/events").text
    assert anonymous.get("/retrievals").status_code == 401


def test_nothing_secret_is_told_or_logged(http: httpx2.Client, served: Served, start: Callable[..., Any]) -> None:
    made = start()
    everything = json.dumps(made) + http.get("/retrievals").text + served.log.getvalue()
    for secret in (A_PASSWORD, served.service.api_token.reveal()):
        assert secret not in everything
