"""The try-out in a real Chromium: from an empty page to a connection to a simulated store, and nothing left of it."""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from axe_findings import wrong_with
from playwright.sync_api import Browser, Error, Page, expect
from retrieval_screen import RetrievalScreen

from companion.client import CompanionClient
from companion.settings import load_settings
from companion.wiring.service import RunningService, running_service

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups"),
]


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    # pytest's own folder has too long a name for a browser's socket.
    with tempfile.TemporaryDirectory(prefix="try-") as folder:
        (Path(folder) / "t").mkdir()
        monkeypatch.setenv("TMPDIR", str(Path(folder) / "t"))
        yield Path(folder)


@pytest.fixture
def service(place: Path) -> Iterator[RunningService]:
    """One that reaches BigCommerce itself, and has no connection."""
    settings = load_settings(data_dir=place / "data", key_file=place / "key.json", key_provider="file", url=None)
    with running_service(settings, public=True, log_stream=io.StringIO()) as running:
        yield running
    mine = {each.pid for each in psutil.Process().children(recursive=True)}
    below = [each.info["cmdline"] or [] for each in psutil.process_iter(["cmdline"]) if each.pid in mine]
    assert [each for each in below if "simulated_store.try_out" in each] == []
    assert list((place / "t").iterdir()) == []


@pytest.fixture
def page(browser: Browser, service: RunningService) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    with CompanionClient(service.url, service.api_token) as client:
        page.goto(client.sign_in_link().reveal())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(service.url + "/")
    yield page
    context.close()


def test_from_an_empty_page_to_a_connection_to_a_simulated_store_and_to_a_clean_end(
    page: Page, service: RunningService, place: Path
) -> None:
    page.get_by_role("button", name="Try it with a simulated store").click()
    expect(page.get_by_role("heading", name="The simulated store runs")).to_be_visible(timeout=60_000)
    assert wrong_with(page) == []
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open the try-out").press("Enter")
    theirs = opened.value
    theirs.get_by_role("button", name="Sign in").click()
    expect(theirs.get_by_text("Simulated store.", exact=True)).to_be_visible()
    address = theirs.url
    assert address != service.url + "/"
    theirs.get_by_role("link", name="Connect a store").click()
    theirs.get_by_role("link", name="Get these for me").click()
    screen = RetrievalScreen(theirs)
    screen.begin("Trial", unattended=True)
    screen.ends_as("The connection is stored")
    theirs.get_by_role("link", name="Open the connection").click()
    expect(theirs.get_by_text("Everything works")).to_be_visible()
    page.goto(service.url + "/")
    expect(page.get_by_role("heading", name="Connect your first store")).to_be_visible()  # none of it is here
    page.get_by_role("link", name="It runs: go there").click()
    assert wrong_with(page) == []
    page.get_by_role("button", name="End the try-out").click()
    expect(page.get_by_text("Nothing of it is left")).to_be_visible(timeout=120_000)
    with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
        theirs.goto(address)
    assert list((place / "t").iterdir()) == []


def test_it_ends_with_the_service_that_started_it(page: Page) -> None:
    page.get_by_role("button", name="Try it with a simulated store").click()
    expect(page.get_by_role("link", name="Open the try-out")).to_be_visible(timeout=60_000)
    # The rest is what the fixture of the service looks for after its end.
