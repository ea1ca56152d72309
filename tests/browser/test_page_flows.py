"""The web page in a real Chromium: the ways through it, with scripts and without."""

from __future__ import annotations

import re

import pytest
from opened_pages import Opens
from page_states import ARABIC_NAME, LONG_NAME, go
from playwright.sync_api import expect
from web_pages import WebPages

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_the_form_to_a_working_connection_and_its_end(opened: Opens, pages: WebPages, scripts: bool) -> None:
    page = opened(java_script_enabled=scripts)
    store = pages.store
    name = f"Viñas {'con' if scripts else 'sin'} JavaScript"
    page.goto(pages.url + "/connections/new")
    page.get_by_label("Name your connection").fill(name)
    page.get_by_label("Subdomain").fill(f"https://{store.subdomain}.mybigcommerce.com/?ctk=1")
    page.get_by_label("Store hash").fill(f"https://store-{store.store_hash}.mybigcommerce.com/manage")
    page.get_by_label("Channel ID").click()
    if scripts:
        expect(page.get_by_label("Store hash")).to_have_value(store.store_hash)
    expect(page.get_by_role("group", name="Scopes")).to_be_visible()
    page.locator("#auth_type-token").check()
    expect(page.get_by_role("group", name="Scopes")).to_be_hidden()
    page.locator("#auth_type-custom").check()
    page.get_by_role("button", name="Save and verify").click()
    expect(page.locator("#refusals")).to_be_focused()
    expect(page.get_by_label("Name your connection")).to_have_value(name)
    page.get_by_label("Access token").fill(pages.access_token())
    page.get_by_role("button", name="Save and verify").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_text("Everything works")).to_be_visible()
    page.get_by_role("link", name="Ask with GraphQL").click()
    page.get_by_role("button", name="Run the query").click()
    expect(page.get_by_role("heading", name="Answer")).to_be_visible()
    page.go_back()
    page.goto(page.url.removesuffix("/graphql"))
    page.get_by_role("link", name="Delete").click()
    page.get_by_label("Type its name").fill(name)
    page.get_by_role("button", name="Delete it here", exact=True).click()
    expect(page.get_by_text("was deleted here")).to_be_visible()


def test_the_list_is_searched_while_one_types(opened: Opens, pages: WebPages, ids: dict[str, str]) -> None:
    page = opened()
    page.get_by_role("searchbox").fill("flower")
    expect(page.get_by_role("rowheader")).to_have_text([re.compile("Flowers & Co")])
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("searchbox").fill("nothing like this")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    page.get_by_role("searchbox").fill("الزهور")
    expect(page.get_by_role("rowheader")).to_contain_text(ARABIC_NAME)


def test_after_signing_out_the_back_button_shows_nothing(opened: Opens, pages: WebPages, ids: dict[str, str]) -> None:
    page = opened()
    go("/connections/{ready}")(page, pages, ids)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="You are signed out").wait_for()
    page.go_back()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(page.get_by_text(LONG_NAME)).to_have_count(0)


def test_nothing_shifts_while_a_screen_loads(opened: Opens, pages: WebPages, ids: dict[str, str]) -> None:
    page = opened()
    page.add_init_script(
        "window.shifted = 0; new PerformanceObserver(list => { for (const each of list.getEntries())"
        " window.shifted += each.value }).observe({type: 'layout-shift', buffered: true})"
    )
    for path in ("/", "/connections/new", "/connections/{ready}"):
        go(path)(page, pages, ids)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.shifted") == 0, path
