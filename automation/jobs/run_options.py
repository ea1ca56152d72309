"""How a job in the control panel is done: in which browser, by whom, and who is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from automation.core.errors import BrowserUnavailable
from automation.core.guidance import Guidance
from automation.core.request import Captured, RetrievalRequest
from automation.jobs.interruption import Interruption
from automation.jobs.left_accounts import Noting
from automation.jobs.reports import OnStep
from automation.runners.clean_up import ConfirmingHands
from automation.runners.loop import Decide
from automation.runners.orders import Orders

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from automation.browser.downloads import Downloads
    from automation.browser.session import BrowserSettings
    from automation.runners.unattended import SignIn, UnattendedHands


class Around:
    """What another job does around a retrieval, in the same browser; by itself nothing."""

    def session(
        self,
        settings: BrowserSettings,
        *,
        headed: bool,
        downloads: Downloads,
        say: Callable[[str], None],
    ) -> AbstractContextManager[BrowserContext]:
        """Give the browser context of the retrieval; a fresh browser of its own unless another job has one."""
        from automation.browser.session import browser_session

        return browser_session(settings, headed=headed, downloads=downloads, say=say)

    def begin(self, hands: ConfirmingHands, request: RetrievalRequest) -> RetrievalRequest:
        """Do what comes first; returns the request as it is known then."""
        del hands
        return request

    def before_hand_over(self, hands: ConfirmingHands, captured: Captured) -> None:
        """Judge what was captured; what this raises takes the new API account back."""

    def end(self, hands: ConfirmingHands) -> None:
        """Do what comes last. The connection is stored: this raises nothing."""


@dataclass(frozen=True)
class GuideSettings:
    """How a person is guided.

    Attributes:
        cover: whether the values in the credentials window are covered while it is open.
        alone: with orders: whether nobody has promised to be at the browser, as in an unattended run that is shown.
        on_show: told what the panel in the page shows from now on.
    """

    cover: bool = True
    alone: bool = False
    on_show: Callable[[Guidance], None] = lambda _guidance: None


@dataclass(frozen=True)
class RunOptions:
    """How a job is done.

    Attributes:
        guide: how a person is guided who does it, or leaves it to the helper; None for an unattended run.
        attach: the address of a running browser to join; None starts one.
        on_step: called as each step ends.
        say: called with a line where something takes long, as installing a browser.
        interruption: an entered one, where signals are to stop the run in order.
        around: what else is done in the same browser.
        noting: how the account to be made is noted, should this process be killed; None notes none.
        orders: what is asked of the run while it goes on, by somebody who watches it from elsewhere; with them, a
            guided run does by itself what it can. None where nobody does.
        watching: given the rule of the run, returns the rule with a look at each observation.
        looks_subdomain_up: whether a subdomain that the storefront does not show is asked for, and corrected, by this
            run; else the service does it when the connection is verified.
        verifies: whether the connection is proven at the end; else that is left to who started the run.
    """

    settings: BrowserSettings
    sign_in: SignIn
    headed: bool = False
    guide: GuideSettings | None = None
    attach: str | None = None
    on_step: OnStep = lambda _report: None
    say: Callable[[str], None] = lambda _line: None
    interruption: Interruption = field(default_factory=Interruption)
    clock: Callable[[], float] = time.monotonic
    around: Around = field(default_factory=Around)
    noting: Noting | None = None
    orders: Orders | None = None
    watching: Callable[[Decide], Decide] = lambda decide: decide
    looks_subdomain_up: bool = True
    verifies: bool = True


@contextmanager
def making_nothing(options: RunOptions, request: RetrievalRequest) -> Iterator[UnattendedHands]:
    """Give hands for a job that makes no API account, in the browser that is around it.

    Args:
        request: what the job looks for.
    """
    from automation.browser.downloads import Downloads
    from automation.runners.unattended import UnattendedHands

    downloads = Downloads()
    session = options.around.session(options.settings, headed=options.headed, downloads=downloads, say=options.say)
    try:
        with session as context:
            hands = UnattendedHands(context, downloads, options.sign_in, check_before_save=lambda: None)
            options.around.begin(hands, request)
            yield hands
    except BrowserUnavailable as failure:
        raise options.interruption.instead_of(failure) from None
