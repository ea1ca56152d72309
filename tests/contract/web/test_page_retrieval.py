"""“Get these for me” without a browser: what the page says before, during and after, and that its buttons are forms."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from played_jobs import ACCOUNT, PlayedJobs
from web_pages import Visitor, WebPages, anti_forgery_in, web_pages

from companion.core.retrieval_events import Ended, Event, Failure, Heeds, MayExist, Says, Sees, StepOver, ToDo
from companion.core.retrieval_steps import RETRIEVAL_STEPS
from companion.core.secret import Secret
from companion.wiring import retrievals as wired_retrievals
from companion.wiring.kept_sessions import opened_sessions

CANCELLED = Ended(Failure("interrupted", "The retrieval was interrupted.", "", "Start it again when you are ready."))
A_PASSWORD = "open sesame 42"


@pytest.fixture(scope="module")
def jobs() -> PlayedJobs:
    return PlayedJobs()


@pytest.fixture(scope="module")
def served_pages(jobs: PlayedJobs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebPages]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wired_retrievals, "ChildProcesses", lambda *_: jobs)
        patch.setenv("BIGCOMMERCE_EMAIL", "o@shop.example")
        patch.setenv("BIGCOMMERCE_PASSWORD", A_PASSWORD)
        with web_pages(tmp_path_factory.mktemp("service")) as served:
            yield served


@pytest.fixture(autouse=True)
def none_under_way(jobs: PlayedJobs) -> Iterator[None]:
    yield
    if jobs.started and not jobs.job.over.is_set():
        jobs.job.ends(CANCELLED)


def begin(visitor: Visitor, **fields: Any) -> str:
    """Press “Begin”; returns the address of the page that follows."""
    answer = visitor.post("/retrieval", {"name": "Flowers & Co", "mode": "guided", **fields})
    assert answer.status_code == 303, text_of(answer.text)
    return str(answer.headers["Location"])


def press(visitor: Visitor, path: str, order: str, step: str | None = None) -> None:
    answer = visitor.post(path, {"order": order} | ({} if step is None else {"step": step}))
    assert (answer.status_code, answer.headers["Location"]) == (303, path)


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])).split())


def test_before_it_begins_it_says_what_it_watches_and_what_it_creates(visitor: Visitor) -> None:
    assert 'href="/retrieval"' in visitor.get("/connections/new").text
    said = text_of(visitor.get("/retrieval?name=Flowers").text)
    assert "It watches that window alone" in said
    assert "is not read" in said
    assert "one API account in the store" in said
    assert "“BigCommerce Companion”" in said
    for scope in ("Storefront API tokens", "Storefront API customer impersonation tokens"):
        assert scope in said
    page = visitor.get("/retrieval?name=Flowers").text
    assert 'value="Flowers"' in page
    assert not re.search(r'type="password"', page)


def test_without_a_display_and_without_a_sign_in_each_way_says_why_it_cannot_be_chosen(
    visitor: Visitor, jobs: PlayedJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "has_display", False)
    monkeypatch.delenv("BIGCOMMERCE_PASSWORD")
    page = visitor.get("/retrieval").text
    assert len(re.findall(r'type="radio"[^>]* disabled', page)) == 2
    assert "This needs a graphical session" in text_of(page)
    assert "It has neither" in text_of(page)
    assert "It cannot begin yet" in text_of(page)
    assert ">Begin<" not in page
    answer = visitor.post("/retrieval", {"name": "shop", "mode": "guided"})
    assert answer.status_code == 409
    assert "A browser cannot open a window here." in text_of(answer.text)
    answer = visitor.post("/retrieval", {"name": "shop", "mode": "unattended"})
    assert answer.status_code == 409
    assert "nothing to sign in to BigCommerce with" in text_of(answer.text)


def test_what_does_not_fit_stands_at_its_field_and_nothing_is_lost(visitor: Visitor, jobs: PlayedJobs) -> None:
    fields = {
        "name": "",
        "store_hash": "https://example.com",
        "presets": "catalyst",
        "oauth_scopes": "Products=read-only",
        "mode": "guided",
    }
    before = len(jobs.started)
    answer = visitor.post("/retrieval", fields)
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text
    assert 'role="alert"' in answer.text
    assert 'value="Products=read-only" selected' in answer.text
    assert 'value="catalyst" checked' in answer.text
    assert len(jobs.started) == before
    answer = visitor.post("/retrieval", {"name": "x", "channel_id": "zero", "mode": "guided"})
    assert (answer.status_code, 'id="channel_id-error"' in answer.text) == (422, True)


def test_a_purpose_that_there_is_not_is_refused(visitor: Visitor, jobs: PlayedJobs) -> None:
    before = len(jobs.started)
    answer = visitor.post("/retrieval", {"name": "x", "presets": "world-domination", "mode": "guided"})
    assert (answer.status_code, len(jobs.started)) == (422, before)
    assert "There is no such purpose" in text_of(answer.text)


def test_all_that_is_said_in_the_form_is_in_the_order(visitor: Visitor, jobs: PlayedJobs) -> None:
    begin(
        visitor,
        mode="unattended",
        show_browser="yes",
        store_hash="https://store-abc123.mybigcommerce.com/manage",
        channel_id="7",
        presets=["catalyst"],
        oauth_scopes=["", "Products=read-only", "", "Orders=modify"],
        api_account_name="ERP",
    )
    wanted = jobs.job.order.wanted
    assert (wanted.mode.value, wanted.shown, wanted.store_hash, wanted.channel_id) == ("unattended", True, "abc123", 7)
    assert wanted.presets == ("catalyst",)
    assert (wanted.oauth_scopes, wanted.api_account_name) == (("Products=read-only", "Orders=modify"), "ERP")


def test_it_shows_the_steps_what_is_seen_and_what_to_do_and_reloads_itself(visitor: Visitor, jobs: PlayedJobs) -> None:
    path = begin(visitor)
    events: list[Event] = [
        Sees("sign-in", "The sign-in page of BigCommerce."),
        StepOver("sign-in", "by-user", 12.34),
        ToDo("open-storefront", "Click “View storefront”.", "It shows the subdomain."),
        Says("A browser is being installed."),
    ]
    for event in events:
        jobs.job.on_event(event)
    page = visitor.get(path).text
    assert '<noscript><meta http-equiv="refresh"' in page
    said = text_of(page)
    for step in RETRIEVAL_STEPS:
        assert step.title in said
    assert "Sign in to BigCommerce done by you 12.3 s" in said
    assert "Click “View storefront”. It shows the subdomain." in said
    assert "The sign-in page of BigCommerce." in said
    assert "A browser is being installed." in said
    assert ACCOUNT in said
    assert not re.search(r"<style| style=| on[a-z]+=|<script(?! src=\"/)", page)
    assert A_PASSWORD not in page


def test_its_buttons_work_without_a_script(visitor: Visitor, jobs: PlayedJobs) -> None:
    path = begin(visitor)
    jobs.job.on_event(Sees("sign-in", "An empty window."))
    press(visitor, path, "pause")
    jobs.job.on_event(Heeds(paused=True, mine=None))
    assert "It is paused" in text_of(visitor.get(path).text)
    press(visitor, path, "resume")
    jobs.job.on_event(Heeds(paused=False, mine=None))
    press(visitor, path, "mine", "sign-in")
    assert [(word.value, step) for word, step in jobs.job.told] == [
        ("pause", None),
        ("resume", None),
        ("mine", "sign-in"),
    ]
    press(visitor, path, "cancel")
    page = visitor.get(path).text
    assert "Cancelled" in text_of(page)
    assert "Nothing of it is left at BigCommerce." in text_of(page)
    assert "http-equiv" not in page
    late = visitor.post(path, {"order": "pause"}, shown_at="/retrieval")  # of a page that is older than the end
    assert late.status_code == 303


def test_a_button_needs_a_form_of_this_session(visitor: Visitor, jobs: PlayedJobs, pages: WebPages) -> None:
    path = begin(visitor)
    answer = visitor.http.post(path, data={"order": "cancel"})
    assert (answer.status_code, jobs.job.cancelled.is_set()) == (403, False)
    other = Visitor(pages)
    other.sign_in(pages.sign_in_path())
    token = anti_forgery_in(other.get("/retrieval").text)
    other.close()
    answer = visitor.http.post(path, data={"order": "cancel", "anti_forgery": token})
    assert (answer.status_code, jobs.job.cancelled.is_set()) == (403, False)
    token = anti_forgery_in(visitor.get(path).text)
    answer = visitor.http.post(path, data={"order": "hurry", "anti_forgery": token})
    assert answer.status_code == 422
    for step in ("saev", "save\ncancel", "é", "\0"):
        answer = visitor.http.post(path, data={"order": "mine", "step": step, "anti_forgery": token})
        assert (answer.status_code, jobs.job.told) == (422, [])


def test_looking_at_the_form_is_no_use_of_a_kept_session(
    visitor: Visitor, pages: WebPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BIGCOMMERCE_PASSWORD")
    connection_id = str(pages.connect()["id"])
    with opened_sessions(pages.settings) as sessions:
        sessions.keep("o@shop.example", connection_id, Secret("[]"))
    shown = visitor.get("/retrieval").text
    assert not re.search(r'value="unattended"[^>]* disabled', shown)
    with pages.client() as client:
        assert client.audit(1, action="keep-session")["entries"]
        assert client.audit(1, action="use-session")["entries"] == []


def test_what_is_left_at_bigcommerce_is_named(visitor: Visitor, jobs: PlayedJobs) -> None:
    path = begin(visitor)
    jobs.job.on_event(MayExist(ACCOUNT))
    jobs.job.ends()
    said = text_of(visitor.get(path).text)
    assert "It could not be finished" in said
    assert f"API account “ {ACCOUNT} ”" in said
    assert "Try again" in said


def test_a_second_one_is_refused_and_leads_to_the_first(visitor: Visitor) -> None:
    path = begin(visitor)
    page = visitor.get("/retrieval").text
    assert f'href="{path}"' in page
    answer = visitor.post("/retrieval", {"name": "other", "mode": "guided"})
    assert answer.status_code == 409
    assert "is under way" in text_of(answer.text)


def test_a_taken_name_is_told_at_its_field(visitor: Visitor, pages: WebPages) -> None:
    pages.connect("Flowers & Co")
    answer = visitor.post("/retrieval", {"name": "flowers & co", "mode": "guided"})
    assert (answer.status_code, 'id="name-error"' in answer.text) == (409, True)
    begin(visitor, replace="yes")


def test_it_is_for_a_session_alone(stranger: Visitor) -> None:
    for path in ("/retrieval", "/retrieval/x"):
        assert stranger.get(path).status_code == 401
        assert stranger.http.post(path, data={}).status_code == 401
    assert stranger.get("/retrieval.js").status_code == 200


def test_one_that_is_not_there_is_a_screen_with_a_way_back(visitor: Visitor) -> None:
    answer = visitor.get("/retrieval/x")
    assert answer.status_code == 404
    assert "Go to the connections" in answer.text
