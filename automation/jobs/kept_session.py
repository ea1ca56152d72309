"""A retrieval whose browser begins with a kept session, and whose own session can be kept."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

from automation.core.errors import CodeNeeded, PersonNeeded, SignInNeeded, SignInRefused, UserLocked
from automation.core.session_cookies import cookies_of, session_text
from automation.jobs.run_options import Around
from automation.runners.clean_up import ConfirmingHands
from automation.runners.unattended import UnattendedHands
from companion.core.errors import CompanionError

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, StorageState

    from automation.browser.downloads import Downloads
    from automation.browser.session import BrowserSettings
    from automation.core.request import RetrievalRequest
    from companion.core.secret import Secret

_REFUSALS = (SignInNeeded, SignInRefused, CodeNeeded, UserLocked, PersonNeeded)


class WithSession(Around):
    """What is around a retrieval where a session is used or kept.

    Args:
        kept: the session to begin with.
        keep: whether the session of this run is wanted.

    Attributes:
        session_of_run: the session that this run signed in to; None where it was not wanted, or where the kept one was
            enough: using a session does not make it last longer.
    """

    def __init__(self, kept: Secret | None = None, *, keep: bool = False) -> None:
        self._kept = kept
        self._keep = keep
        self._context: BrowserContext | None = None
        self._hands: ConfirmingHands | None = None
        self.session_of_run: Secret | None = None

    @contextlib.contextmanager
    def session(
        self, settings: BrowserSettings, *, headed: bool, downloads: Downloads, say: Callable[[str], None]
    ) -> Iterator[BrowserContext]:
        """Give a fresh context that begins with the kept session's cookies, which go to the browser over its pipe."""
        from automation.browser.session import new_context, running_browser

        state = None if self._kept is None else {"cookies": cookies_of(self._kept), "origins": []}
        with running_browser(settings, headed=headed, say=say) as browser:
            context = new_context(browser, headed=headed, storage_state=cast("StorageState | None", state))
            downloads.watch(context)
            self._context = context
            yield context

    def begin(self, hands: ConfirmingHands, request: RetrievalRequest) -> RetrievalRequest:
        """Remember whose doing the sign-in is."""
        self._hands = hands
        return request

    def end(self, hands: ConfirmingHands) -> None:
        """Take the session of the run, in memory."""
        from playwright.sync_api import Error

        del hands
        if self._keep and self._context is not None and (self._kept is None or self.signed_in):
            with contextlib.suppress(Error):  # a browser that is gone has no session to keep; the connection is stored
                cookies: list[Any] = list(self._context.cookies())
                self.session_of_run = session_text(cookies)

    @property
    def begins_signed_in(self) -> bool:
        """Whether there is a session to begin with."""
        return self._kept is not None

    @property
    def signed_in(self) -> bool:
        """Whether the sign-in asked for anything, so that the session it began with was refused or had ended."""
        return isinstance(self._hands, UnattendedHands) and self._hands.signed_in

    def is_over(self, failure: CompanionError | None = None) -> bool:
        """Whether the session that the run began with is not to be used again."""
        return self._kept is not None and (self.signed_in or isinstance(failure, _REFUSALS))
