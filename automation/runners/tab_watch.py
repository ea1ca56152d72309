"""What a tab is waiting for, and how its last load ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from automation.core.extract.addresses import is_bigcommerces

if TYPE_CHECKING:
    from playwright.sync_api import Page

_LIFE_SIGNS = frozenset({"document", "xhr", "fetch", "script"})
_ONLY_ASKS = frozenset({"GET", "HEAD", "OPTIONS"})
_MOVES = ("framenavigated", "domcontentloaded", "load", "close", "crash")
# Chromium's names, net/base/net_error_list.h, for a network that is away; what was aborted or blocked tells nothing.
_NETWORK_AWAY = tuple(
    f"net::ERR_{name}"
    for name in (
        "INTERNET_DISCONNECTED",
        "NETWORK_",
        "ADDRESS_UNREACHABLE",
        "NAME_NOT_RESOLVED",
        "CONNECTION_",
        "PROXY_",
    )
)


class TabWatch:
    """What one tab is waiting for, and how its last load ended; kept by the browser's events.

    A page makes some dozens of requests, and of each there are three events. Listened to by Playwright's synchronous
    API, every one of them would look up the listener's signature and run in a greenlet of its own; the listeners here
    only take notes, so they are called by what lies below it.

    Args:
        on_move: called when the tab shows another document, has read one to its end, or is gone.
    """

    def __init__(self, page: Page, number: int, on_move: Callable[[], None]) -> None:
        self.number = number
        self.failure: str | None = None
        self.status: int | None = None
        self.asked_for = ""
        self.lost: str | None = None
        self.crashed = False
        self.sent = 0
        self._under_way: set[int] = set()
        self._passed: set[str] = set()
        events: Any = page._impl_obj
        events.on("request", self._began)
        events.on("requestfinished", self._ended)
        events.on("requestfailed", self._failed)
        events.on("response", self._answered)
        events.on("crash", self._crash)
        events.on("framenavigated", self._navigated)
        for event in _MOVES:
            events.on(event, lambda *_: on_move())

    @property
    def pending(self) -> int:
        return len(self._under_way)

    def take_passed(self) -> frozenset[str]:
        """Return the addresses that the tab has shown since this was last asked."""
        passed, self._passed = frozenset(self._passed), set()
        return passed

    def _navigated(self, frame: Any) -> None:
        if frame.parent_frame is None:
            self._passed.add(frame.url)

    def _is_top(self, request: Any) -> bool:
        return bool(request.is_navigation_request()) and request.frame.parent_frame is None

    def _began(self, request: Any) -> None:
        if request.resource_type in _LIFE_SIGNS:
            self._under_way.add(id(request))
            self.sent += request.method not in _ONLY_ASKS
        if self._is_top(request):
            self.asked_for, self.failure, self.status = request.url, None, None

    def _ended(self, request: Any) -> None:
        self._under_way.discard(id(request))

    def _failed(self, request: Any) -> None:
        self._under_way.discard(id(request))
        failure = request.failure or ""
        if failure.startswith(_NETWORK_AWAY) and is_bigcommerces(request.url):
            self.lost = failure
        # A download, or a load that another one replaced, is aborted too: the page that was there stays.
        if self._is_top(request) and request.url == self.asked_for and "ERR_ABORTED" not in (request.failure or ""):
            self.failure = request.failure or "the load failed"

    def _crash(self, _page: Any) -> None:
        self.crashed, self.failure = True, "that the page crashed"
        self._under_way.clear()

    def _answered(self, response: Any) -> None:
        if self.lost is not None and is_bigcommerces(response.url):
            self.lost = None
        if self._is_top(response.request):
            self.status = response.status
