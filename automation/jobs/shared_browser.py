"""What one row of a batch has of what all of them share: a context in the browser, and the wish to stop."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from automation.jobs.batch_users import User
from automation.jobs.context_in_browser import ContextInBrowser
from automation.jobs.interruption import Interruption

if TYPE_CHECKING:
    from playwright.sync_api import Browser


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


class ContextOfARow(ContextInBrowser):
    """A row's context in the browser of all."""

    def __init__(self, browser: Browser, user: User) -> None:
        super().__init__(lambda: browser, lambda: user.state)
        self._user = user

    def signed_in(self) -> None:
        """Keep the session for the other rows of this user."""
        cookies = self.cookies()
        if cookies is not None:
            self._user.state = cookies
            self._user.signing_in = False
