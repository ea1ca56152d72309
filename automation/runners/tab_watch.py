"""What a tab is waiting for, and how its last load ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request, Response

_LIFE_SIGNS = frozenset({"document", "xhr", "fetch", "script"})


class TabWatch:
    """What one tab is waiting for, and how its last load ended; kept by the browser's events."""

    def __init__(self, page: Page, number: int) -> None:
        self.number = number
        self.failure: str | None = None
        self.status: int | None = None
        self.asked_for = ""
        self._under_way: set[int] = set()
        page.on("request", self._began)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    @property
    def pending(self) -> int:
        return len(self._under_way)

    def _is_top(self, request: Request) -> bool:
        return request.is_navigation_request() and request.frame.parent_frame is None

    def _began(self, request: Request) -> None:
        if request.resource_type in _LIFE_SIGNS:
            self._under_way.add(id(request))
        if self._is_top(request):
            self.asked_for, self.failure, self.status = request.url, None, None

    def _ended(self, request: Request) -> None:
        self._under_way.discard(id(request))

    def _failed(self, request: Request) -> None:
        self._under_way.discard(id(request))
        # A download, or a load that another one replaced, is aborted too: the page that was there stays.
        if self._is_top(request) and request.url == self.asked_for and "ERR_ABORTED" not in (request.failure or ""):
            self.failure = request.failure or "the load failed"

    def _answered(self, response: Response) -> None:
        if self._is_top(response.request):
            self.status = response.status
