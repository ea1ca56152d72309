"""The web page in a real Chromium: every state at every width, what axe says of it, and the ways through it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_findings import cut_off, sticks_out, twice_the_text, wrong_with
from opened_pages import Opens
from page_states import LONG_NAME, LOOKS, SIGNED_OUT, STATES, Look, sign_in
from playwright.sync_api import Browser, Page, expect
from web_pages import WebPages, web_pages

pytestmark = pytest.mark.browser

ALL_STATES = SIGNED_OUT | STATES
SEEN_AS = ("1440-light", "768-dark", "360-light", "768-forced")
MOST_BYTES = 120_000
"""Of a page and all that belongs to it, as they are sent."""
_NOTE_SHIFTS = """
window.shifts = [];
new PerformanceObserver(seen => seen.getEntries().forEach(each => each.hadRecentInput || window.shifts.push(each)))
    .observe({ type: "layout-shift", buffered: true });
"""
_SHIFTED = "() => window.shifts.reduce((sum, each) => sum + each.value, 0)"
_BYTES = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .reduce((sum, each) => sum + each.encodedBodySize, 0)"""
NARROWEST = 320
"""What 1280 pixels are at 400 % (WCAG 1.4.10)."""


@pytest.fixture(scope="module")
def hosts() -> set[str]:
    """Whom the tabs of `looked_at` asked for anything."""
    return set()


@pytest.fixture(scope="module")
def looked_at(
    browser: Browser, pages: WebPages, ids: dict[str, str], hosts: set[str]
) -> Iterator[Callable[[str], Page]]:
    """Brings a state up in one tab of the signed in, or of others; loaded once, then looked at in several ways."""
    tabs: dict[bool, Page] = {}

    def look_at(state: str) -> Page:
        is_signed_in = state in STATES
        if is_signed_in not in tabs:
            page = tabs[is_signed_in] = browser.new_page()
            page.add_init_script(_NOTE_SHIFTS)
            page.context.on("request", lambda asked: hosts.add(urlsplit(asked.url).netloc))
            if is_signed_in:
                sign_in(page, pages)
        page = tabs[is_signed_in]
        LOOKS["1440-light"].put_on(page)
        ALL_STATES[state](page, pages, ids)
        return page

    yield look_at
    for page in tabs.values():
        page.context.close()


@pytest.mark.sampled(5)
@pytest.mark.parametrize("state", ALL_STATES)
def test_a_state_is_accessible_and_fits(
    looked_at: Callable[[str], Page], pages: WebPages, hosts: set[str], state: str
) -> None:
    page = looked_at(state)
    wrong: dict[str, object] = {}
    if not state.startswith("retrieval-"):  # there, the news of a run come in while one looks
        wrong["moves by itself"] = round(page.evaluate(_SHIFTED), 2)  # less is a hair that nobody sees
    assert 0 < page.evaluate(_BYTES) < MOST_BYTES
    for look in SEEN_AS:
        LOOKS[look].put_on(page)
        wrong[look] = wrong_with(page)
    Look(NARROWEST).put_on(page)
    wrong["narrowest window"] = _out_of_place(page)
    LOOKS["1440-light"].put_on(page)
    with twice_the_text(page):
        wrong["twice the text"] = _out_of_place(page)
    assert {look: found for look, found in wrong.items() if found} == {}
    assert hosts == {urlsplit(pages.url).netloc}


def _out_of_place(page: Page) -> list[str]:
    wide = sticks_out(page)
    return [*([f"{wide} pixels too wide"] if wide > 0 else []), *cut_off(page)]


def test_the_first_run_is_accessible_and_leads_to_the_form(opened: Opens, tmp_path: Path) -> None:
    with web_pages(tmp_path) as empty:
        page = opened(signed_in=False)
        sign_in(page, empty)
        assert wrong_with(page) == []
        page.get_by_role("link", name="Connect a store").click()
        expect(page.get_by_role("heading", name="Create connection")).to_be_visible()


def test_the_pasted_file_fills_the_form_and_stays_in_the_browser(opened: Opens, pages: WebPages) -> None:
    page = opened()
    token = pages.access_token()
    page.goto(pages.url + "/connections/new")
    page.get_by_text("You have the downloaded .txt file?").click()
    answers: list[str] = []
    page.on("response", lambda answer: answers.append(answer.text()) if "/read" in answer.url else None)
    page.locator("#credentials").fill(
        f"ACCESS TOKEN: {token}\nCLIENT ID: made-up\nCLIENT SECRET: made-up-secret\nNAME: From a file\n"
        f"API PATH: https://api.bigcommerce.com/stores/{pages.store.store_hash}/v3/\n"
    )
    page.get_by_label("Subdomain").fill(pages.store.subdomain)
    expect(page.get_by_label("Store hash")).to_have_value(pages.store.store_hash)
    expect(page.get_by_text("The access token is taken from here")).to_be_visible()
    assert answers
    assert token not in "".join(answers)
    page.get_by_role("button", name="Save and verify").click()
    expect(page.get_by_role("heading", name="From a file")).to_be_visible()
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    for typed in (token, "made-up", "From a file"):
        assert typed not in kept
    page.get_by_role("link", name="Delete").click()
    page.get_by_label("Type its name").fill("From a file")
    page.get_by_role("button", name="Delete it here", exact=True).click()
    page.get_by_text("was deleted here").wait_for()


def test_the_keyboard_alone_leads_from_the_list_to_a_verification(
    opened: Opens, pages: WebPages, ids: dict[str, str]
) -> None:
    page = opened()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    wanted = page.get_by_role("link", name=LONG_NAME)
    for _ in range(40):
        page.keyboard.press("Tab")
        seen = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert seen != "none", page.evaluate("document.activeElement.outerHTML")
        if wanted.evaluate("link => link === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Verify now")
    for _ in range(40):
        page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("It was verified just now.")


def test_a_stopped_service_is_said_where_one_types_and_taken_back_when_it_answers(
    opened: Opens, pages: WebPages
) -> None:
    page = opened()
    page.goto(pages.url + "/connections/new")
    page.route("**/check/**", lambda route: route.abort("connectionrefused"))
    page.get_by_label("Name your connection").fill("Typed before")
    page.get_by_label("Subdomain").fill("shop")
    page.get_by_label("Store hash").focus()
    said = page.get_by_role("alert").filter(has_text="The service does not answer")
    expect(said).to_contain_text("companion serve")
    assert wrong_with(page) == []
    page.unroute("**/check/**")
    page.get_by_label("Store hash").fill("abc12")
    page.get_by_label("Channel ID").focus()
    expect(said).to_be_hidden()
    expect(page.get_by_label("Name your connection")).to_have_value("Typed before")


def test_a_tools_token_is_copied_from_the_screen_that_shows_it_once(opened: Opens, pages: WebPages) -> None:
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    page.goto(pages.url + "/tools/new")
    page.get_by_label("Name of the tool").fill("Browser tool")
    page.locator("#action-read").check()
    page.get_by_role("radio", name=re.compile("^All")).check()
    expect(page.get_by_label("Their names")).to_be_hidden()
    page.get_by_role("button", name="Make its API token").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#made").inner_text()
    assert wrong_with(page) == []
