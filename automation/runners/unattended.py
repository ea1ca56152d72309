"""Hands that click and type by themselves."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from automation.core.actions import (
    Action,
    ByHand,
    CheckBeforeSave,
    Choose,
    CloseTab,
    EnterCode,
    EnterSignIn,
    Open,
    Press,
    Scroll,
    Type,
)
from automation.core.errors import BrowserUnavailable, CodeNeeded, SignInNeeded
from automation.core.extract.element import Control
from automation.core.extract.messages import binds
from automation.core.flows.retrieval import StepId
from automation.core.snapshot import DownloadedText, Observation, PageSnapshot, Tab
from automation.pages.locate import announce_at_top, click_through, locate, scroll
from automation.pages.reader import PageReader
from automation.runners.tab_watch import TabWatch
from companion.core.redaction import redacted
from companion.core.secret import Secret

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Dialog, ElementHandle, Page

# How long a click may wait for its control to be visible, still and uncovered before the page is looked at again.
_CLICK_MS = 1500.0
_FILL_MS = 3000.0
# A load goes on after this; what it came to shows in the observations, where the request's patience counts.
_LOAD_MS = 2000.0
_REST_MS = 25.0
# Seconds. A page that has changed is looked at at once after something was done in it, since that is what is waited
# for, and then less and less soon, for each look takes time from the page. What changes unheard of, as a field that a
# script fills in, is seen after the longest time.
_SOONEST, _SOON_ENOUGH = 0.004, 0.025
_LATEST = 0.1
T = TypeVar("T")


class Downloads(Protocol):
    """The text files that the browser downloaded since the start of the run."""

    def texts(self) -> tuple[DownloadedText, ...]:
        """Return the finished ones, oldest first; each is deleted from the disk once read."""
        ...

    def tell(self, when_read: Callable[[], None]) -> None:
        """Call `when_read` from now on whenever one was read."""
        ...


@dataclass(frozen=True)
class SignIn:
    """What an unattended sign-in needs.

    Attributes:
        authenticator_code: gives the current code of an authenticator app; None where no secret is set.
        emailed_code: gives the e-mailed code; None where no command for it is set.
    """

    email: str | None
    password: Secret | None
    authenticator_code: Callable[[], Secret] | None = None
    emailed_code: Callable[[], Secret] | None = None


class UnattendedHands:
    """Clicks and types in a browser context, without a person."""

    def __init__(
        self,
        context: BrowserContext,
        downloads: Downloads,
        sign_in: SignIn,
        *,
        check_before_save: Callable[[], None],
        own_tab: bool = False,
        on_page: Callable[[Page], None] = lambda _page: None,
        check_page: Callable[[Page], None] = lambda _page: None,
        leaves_questions: bool = False,
    ) -> None:
        """Take over a context.

        Args:
            own_tab: whether the tabs that are there are somebody else's, and stay as they are.
            on_page: called with every tab that becomes one of this run.
            check_page: raises where nothing may be done in a tab; called each time before something is.
            leaves_questions: whether the browser's own questions are left to a person.
        """
        self._downloads = downloads
        self._reader = PageReader()
        self._told = asyncio.Event()
        self._soon = _SOONEST
        downloads.tell(self._told.set)
        self._sign_in = sign_in
        self._check_before_save = check_before_save
        self._context = context
        self._pages: dict[int, Page] = {}
        self._watches: dict[int, TabWatch] = {}
        self._ours: set[int] = set()
        self._opening = False
        # A load that a slow machine begins late tells of no request yet; asked for once more, it would come twice.
        self._late: set[int] = set()
        self._instead_of: int | None = None
        self._blocked = False
        self._notices: list[str] = []
        self._saving = False
        self.confirms = False
        """Whether the browser's own questions are answered with yes: only while something is deleted on purpose."""
        self.dealt_with = 0
        """How many codes, choices and challenges a person dealt with: none."""
        self.signed_in = False
        """Whether the sign-in asked for anything, so that a session it began with, if any, was not enough."""
        self._on_page = on_page
        self._check_page = check_page
        self._leaves_questions = leaves_questions
        self._own_tab = own_tab
        if own_tab:
            for page in context.pages:
                page.on("dialog", lambda _dialog: None)
            self._meet(context.new_page())
        for page in () if own_tab else context.pages:
            self._meet(page)
        context.on("page", self._meet)
        if not self._pages:
            context.new_page()

    def observe(self) -> Observation:
        """Return what the browser shows now."""
        from playwright.sync_api import Error

        self._told.clear()
        self._pages = {number: page for number, page in self._pages.items() if not page.is_closed()}
        tabs: list[Tab] = []
        if self._pages:
            (_, first), *others = opened = list(self._pages.items())
            with contextlib.suppress(Error):
                read = self._reader.read_all(first, [page for _, page in others])
                tabs = [self._tab(number, pages) for (number, _), pages in zip(opened, read, strict=True)]
        blocked, self._blocked = self._blocked, False
        notices, self._notices = tuple(self._notices), []
        return Observation(time.monotonic(), tuple(tabs), self._downloads.texts(), blocked, notices)

    def wait(self) -> None:
        """Return when something may have changed; what is waited for is a condition on the next observation."""
        from playwright.sync_api import Error

        page = self._first_open()
        if page is not None:
            with contextlib.suppress(Error):
                self._reader.wait_for_change(page, self._told, at_least=self._soon, at_most=_LATEST)
        self._soon = min(2 * self._soon, _SOON_ENOUGH)

    def rest(self) -> None:
        """Let the browser go on for a moment, whatever it shows."""
        from playwright.sync_api import Error

        page = self._first_open()
        if page is not None:
            with contextlib.suppress(Error):
                page.wait_for_timeout(_REST_MS)

    def act(self, step: StepId, action: Action) -> bool:
        """Carry out one action; a control that is gone or covered shows in the next observation."""
        from playwright.sync_api import Error

        self._saving = step is StepId.SAVE and isinstance(action, Press)
        self._soon = _SOONEST
        try:
            self.check_page(action)
            match action:
                case Open(url, tab):
                    self._open(url, tab)
                case CloseTab(tab):
                    self._pages[tab].close()
                case Press(control, tab, forced):
                    self._press(control, tab, forced=forced)
                case Type(control, text, tab):
                    self._fill(control, text, tab)
                case Choose(control, option, tab):
                    found = self._located(control, tab)
                    if found is not None:
                        found.select_option(label=option, timeout=_FILL_MS)
                case Scroll(control, to, tab):
                    page = self.page(tab)
                    self._blocked = page is None or not scroll(page, control, to)
                case EnterSignIn(email, password, submit):
                    self.signed_in = True
                    self._enter_sign_in(email, password, submit)
                case EnterCode(field, submit, from_authenticator, boxes):
                    self.signed_in = True
                    code = self._code(from_authenticator=from_authenticator).reveal()
                    if len(boxes) == len(code):
                        for box, digit in zip(boxes, code, strict=True):
                            self._fill(box, digit, 0)
                    else:
                        self._fill(field, code, 0)
                    self._submit(submit, boxes[-1] if boxes else field)
                case CheckBeforeSave():
                    self._check_before_save()
        except Error as failure:
            self._judge(failure, step)
        return True

    def check_page(self, action: Action) -> None:
        """Make sure that something may be pressed, typed or shown where an action takes place.

        Raises:
            CompanionError: as `check_page` of the constructor.
        """
        if not isinstance(action, Open | CloseTab | CheckBeforeSave | ByHand):
            page = self.page(action.tab if isinstance(action, Press | Type | Choose | Scroll) else 0)
            if page is not None:
                self._check_page(page)

    def leave(self) -> None:
        """Close the tabs of this run, where the browser is somebody's and goes on."""
        from playwright.sync_api import Error

        for number in self._ours:
            with contextlib.suppress(Error, KeyError):
                self._pages[number].close()

    def agrees_to_delete_left(self, account: str, interrupted: Callable[[], bool]) -> bool | None:
        """Whether an account that a killed run may have left is to be deleted; nobody is there to be asked."""
        del account, interrupted
        return True

    def handing_over(self, deliver: Callable[[], T]) -> T:
        """Do the hand-over; nobody watches the page meanwhile."""
        return deliver()

    def page(self, tab: int) -> Page | None:
        """Return an open tab; None where it was closed."""
        page = self._pages.get(tab)
        return None if page is None or page.is_closed() else page

    def came_of_the_run(self, tab: int) -> bool:
        """Whether a tab was opened by this run or out of one of its tabs, and not by a person beside it."""
        return tab in self._ours

    def announce_at_top(self, what: str) -> None:
        """Tell the panel in the main tab's top document what is about to happen in a frame of it."""
        page = self.page(0)
        if page is not None:
            announce_at_top(page, what)

    def _first_open(self) -> Page | None:
        return next((page for page in self._pages.values() if not page.is_closed()), None)

    def _tab(self, number: int, pages: tuple[PageSnapshot, ...]) -> Tab:
        watch, top = self._watches[number], pages[0]
        if watch.failure is not None:
            # The browser shows a page of its own instead; what was asked for is what counts.
            pages = (PageSnapshot(watch.asked_for, "", 0, top.document),)
        elif (watch.pending or number in self._late) and not top.document:
            pages = (replace(top, ready="loading"), *pages[1:])
        passed = watch.take_passed()
        return Tab(number, pages, watch.failure, watch.status, watch.pending, watch.lost, watch.sent, passed)

    def _judge(self, failure: Exception, step: StepId) -> None:
        # Playwright's messages quote the page, so nothing of them is passed on.
        text = str(failure)
        if "has been closed" in text or "Target closed" in text or "Connection closed" in text:
            if not any(not page.is_closed() for page in self._pages.values()):
                raise BrowserUnavailable(
                    "The browser was closed before the retrieval was done.",
                    next_step="Start again, and leave the window open.",
                    step=step,
                ) from None
            return
        # "performing" is logged when the click is sent: from then on it may have reached the page.
        self._blocked = "performing click" not in text and "net::" not in text

    def _open(self, url: str, tab: int | None) -> None:
        from playwright.sync_api import TimeoutError as NotInTime

        if tab is None:
            page = self._new_page()
        elif self._watches[tab].crashed:  # nothing can be loaded in it any more
            page = self._new_page_instead_of(tab)
        else:
            page = self._pages[tab]
        try:
            page.goto(url, wait_until="commit", timeout=_LOAD_MS)
        except NotInTime:
            if tab is not None:
                self._late.add(tab)

    def _press(self, control: Control, tab: int, *, forced: bool = False) -> None:
        if forced or not control.shown:
            page = self.page(tab)
            self._blocked = page is None or not click_through(page, control)
            return
        found = self._located(control, tab)
        if found is None:
            self._blocked = True
        else:
            found.click(timeout=_CLICK_MS, no_wait_after=True)

    def _fill(self, control: Control, text: str, tab: int) -> None:
        found = self._located(control, tab)
        if found is None:
            self._blocked = True
        else:
            found.fill(text, timeout=_FILL_MS)

    def _located(self, control: Control, tab: int) -> ElementHandle | None:
        page = self.page(tab)
        return None if page is None else locate(page, control)

    def _enter_sign_in(self, email: Control | None, password: Control | None, submit: Control | None) -> None:
        if not self._sign_in.email or not self._sign_in.password:
            missing = "BIGCOMMERCE_EMAIL" if not self._sign_in.email else "BIGCOMMERCE_PASSWORD"
            raise SignInNeeded(
                "BigCommerce asks to sign in.",
                why=f"{missing} is not set.",
                next_step="Set BIGCOMMERCE_EMAIL and BIGCOMMERCE_PASSWORD for an unattended sign-in.",
                step=StepId.SIGN_IN,
            )
        if email is not None:
            self._fill(email, self._sign_in.email, 0)
        if password is not None:
            self._fill(password, self._sign_in.password.reveal(), 0)
        last = password or email
        if last is not None:
            self._submit(submit, last)

    def _submit(self, submit: Control | None, field: Control) -> None:
        from playwright.sync_api import Error

        if submit is not None:
            try:
                self._press(submit, 0)
            except Error as failure:
                if "performing click" in str(failure):
                    raise
                self._blocked = True
            if not self._blocked:
                return
            self._blocked = False  # something lies over the button, which the keyboard does not mind
        found = self._located(field, 0)
        if found is not None:
            found.press("Enter", timeout=_FILL_MS, no_wait_after=True)

    def _code(self, *, from_authenticator: bool) -> Secret:
        sources = [self._sign_in.authenticator_code, self._sign_in.emailed_code]
        if not from_authenticator:
            sources.reverse()
        source = next((source for source in sources if source is not None), None)
        if source is None:
            raise CodeNeeded(
                "BigCommerce asks for a one-time code.",
                why="Neither BIGCOMMERCE_TOTP_SECRET nor COMPANION_VERIFICATION_CODE_COMMAND is set.",
                next_step="Set the one that fits how this user gets codes: the authenticator's secret, or a command "
                "whose first output line is the e-mailed code.",
                step=StepId.SIGN_IN,
            )
        return source()

    def _meet(self, page: Page) -> None:
        if any(known is page for known in self._pages.values()):
            return
        number = len(self._watches) if self._instead_of is None else self._instead_of
        self._pages[number] = page
        self._watches[number] = TabWatch(page, number, self._told.set)
        self._told.set()
        if number == 0 or self._opening or self._comes_of_ours(page):
            self._ours.add(number)
            self._on_page(page)
            page.on("dialog", self._on_dialog)
        elif self._own_tab:
            page.on("dialog", lambda _dialog: None)  # it stays open; without this, Playwright would answer it
        else:
            page.on("dialog", self._on_dialog)

    def _new_page(self) -> Page:
        self._opening = True
        try:
            return self._context.new_page()
        finally:
            self._opening = False

    def _new_page_instead_of(self, number: int) -> Page:
        from playwright.sync_api import Error

        crashed, self._instead_of = self._pages[number], number
        try:
            page = self._new_page()
        finally:
            self._instead_of = None
        with contextlib.suppress(Error):
            crashed.close()
        return page

    def _comes_of_ours(self, page: Page) -> bool:
        opener = page.opener()
        return any(self._pages.get(number) is opener for number in self._ours) if opener is not None else False

    def _on_dialog(self, dialog: Dialog) -> None:
        self._notices.append(redacted(dialog.message))
        self._told.set()
        # Leaving a page is always our own doing, and so is Save; every other question is answered with no.
        if dialog.type in {"beforeunload", "alert"} or self.confirms:
            dialog.accept()
        elif self._leaves_questions:
            return
        elif self._saving and dialog.type == "confirm" and not binds(dialog.message):
            dialog.accept()
        else:
            dialog.dismiss()
