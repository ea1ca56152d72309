"""A simulated store and a real Chromium that reaches it through a host map, without any of the automation."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chromium import chromium_for
from opened_pages import browser, ids, opened, pages  # noqa: F401  fixtures of the tests of the page
from playwright.sync_api import Browser, Page
from programs import Program
from served_tabs import serve, signed_in  # noqa: F401

from automation.browser.closing import close_in_time
from simulated_store.serving.server import RunningStore, running
from simulated_store.state import SimulatedBigCommerce, Store, Variants


@pytest.fixture(scope="module")
def served() -> Iterator[RunningStore]:
    with running(SimulatedBigCommerce()) as store:
        yield store


@pytest.fixture(scope="module")
def plain_chromium(served: RunningStore) -> Iterator[Browser]:
    """One browser a module: Playwright's driver would else stand in the way of other tests' own."""
    with chromium_for(served) as chromium:
        yield chromium


@pytest.fixture
def bigcommerce(served: RunningStore) -> SimulatedBigCommerce:
    """The served world, new again for each test."""
    served.state.reset()
    served.state.variants = Variants()
    return served.state


@pytest.fixture
def store(bigcommerce: SimulatedBigCommerce) -> Store:
    return bigcommerce.store


@pytest.fixture
def program(served: RunningStore, bigcommerce: SimulatedBigCommerce) -> Iterator[Program]:
    """`companion` as a process of its own that reaches the served world."""
    del bigcommerce
    # pytest's own folder has too long a name for a browser's socket; what is done then has its own test.
    with tempfile.TemporaryDirectory(prefix="program-") as place:
        yield Program(served, Path(place))


@pytest.fixture
def new_page(plain_chromium: Browser) -> Iterator[Callable[[], Page]]:
    """Opens pages, each in a browser context of its own; a script error on one of them fails the test."""
    contexts = []
    errors: list[str] = []

    def open_page() -> Page:
        contexts.append(plain_chromium.new_context())
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        close_in_time(context)
    assert errors == []


@pytest.fixture
def page(new_page: Callable[[], Page]) -> Page:
    return new_page()
