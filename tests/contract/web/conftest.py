"""The page without a browser: a real service on loopback, in front of a simulated store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from web_pages import Visitor, WebPages, web_pages

from simulated_store.api_switches import ApiSwitches


@pytest.fixture(scope="module")
def served_pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebPages]:
    with web_pages(tmp_path_factory.mktemp("service")) as served:
        yield served


@pytest.fixture
def pages(served_pages: WebPages) -> WebPages:
    """The service without a connection, and the simulated world new again."""
    served_pages.forget_all()
    served_pages.world.state.reset()
    served_pages.world.state.api = ApiSwitches()
    return served_pages


@pytest.fixture
def stranger(pages: WebPages) -> Iterator[Visitor]:
    visitor = Visitor(pages)
    yield visitor
    visitor.close()


@pytest.fixture
def visitor(stranger: Visitor, pages: WebPages) -> Visitor:
    """Signed in."""
    stranger.sign_in(pages.sign_in_path())
    return stranger
