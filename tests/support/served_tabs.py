"""Fixtures: services as processes of their own, and signed-in tabs at them that tolerate no trouble."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from programs import Program
from retrieving_service import RetrievingService, Serving

from companion.client import CompanionClient
from companion.core.secret import Secret


@pytest.fixture
def serve(program: Program) -> Iterator[Serving]:
    serving = Serving(program)
    yield serving
    serving.end()


@pytest.fixture
def signed_in(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a signed-in tab at a service; an error of a script or of the content policy fails the test."""
    contexts = []
    troubles: list[str] = []

    def open_(service: RetrievingService, **options: Any) -> Page:
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda told: troubles.append(told.text) if "Content Security" in told.text else None)
        token = Secret((service.program.place / "data" / "api-token").read_text().strip())
        with CompanionClient(service.url, token) as client:
            page.goto(client.sign_in_link().reveal())
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(service.url + "/")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []
