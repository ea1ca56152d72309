"""Guided retrievals with a scripted person in a real browser, against the simulated store, without hand-over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from persons import Person
from playwright.sync_api import Browser, BrowserContext, Page
from retrievals import NAME

from automation.browser.closing import close_in_time
from automation.browser.downloads import Downloads
from automation.browser.session import LOCALE, VIEWPORT_HEIGHT, VIEWPORT_WIDTH
from automation.core.actions import Removal
from automation.core.errors import AutomationError
from automation.core.progress import Progress
from automation.core.request import Captured, RetrievalRequest
from automation.core.snapshot import Observation
from automation.runners.clean_up import take_back
from automation.runners.guided import GuidedHands
from automation.runners.loop import Run, StepReport
from automation.runners.unattended import SignIn
from simulated_store.state import SimulatedBigCommerce


class PeopledHands(GuidedHands):
    """Hands that let a person have their turn whenever they wait for one."""

    person: Person | None = None
    glance: Callable[[], None] = staticmethod(lambda: None)  # type: ignore[assignment]
    before_look: Callable[[], None] = staticmethod(lambda: None)  # type: ignore[assignment]

    def observe(self) -> Observation:
        self.before_look()
        return super().observe()

    def pause(self) -> None:
        if self.person is not None:
            self.person.turn()
        super().pause()

    def wait(self) -> None:
        self.glance()
        super().wait()


@dataclass
class GuidedRun:
    """One guided run with a person; what it did and what it left at the store.

    Attributes:
        sign_in: what the helper may type when it is asked to.
        glance: called while the run waits for the page rather than for the person.
        before_look: called each time before the run looks at its pages.
        size: of the window's inside, in CSS pixels.
    """

    browser: Browser
    bigcommerce: SimulatedBigCommerce
    sign_in: SignIn = field(default_factory=lambda: SignIn(None, None))
    check_before_save: Callable[[], None] = lambda: None
    glance: Callable[[], None] = lambda: None
    before_look: Callable[[], None] = lambda: None
    cover: bool = True
    size: tuple[int, int] = (VIEWPORT_WIDTH, VIEWPORT_HEIGHT)
    reports: list[StepReport] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    removal: Removal | None = None
    dealt_with: int = 0
    context: BrowserContext | None = None

    def page(self) -> Page | None:
        """The first tab, in which the run works."""
        pages = self.context.pages if self.context is not None else []
        return pages[0] if pages else None

    @property
    def statuses(self) -> dict[str, str | None]:
        return {str(report.id): report.status for report in self.reports}

    @property
    def saves(self) -> int:
        """How often the store was asked to save an API account."""
        return sum(
            each.method == "POST" and each.path == "/admin/app-api/api-accounts" for each in self.bigcommerce.requests
        )

    def captures(self, person: Person, **request: object) -> Captured:
        """Run until everything is captured."""
        result = self.ends(person, **request)
        assert isinstance(result, Captured), f"{type(result).__name__}: {result} after {person.did}"
        return result

    def ends(self, person: Person, **request: object) -> Captured | AutomationError:
        """Run until everything is captured, or it stops; then what was created is taken back."""
        context = self.browser.new_context(
            viewport={"width": self.size[0], "height": self.size[1]},
            locale=LOCALE,
            accept_downloads=True,
            permissions=[],
        )
        self.context = context
        downloads = Downloads()
        downloads.watch(context)
        hands = PeopledHands(
            context,
            downloads,
            self.sign_in,
            check_before_save=self.check_before_save,
            cover=self.cover,
            say=self.said.append,
        )
        hands.person, hands.glance, hands.before_look = person, self.glance, self.before_look
        wanted = RetrievalRequest(**{"api_account_name": NAME, **request})  # type: ignore[arg-type]
        run = Run(hands.decide, hands, Progress(wanted), on_step=self.reports.append, credited=hands.credited)
        try:
            return run.capture()
        except AutomationError as error:
            self.removal = take_back(hands, run.progress)
            return error
        finally:
            self.dealt_with = hands.dealt_with
            close_in_time(context)
