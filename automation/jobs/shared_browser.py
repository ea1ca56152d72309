"""What one row of a batch has of what all of them share: a context in the browser, and the wish to stop."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from automation.browser.closing import close_in_time
from automation.jobs.batch_users import User
from automation.jobs.interruption import Interruption
from automation.jobs.run_options import Around

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

    from automation.browser.downloads import Downloads
    from automation.browser.session import BrowserSettings


class InterruptionOfARow(Interruption):
    """The wish of the whole run, as one row sees it; signals are not its own matter."""

    def __init__(self, whole: Interruption) -> None:
        self._whole = whole
        super().__init__()

    @property
    def requested(self) -> bool:
        return self._whole.requested

    @requested.setter
    def requested(self, _value: bool) -> None:
        return

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        yield  # breaking off by an exception would hit whichever row has its turn


class ContextOfARow(Around):
    """A row's context in the browser of all."""

    def __init__(self, browser: Browser, user: User) -> None:
        self._browser = browser
        self._user = user
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
        self._context = new_context(self._browser, headed=headed, storage_state=self._user.state)
        downloads.watch(self._context)
        try:
            yield self._context
        finally:
            close_in_time(self._context)

    def signed_in(self) -> None:
        """Keep the session for the other rows of this user."""
        if self._context is not None:
            self._user.state = self._context.storage_state()
            self._user.signing_in = False
