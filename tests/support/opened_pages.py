"""Fixtures of the page's browser tests: a service with connections, and signed-in tabs that tolerate no trouble."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from chromium import chromium_path
from page_states import fill, sign_in
from playwright.sync_api import Browser, Page, sync_playwright
from retrieval_states import pages_with_retrievals
from web_pages import WebPages


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebPages]:
    with pages_with_retrievals(tmp_path_factory.mktemp("service")) as served:
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
