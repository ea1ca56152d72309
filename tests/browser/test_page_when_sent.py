"""Forms that are sent at a bad moment, in a real Chromium: a stopped service, an ended session, the way back."""

from __future__ import annotations

import io
import socket

import pytest
from opened_pages import Opens
from page_states import sign_in
from playwright.sync_api import Browser, Page, expect
from web_pages import WebPages

from companion.settings import load_settings
from companion.wiring.service import running_service

pytestmark = pytest.mark.browser


def fill(page: Page, pages: WebPages, name: str) -> None:
    page.get_by_label("Name your connection").fill(name)
    page.get_by_label("Subdomain").fill(pages.store.subdomain)
    page.get_by_label("Store hash").fill(pages.store.store_hash)
    page.get_by_label("Access token").fill(pages.access_token())


def test_a_form_that_is_sent_to_a_stopped_service_stays_and_is_sent_once_it_runs_again(
    opened: Opens, pages: WebPages
) -> None:
    page = opened()
    page.goto(pages.url + "/connections/new")
    fill(page, pages, "While it was away")
    expect(page.get_by_label("Store hash")).to_have_value(pages.store.store_hash)
    page.route("**/session", lambda route: route.abort("connectionrefused"))
    page.get_by_role("button", name="Save and verify").press("Enter")
    said = page.get_by_role("alert").filter(has_text="The service does not answer")
    expect(said).to_be_visible()
    expect(page.get_by_label("Name your connection")).to_have_value("While it was away")
    expect(page.get_by_label("Access token")).not_to_have_value("")
    page.unroute("**/session")
    page.get_by_role("button", name="Save and verify").press("Enter")
    expect(page.get_by_role("heading", name="While it was away")).to_be_visible()


def test_a_form_whose_session_has_ended_stays_and_goes_with_the_next_one(opened: Opens, pages: WebPages) -> None:
    page = opened()
    page.goto(pages.url + "/connections/new")
    fill(page, pages, "Over lunch")
    with pages.client() as client:
        client.end_sessions()
    page.get_by_role("button", name="Save and verify").click()
    said = page.get_by_role("alert").filter(has_text="You are signed out")
    expect(said).to_contain_text("companion open")
    expect(page.get_by_label("Access token")).not_to_have_value("")
    sign_in(page.context.new_page(), pages)
    page.get_by_role("button", name="Save and verify").click()
    expect(page.get_by_role("heading", name="Over lunch")).to_be_visible()


def test_without_a_script_an_ended_session_says_how_to_come_back(opened: Opens, pages: WebPages) -> None:
    page = opened(java_script_enabled=False)
    page.goto(pages.url + "/connections/new")
    with pages.client() as client:
        client.end_sessions()
    page.get_by_role("button", name="Save and verify").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(page.get_by_text("companion open")).to_be_visible()


def test_a_form_is_sent_once_however_often_its_button_is_pressed(opened: Opens, pages: WebPages) -> None:
    page = opened()
    page.goto(pages.url + "/connections/new")
    fill(page, pages, "Pressed twice")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    sent.clear()
    page.get_by_role("button", name="Save and verify").dblclick()
    expect(page.get_by_role("heading", name="Pressed twice")).to_be_visible()
    assert [each for each in sent if each.endswith("/connections/new")] == [pages.url + "/connections/new"]


def test_a_service_that_is_started_again_is_signed_in_to_anew_and_the_form_goes_on(
    browser: Browser, pages: WebPages, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The real thing once: the service ends, and another of the same folder takes its place."""
    folder = tmp_path_factory.mktemp("stopped")
    settings = load_settings(data_dir=folder / "data", key_file=folder / "key.json", key_provider="file", url=None)
    context = browser.new_context()
    page = context.new_page()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    with running_service(settings, port, public=True, log_stream=io.StringIO()) as service:
        page.goto(_link(service.url, service.api_token))
        page.get_by_role("button", name="Sign in").click()
        page.goto(service.url + "/tools/new")
        page.get_by_label("Name of the tool").fill("Price sync")
        page.locator("#action-read").check()
        page.get_by_role("radio", name="All").check()
    page.get_by_role("button", name="Make its API token").click()
    expect(page.get_by_role("alert").filter(has_text="The service does not answer")).to_be_visible()
    with running_service(settings, port, public=True, log_stream=io.StringIO()) as service:
        page.get_by_role("button", name="Make its API token").click()
        expect(page.get_by_role("heading", name="The API token of Price sync")).to_be_visible()
    context.close()


def _link(url: str, token: object) -> str:
    from companion.client import CompanionClient

    with CompanionClient(url, token) as client:  # type: ignore[arg-type]
        return client.sign_in_link().reveal()


def test_by_keyboard_alone_a_link_is_spent_by_its_button_and_not_by_being_looked_at(
    opened: Opens, pages: WebPages
) -> None:
    page = opened(signed_in=False)
    link = pages.url + pages.sign_in_path()
    for _ in range(3):  # as a scanner of links does
        assert page.request.get(link).ok
    page.goto(link)
    page.get_by_role("button", name="Sign in").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(pages.url + "/")
    other = opened(signed_in=False)
    other.goto(link)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", name="not valid any more")).to_be_visible()
    other.goto(pages.url + "/")
    expect(other.get_by_text("companion open")).to_be_visible()
