"""The retrieval against a bare Playwright script: the same clicks in the same browser, without any check."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from alternation import median_ratio
from playwright.sync_api import Browser

from automation.browser.downloads import Downloads
from automation.browser.session import browser_session
from automation.core.decide import decide
from automation.core.progress import Progress
from automation.core.request import Captured, RetrievalRequest
from automation.runners.loop import Run
from automation.runners.unattended import SignIn, UnattendedHands
from companion.core.secret import Secret
from companion.settings import load_settings
from simulated_store.serving.server import RunningStore, running
from simulated_store.state import SimulatedBigCommerce

LIMIT = 1.10
SCOPES = ("Storefront API tokens", "Storefront API customer impersonation tokens")

numbers = itertools.count(1000)


@pytest.fixture(scope="module")
def served() -> Iterator[RunningStore]:
    with running(SimulatedBigCommerce()) as store:
        yield store


@pytest.fixture(scope="module")
def browser(served: RunningStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    settings = load_settings(
        data_dir=tmp_path_factory.mktemp("data"), host_map=served.host_map, ca_file=served.ca_file, url=None
    )
    with browser_session(settings) as context:
        assert context.browser is not None
        yield context.browser


def retrieve(browser: Browser, served: RunningStore) -> Captured:
    """All that the product does from the sign-in page to the captured credentials."""
    owner = served.state.owner
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-US", accept_downloads=True)
    downloads = Downloads()
    downloads.watch(context)
    hands = UnattendedHands(
        context, downloads, SignIn(owner.email, Secret(owner.password)), check_before_save=lambda: None
    )
    captured = Run(decide, hands, Progress(RetrievalRequest(f"bench {next(numbers)}"))).capture()
    context.close()
    return captured


def click_through(browser: Browser, served: RunningStore) -> tuple[str, ...]:
    """What somebody would write in an hour: no check, no second look, no other form of any page.

    The same clicks in the same browser, and no wait that the retrieval goes without: a page is gone on with as soon as
    the next control is there.
    """
    owner = served.state.owner
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-US", accept_downloads=True)
    page = context.new_page()
    page.goto("https://login.bigcommerce.com/login", wait_until="commit")
    page.get_by_placeholder("Email Address").fill(owner.email)
    page.get_by_placeholder("Password").fill(owner.password)
    page.get_by_role("button", name="Log in", exact=True).click()
    panel = page.frame_locator("#content-iframe")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="View storefront").click()
    popup.value.wait_for_url("https://*.mybigcommerce.com/**", wait_until="domcontentloaded")
    subdomain = popup.value.url.removeprefix("https://").partition(".")[0]
    popup.value.close()
    store_hash = page.url.removeprefix("https://store-").partition(".")[0]
    page.get_by_role("menuitem", name="Settings").click()
    panel.get_by_text("Store-level API accounts", exact=True).click()
    panel.get_by_role("button", name="Create API account", exact=True).click()
    panel.get_by_label("Name", exact=True).fill(f"bench {next(numbers)}")
    for scope in SCOPES:
        block = panel.get_by_text(scope, exact=True).locator("xpath=ancestor::*[.//button][1]")
        block.get_by_role("switch", name="manage").click()
    with page.expect_download() as download:
        panel.get_by_role("button", name="Save", exact=True).click()
    path = Path(download.value.path())
    text = path.read_text()
    path.unlink()
    window = panel.get_by_role("dialog")
    token = window.get_by_label("Access token").input_value()
    window.get_by_label("Client ID").input_value()
    window.get_by_label("Client secret").input_value()
    window.get_by_role("button", name="Done").click()
    context.close()
    assert token in text
    return subdomain, store_hash, token


def test_checking_everything_costs_little_over_clicking_blindly(browser: Browser, served: RunningStore):
    def ours() -> None:
        captured = retrieve(browser, served)
        assert (captured.subdomain, captured.store_hash) == (store.subdomain, store.store_hash)
        empty()

    def bare() -> None:
        assert click_through(browser, served)[:2] == (store.subdomain, store.store_hash)
        empty()

    def empty() -> None:
        # A store takes 50 API accounts, and a longer list would be drawn more slowly.
        for account in list(store.api_accounts):
            store.delete_api_account(account.client_id)

    store = served.state.store

    assert median_ratio("retrieval", ours, bare, rounds=25) <= LIMIT
