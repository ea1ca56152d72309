"""A tab that crashes in the midst of a run, in a real Chromium: the run goes on in another, or says what there is."""

from __future__ import annotations

import contextlib

import pytest
from guided_runs import GuidedRun
from persons import Person, Seen
from playwright.sync_api import Browser, Error, Page
from retrievals import Retrieval

from automation.core.actions import Command
from automation.core.errors import AutomationError
from automation.core.progress import Progress
from automation.core.request import Captured
from automation.core.snapshot import Observation
from automation.runners.unattended import SignIn
from companion.core.secret import Secret
from simulated_store.state import SimulatedBigCommerce

pytestmark = [pytest.mark.browser, pytest.mark.sampled(2, group="crashed tabs")]


def crash(page: Page) -> None:
    """Let the tab crash, as Chromium's own address for it does."""
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash", timeout=5000)


class CrashesAfterSave(Retrieval):
    """A run whose tab crashes as soon as the store was asked to save."""

    crashed = False

    def _decide(self, progress: Progress, seen: Observation) -> tuple[Progress, Command]:
        if self.saves and not self.crashed:
            self.crashed = True
            crash(self.page())
        return super()._decide(progress, seen)


@pytest.mark.parametrize(
    "step", ["open-storefront", "open-api-accounts", "create-api-account", "enter-name", "set-scopes"]
)
def test_before_save_the_run_goes_on_in_another_tab(
    plain_chromium: Browser, bigcommerce: SimulatedBigCommerce, step: str
) -> None:
    crashed: list[str] = []

    def meddle(action: str) -> None:
        if action.startswith(step) and not crashed:
            crashed.append(action)
            crash(run.page())

    run = Retrieval(plain_chromium, bigcommerce, bigcommerce.owner, before=meddle)
    captured = run.captures()
    [account] = bigcommerce.store.api_accounts
    assert crashed
    assert (captured.api_account_name, captured.access_token.reveal()) == (account.name, account.access_token)


def test_after_save_nothing_is_left_or_it_is_named(plain_chromium: Browser, bigcommerce: SimulatedBigCommerce) -> None:
    run = CrashesAfterSave(plain_chromium, bigcommerce, bigcommerce.owner)
    result = run.ends()
    assert run.crashed
    if isinstance(result, AutomationError):
        assert run.accounts == []
        assert run.removal is not None
    else:
        [account] = bigcommerce.store.api_accounts
        assert result.access_token.reveal() == account.access_token


@pytest.mark.parametrize("number", [2, 6, 9])
def test_guided_the_run_goes_on_in_another_tab(
    plain_chromium: Browser, bigcommerce: SimulatedBigCommerce, number: int
) -> None:
    crashed: list[str] = []

    def meddle(seen: Seen, page: Page) -> bool:
        if f"Step {number} of" in seen.texts["step"] and not crashed:
            crashed.append(seen.what)
            crash(page)
            return True
        return False

    run = GuidedRun(plain_chromium, bigcommerce)
    run.sign_in = SignIn(bigcommerce.owner.email, Secret(bigcommerce.owner.password))
    result = run.ends(Person(run.page, bigcommerce.owner, on_turn=meddle))
    assert crashed
    assert isinstance(result, Captured), result
    [account] = bigcommerce.store.api_accounts
    assert result.access_token.reveal() == account.access_token
