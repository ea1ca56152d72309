"""A job's own context in a browser that other jobs use as well."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from automation.browser.closing import close_in_time
from automation.jobs.run_options import Around

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, StorageState

    from automation.browser.downloads import Downloads
    from automation.browser.session import BrowserSettings


class ContextInBrowser(Around):
    """A job's own context.

    Args:
        browser: gives the browser once the job begins.
        begins_with: gives the cookies of the user's session, in memory alone; None where there is no session.
    """

    def __init__(self, browser: Callable[[], Browser], begins_with: Callable[[], StorageState | None]) -> None:
        self._browser = browser
        self._begins_with = begins_with
        self._context: BrowserContext | None = None

    @contextlib.contextmanager
    def session(
        self,
        settings: BrowserSettings,
        *,
        headed: bool,
        downloads: Downloads,
        say: Callable[[str], None],
    ) -> Iterator[BrowserContext]:
        from automation.browser.session import new_context

        del settings, say
        self._context = new_context(self._browser(), headed=headed, storage_state=self._begins_with())
        downloads.watch(self._context)
        try:
            yield self._context
        finally:
            close_in_time(self._context)

    def cookies(self) -> StorageState | None:
        """Return the cookies of the context; None before there is one."""
        return None if self._context is None else self._context.storage_state()
