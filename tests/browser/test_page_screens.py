"""The web page in a real Chromium: every state at every width, what axe says of it, and the ways through it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import chromium_path
from page_states import ARABIC_NAME, LONG_NAME, SIGNED_OUT, STATES, Act, contexts, fill, go, sign_in
from playwright.sync_api import Browser, Page, expect, sync_playwright
from web_pages import WebPages, web_pages

pytestmark = pytest.mark.browser

# All that axe knows of WCAG 2.2 A and AA, and its own best practices.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LOOKS = ("360-light", "768-dark", "1440-light")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebPages]:
    with web_pages(tmp_path_factory.mktemp("service")) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path())
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def ids(pages: WebPages) -> dict[str, str]:
    return fill(pages)


Opens = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, pages: WebPages) -> Iterator[Opens]:
    """Opens signed-in tabs; an error on the console or of a script fails the test."""
    made = []
    troubles: list[str] = []

    def open_(*, signed_in: bool = True, **options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        made.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda told: troubles.append(told.text) if "Content Security" in told.text else None)
        if signed_in:
            sign_in(page, pages)
        return page

    yield open_
    for context in made:
        context.close()
    assert troubles == []


def wrong_with(page: Page) -> list[str]:
    """Return what axe finds, and how far something sticks out at the side."""
    found = Axe().run(page, options=RULES).response["violations"]
    told = [f"{each['id']}: {[node['html'][:160] for node in each['nodes'][:3]]}" for each in found]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*told, *([f"{wide} pixels too wide"] if wide > 0 else [])]


@pytest.mark.parametrize("look", LOOKS)
def test_every_state_is_accessible_and_fits(
    opened: Opens, browser: Browser, pages: WebPages, ids: dict[str, str], look: str
) -> None:
    options = contexts(browser)[look]
    stranger, page = opened(signed_in=False, **options), opened(**options)
    states: list[tuple[str, Act, Page]] = [(name, act, stranger) for name, act in SIGNED_OUT.items()]
    states += [(name, act, page) for name, act in STATES.items()]
    wrong = {}
    for name, act, where in states:
        act(where, pages, ids)
        if found := wrong_with(where):
            wrong[name] = found
    assert wrong == {}


def test_the_first_run_is_accessible_and_leads_to_the_form(opened: Opens, tmp_path: Path) -> None:
    with web_pages(tmp_path) as empty:
        page = opened(signed_in=False)
        sign_in(page, empty)
        assert wrong_with(page) == []
        page.get_by_role("link", name="Connect a store").click()
        expect(page.get_by_role("heading", name="Create connection")).to_be_visible()


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
    page.get_by_role("button", name="Delete it here").click()
    expect(page.get_by_text("was deleted here")).to_be_visible()


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
    page.get_by_label("Type its name").fill("from a file")
    page.get_by_role("button", name="Delete it here").click()
    page.get_by_text("was deleted here").wait_for()


def test_the_list_is_searched_while_one_types(opened: Opens, pages: WebPages, ids: dict[str, str]) -> None:
    page = opened()
    page.get_by_role("searchbox").fill("flower")
    expect(page.get_by_role("rowheader")).to_have_text([re.compile("Flowers & Co")])
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("searchbox").fill("nothing like this")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    page.get_by_role("searchbox").fill("الزهور")
    expect(page.get_by_role("rowheader")).to_contain_text(ARABIC_NAME)


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


def test_after_signing_out_the_back_button_shows_nothing(opened: Opens, pages: WebPages, ids: dict[str, str]) -> None:
    page = opened()
    go("/connections/{ready}")(page, pages, ids)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="You are signed out").wait_for()
    page.go_back()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(page.get_by_text(LONG_NAME)).to_have_count(0)


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
