"""Where a joined browser's pages came from: told by what the browser says of each answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from automation.browser.servers import ServerCheck
from companion.core.errors import InvalidSetting
from companion.core.host_map import host_map_from_text

SIGN_IN, PANEL = "https://login.bigcommerce.com/login", "https://store-abc123.mybigcommerce.com/manage"
MAP = "*.mybigcommerce.com=127.0.0.1:8443,login.bigcommerce.com=127.0.0.1:8443"


class Tab:
    """A tab that shows a page, and what the browser tells of the answers it got."""

    def __init__(self) -> None:
        self.url = ""
        self.late: list[Any] = []
        self.check = ServerCheck(host_map_from_text(MAP))
        told: dict[str, Any] = {}
        self.check.watch(SimpleNamespace(on=told.__setitem__))  # type: ignore[arg-type]
        self._tell = told["response"]

    def answer(self, url: str, port: int | None = 8443) -> None:
        """The browser tells of an answer; without a port, not who gave it."""
        request = SimpleNamespace(
            is_navigation_request=lambda: True, frame=SimpleNamespace(parent_frame=None, page=self)
        )
        server = None if port is None else {"ipAddress": "127.0.0.1", "port": port}
        self._tell(SimpleNamespace(request=request, url=url, server_addr=lambda: server))

    def shows(self, url: str) -> None:
        """Ask whether something may be done in the tab while it shows this page."""
        self.url = url
        self.check.check(self)  # type: ignore[arg-type]

    def wait_for_timeout(self, _milliseconds: float) -> None:
        if self.late:
            self.answer(*self.late.pop())


def test_a_page_from_the_mapped_server_may_be_worked_in() -> None:
    tab = Tab()
    tab.answer(PANEL)
    tab.shows(PANEL)


@pytest.mark.parametrize("answers", [[], [(PANEL, 443)], [(PANEL, 8443), (PANEL, 443)], [(SIGN_IN, 8443)]])
def test_a_page_from_elsewhere_or_from_nowhere_known_may_not(answers: list[tuple[str, int]]) -> None:
    tab = Tab()
    for url, port in answers:
        tab.answer(url, port)
    with pytest.raises(InvalidSetting):
        tab.shows(PANEL)


def test_a_host_that_is_not_mapped_may_not() -> None:
    with pytest.raises(InvalidSetting, match="does not have it"):
        Tab().shows("https://elsewhere.example/")


def test_a_second_press_that_cuts_off_the_first_page_takes_nothing_away() -> None:
    tab = Tab()
    tab.answer(PANEL)
    tab.answer(PANEL, None)
    tab.shows(PANEL)


def test_a_page_that_the_browser_had_kept_is_gone_back_to() -> None:
    tab = Tab()
    tab.answer(SIGN_IN)
    tab.answer(PANEL)
    tab.shows(SIGN_IN)


def test_a_page_that_is_shown_before_the_browser_has_told_who_answered_is_waited_for() -> None:
    tab = Tab()
    tab.late = [(PANEL, 8443)]
    tab.shows(PANEL)
