"""A retrieval that a test plays, followed in a real Chromium: through streams that end, and without a script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from by_keyboard import enter, tab_to
from opened_pages import Opens
from played_jobs import ACCOUNT, PlayedJobs
from playwright.sync_api import Page, Request, expect
from retrieval_screen import PATIENCE, RetrievalScreen
from web_pages import WebPages, web_pages

from companion.core.retrieval_events import Ended, Failure, Sees, StepOver, ToDo
from companion.core.retrieval_order import OrderWord
from companion.web.api import retrievals as routes
from companion.wiring import retrievals as wired_retrievals

pytestmark = [pytest.mark.browser, pytest.mark.sampled(3, group="followed retrieval")]

CANCELLED = Ended(Failure("interrupted", "The retrieval was interrupted.", "", "Start it again when you are ready."))


@pytest.fixture(scope="module")
def jobs() -> PlayedJobs:
    return PlayedJobs()


@pytest.fixture(scope="module")
def pages(jobs: PlayedJobs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebPages]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wired_retrievals, "ChildProcesses", lambda *_: jobs)
        patch.delenv("BIGCOMMERCE_EMAIL", raising=False)
        with web_pages(tmp_path_factory.mktemp("service")) as served:
            yield served


@pytest.fixture(autouse=True)
def none_under_way(jobs: PlayedJobs) -> Iterator[None]:
    yield
    if jobs.started and not jobs.job.over.is_set():
        jobs.job.ends(CANCELLED)


def begun(opened: Opens, pages: WebPages, **options: object) -> Page:
    page = opened(**options)
    page.goto(pages.url + "/retrieval")
    RetrievalScreen(page).begin("Flowers")
    return page


def test_a_stream_that_ends_is_asked_for_again_from_where_it_ended(
    opened: Opens, pages: WebPages, jobs: PlayedJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "STREAM_SECONDS", 1)
    page = opened()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if request.url.endswith("/events") else None)
    page.goto(pages.url + "/retrieval")
    RetrievalScreen(page).begin("Flowers")
    expect(page.locator("#sees")).to_have_text("Nothing yet.")
    seen = 0
    while len(asked) < 3:
        seen += 1
        jobs.job.on_event(Sees("sign-in", f"Page {seen}."))
        expect(page.locator("#sees")).to_have_text(f"Page {seen}.", timeout=PATIENCE)
    last = [request.all_headers().get("last-event-id") for request in asked]
    assert last[0] is None
    assert all(each and each.isdigit() for each in last[1:])
    numbers = [int(each or 0) for each in last]
    assert numbers == sorted(numbers)
    assert page.get_by_role("alert").filter(has_text="does not answer").count() == 0


def test_without_a_script_the_page_loads_itself_again_and_its_buttons_work(
    opened: Opens, pages: WebPages, jobs: PlayedJobs
) -> None:
    page = begun(opened, pages, java_script_enabled=False)
    jobs.job.on_event(StepOver("sign-in", "by-user", 3.2))
    jobs.job.on_event(ToDo("open-storefront", "Click “View storefront”.", "It shows the subdomain."))
    expect(page.get_by_text("It shows the subdomain.")).to_be_visible(timeout=PATIENCE)
    RetrievalScreen(page).press("Pause")
    expect(page.get_by_role("heading", name="Getting the credentials")).to_be_visible()
    assert jobs.job.told == [(OrderWord.PAUSE, None)]
    RetrievalScreen(page).press("Cancel")
    RetrievalScreen(page).ends_as("Cancelled")


def test_by_keyboard_alone_it_is_begun_and_cancelled(opened: Opens, pages: WebPages, jobs: PlayedJobs) -> None:
    page = opened()
    page.goto(pages.url + "/connections/new")
    enter(page, page.get_by_role("link", name="Get these for me"))
    tab_to(page, page.get_by_label("Name your connection"))
    page.keyboard.type("By keyboard")
    enter(page, page.get_by_role("button", name="Begin"))
    expect(page.get_by_role("heading", name="Getting the credentials")).to_be_visible()
    assert jobs.job.order.wanted.name == "By keyboard"
    enter(page, page.get_by_role("button", name="Cancel"))
    RetrievalScreen(page).ends_as("Cancelled")
    expect(page.get_by_role("alert").filter(has_text="The retrieval was interrupted.")).to_be_focused()


def test_nobody_to_sign_in_is_said_before_anything_can_be_pressed(
    opened: Opens, pages: WebPages, jobs: PlayedJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "has_display", False)
    page = opened()
    page.goto(pages.url + "/retrieval")
    expect(page.get_by_role("heading", name="It cannot begin yet")).to_be_visible()
    expect(page.get_by_role("button", name="Begin")).to_have_count(0)
    expect(page.get_by_role("radio", name="I do")).to_be_disabled()


def test_purposes_and_scopes_are_chosen_and_named_once_it_is_under_way(
    opened: Opens, pages: WebPages, jobs: PlayedJobs
) -> None:
    page = opened()
    page.goto(pages.url + "/retrieval")
    page.get_by_role("checkbox", name="A Catalyst storefront").check()
    page.get_by_text("Further scopes?").click()
    page.get_by_label("Products", exact=True).select_option("read-only")
    RetrievalScreen(page).begin("Catalyst")
    wanted = jobs.job.order.wanted
    assert (wanted.presets, wanted.oauth_scopes) == (("catalyst",), ("Products=read-only",))
    expect(page.get_by_text(f"the API account is “{ACCOUNT}”")).to_be_visible()
    expect(page.get_by_text("It is granted Storefront API tokens: manage.")).to_be_visible()
