"""The one browser of a worker, kept open from job to job in a thread of its own; each job has a context in it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from automation.jobs.context_in_browser import ContextInBrowser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, StorageState

    from automation.browser.session import BrowserSettings

T = TypeVar("T")

MOST_USES = 50
"""Jobs after which a new browser takes its place: what one holds on to for long is not known."""


class KeptBrowser:
    """A browser that is started when it is first needed, and again where it has ended.

    Playwright's objects belong to the thread that made them, so that every job goes through `do`.
    """

    def __init__(self, settings: BrowserSettings, *, headed: bool, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._headed = headed
        self._say = say
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="browser")
        self._stack = contextlib.ExitStack()
        self._browser: Browser | None = None
        self._uses = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def do(self, job: Callable[[], T]) -> T:
        """Run a job in the browser's thread, after those that came before."""
        return self._thread.submit(job).result()

    def browser(self) -> Browser:
        """Return the browser, for the thread that `do` runs jobs in. Raises `BrowserUnavailable`."""
        from automation.browser.session import running_browser

        if self._browser is not None and (self._uses >= MOST_USES or not self._browser.is_connected()):
            self._close()
        if self._browser is None:
            self._browser = self._stack.enter_context(
                running_browser(self._settings, headed=self._headed, say=self._say)
            )
            self._uses = 0
        self._uses += 1
        return self._browser

    def _close(self) -> None:
        self._browser = None
        stack, self._stack = self._stack, contextlib.ExitStack()
        with contextlib.suppress(Exception):  # one that was killed closes with an error
            stack.close()


class ContextInKeptBrowser(ContextInBrowser):
    """A job's context, which begins with the user's session, where there is one.

    Attributes:
        state: the cookies of the session; in memory alone.
    """

    def __init__(self, kept: KeptBrowser, state: StorageState | None) -> None:
        super().__init__(kept.browser, lambda: self.state)
        self.state = state

    def signed_in(self) -> None:
        """Keep the session for the jobs to come."""
        self.state = self.cookies() or self.state
