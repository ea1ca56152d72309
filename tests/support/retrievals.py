"""Retrievals in a real browser context, against the simulated store, without hand-over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page
from transcripts import told

from automation.browser.closing import close_in_time
from automation.browser.downloads import Downloads
from automation.browser.session import LOCALE, VIEWPORT_HEIGHT, VIEWPORT_WIDTH
from automation.core.actions import Command, Removal
from automation.core.decide import decide
from automation.core.errors import AutomationError
from automation.core.progress import Progress
from automation.core.request import Captured, RetrievalRequest
from automation.core.snapshot import Observation
from automation.runners.clean_up import take_back
from automation.runners.loop import Run, StepReport
from automation.runners.unattended import SignIn, UnattendedHands
from companion.core.secret import Secret
from simulated_store.people.user import User
from simulated_store.state import ApiAccount, SimulatedBigCommerce

NAME = "Companion test k3v9q2x7"
Before = Callable[[str], None]
"""Called with each command, in words, before it is carried out."""


@dataclass
class Retrieval:
    """One unattended run; what it did and what it left at the store.

    Attributes:
        before: called with each action in words before it is carried out, so that a test can meddle.
    """

    browser: Browser
    bigcommerce: SimulatedBigCommerce
    user: User
    sign_in: SignIn | None = None
    before: Before = lambda _action: None
    check_before_save: Callable[[], None] = lambda: None
    log: list[str] = field(default_factory=list)
    reports: list[StepReport] = field(default_factory=list)
    removal: Removal | None = None
    _context: BrowserContext | None = None

    def captures(self, **request: object) -> Captured:
        """Run until everything is captured."""
        result = self.ends(**request)
        assert isinstance(result, Captured), f"{type(result).__name__}: {result} after {self.log}"
        return result

    def stops(self, kind: type[AutomationError], **request: object) -> AutomationError:
        """Run until it stops with exactly this error."""
        error = self.fails(**request)
        assert type(error) is kind, f"{type(error).__name__}: {error} after {self.log}"
        return error

    def fails(self, **request: object) -> AutomationError:
        """Run until it stops."""
        result = self.ends(**request)
        assert isinstance(result, AutomationError), f"{result} after {self.log}"
        return result

    def page(self) -> Page:
        """The tab of the control panel, for a test that meddles."""
        assert self._context is not None
        return self._context.pages[0]

    @property
    def accounts(self) -> list[ApiAccount]:
        """The API accounts of all stores that bear the run's name."""
        return [each for store in self.bigcommerce.stores.values() for each in store.api_accounts if each.name == NAME]

    @property
    def saves(self) -> int:
        """How often the store was asked to save an API account."""
        return sum(
            each.method == "POST" and each.path == "/admin/app-api/api-accounts" for each in self.bigcommerce.requests
        )

    def ends(self, **request: object) -> Captured | AutomationError:
        """Run until everything is captured, or it stops; then what was created is taken back."""
        context = self.browser.new_context(
            viewport={"width": VIEWPORT_WIDTH, "height": VIEWPORT_HEIGHT},
            locale=LOCALE,
            accept_downloads=True,
            permissions=[],
        )
        self._context = context
        downloads = Downloads()
        downloads.watch(context)
        sign_in = self.sign_in or SignIn(self.user.email, Secret(self.user.password))
        hands = UnattendedHands(context, downloads, sign_in, check_before_save=self.check_before_save)
        wanted = RetrievalRequest(**{"api_account_name": NAME, **request})  # type: ignore[arg-type]
        run = Run(self._decide, hands, Progress(wanted), on_step=self.reports.append)
        try:
            return run.capture()
        except AutomationError as error:
            self.removal = take_back(hands, run.progress)
            return error
        finally:
            close_in_time(context)

    def _decide(self, progress: Progress, seen: Observation) -> tuple[Progress, Command]:
        progress, command = decide(progress, seen)
        words = told(command)
        if not words.endswith(": wait"):
            self.log.append(words)
            self.before(words)
        return progress, command
