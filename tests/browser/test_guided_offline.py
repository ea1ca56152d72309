"""Guided runs whose network goes away in the midst of a step: they wait, say so, and go on once it is back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from guided_runs import GuidedRun
from persons import Person, Seen
from playwright.sync_api import Browser, Page

from automation.core.actions import Removal
from automation.core.errors import AutomationError, CredentialsLost, PanelUnreachable
from automation.core.request import Captured
from automation.runners.unattended import SignIn
from companion.core.secret import Secret
from simulated_store.serving.site_faults import SAVE
from simulated_store.state import SimulatedBigCommerce

pytestmark = pytest.mark.browser

STEPS = {
    "sign-in": 1,
    "open-storefront": 2,
    "open-api-accounts": 5,
    "create-api-account": 6,
    "enter-name": 8,
    "set-scopes": 9,
}
"""What a person can do before Save, by the number that the panel shows."""
FORM_STEP, SAVE_STEP = 6, 10
MOST_LOOKS = 400
"""A run takes some fifty looks; the person in it waits as long as it does, so that this is what ends one that hangs."""


@dataclass
class Network:
    """A browser's network that goes away when a step is asked for, and comes back when the person was told of it.

    Attributes:
        at: the step's number.
        comes_back: whether it ever does.
    """

    at: int
    comes_back: bool = True
    run: GuidedRun | None = None
    away: bool = False
    was_away: bool = False
    looks: int = 0
    looks_in_all: int = 0
    told: list[str] = field(default_factory=list)
    turns: list[str] = field(default_factory=list)

    def seen_last(self, page: Page | None) -> str:
        """What was there to see and what was done, for who has to find out why a run stood still."""
        assert self.run is not None
        reported = [f"{report.id}: {report.status}" for report in self.run.reports]
        at = f"at {page and [frame.url for frame in page.frames]}; turns: {self.turns[-12:]}; steps: {reported}"
        return f"{at}; told: {self.told}; said: {self.run.said}"

    def turn(self, seen: Seen, page: Page) -> bool:
        """What the person's turn begins with: the network goes away before they do what they are asked."""
        pointed = "" if seen.ring is None else f" (pointed at {seen.ring.middle})"
        line = f"{seen.texts['step']}: {seen.texts['what']} {seen.texts['alert']}".strip() + pointed
        if line not in self.turns[-1:]:
            self.turns.append(line)
        if not self.was_away and re.search(rf"\b{self.at} of 13", seen.texts["step"]):
            self.away = self.was_away = True
            page.context.set_offline(True)
        elif self.away and seen.texts["alert"]:
            self.told.append(seen.texts["alert"])
        return False

    def look(self) -> None:
        """Called before each look of the run: once they were told, or nothing came of it, the person mends it."""
        self.looks_in_all += 1
        page = self.run.page() if self.run is not None else None
        assert self.looks_in_all < MOST_LOOKS, f"it never ended; {self.seen_last(page)}"
        if not self.away or page is None or self.run is None:
            return
        self.looks += 1
        self.told += [line for line in self.run.said if line not in self.told]
        if self.comes_back and (self.told or self.looks > 60):
            self.away = False
            page.context.set_offline(False)


Start = Callable[..., tuple[GuidedRun, Person, Network]]


@pytest.fixture
def offline(plain_chromium: Browser, bigcommerce: SimulatedBigCommerce) -> Start:
    def started(at: int, plan: str = "hand", *, comes_back: bool = True) -> tuple[GuidedRun, Person, Network]:
        run = GuidedRun(plain_chromium, bigcommerce)
        run.sign_in = SignIn(bigcommerce.owner.email, Secret(bigcommerce.owner.password))
        network = Network(at, comes_back, run)
        run.before_look = network.look
        return run, Person(run.page, bigcommerce.owner, plan=lambda *_: plan, on_turn=network.turn), network

    return started


@pytest.mark.sampled(1, group="guided offline")
@pytest.mark.parametrize("hands", ["hand", "help"])
@pytest.mark.parametrize("step", STEPS)
def test_a_run_goes_on_when_the_network_is_back(
    offline: Start, bigcommerce: SimulatedBigCommerce, step: str, hands: str
) -> None:
    run, person, network = offline(STEPS[step], hands)
    captured = run.captures(person, patience=15.0)
    assert network.was_away, person.did
    [account] = bigcommerce.store.api_accounts
    assert (captured.api_account_name, captured.access_token.reveal()) == (account.name, account.access_token)
    assert bigcommerce.store.deleted_api_accounts == []
    assert captured.subdomain in {bigcommerce.store.subdomain, None}  # the storefront may not have opened


@pytest.mark.sampled(1, group="guided offline")
@pytest.mark.parametrize("hands", ["hand", "help"])
def test_a_save_without_a_network_leaves_nothing_half_made(
    offline: Start, bigcommerce: SimulatedBigCommerce, hands: str
) -> None:
    run, person, network = offline(SAVE_STEP, hands)
    result = run.ends(person, patience=15.0)
    assert network.was_away, person.did
    if isinstance(result, Captured):
        [account] = bigcommerce.store.api_accounts
        assert result.access_token.reveal() == account.access_token
    else:
        assert isinstance(result, CredentialsLost | PanelUnreachable), result
        assert run.removal in {Removal.NEVER_THERE, Removal.DELETED}
        assert bigcommerce.store.api_accounts == []


@pytest.mark.sampled(1, group="guided offline")
@pytest.mark.parametrize("step", STEPS)
def test_who_stops_while_the_network_is_away_has_left_nothing_and_was_told_why(
    offline: Start, bigcommerce: SimulatedBigCommerce, step: str
) -> None:
    run, person, network = offline(STEPS[step], "help", comes_back=False)

    def look() -> None:
        network.look()
        page = run.page()
        if network.told and page is not None:
            page.close()  # the panel is not drawn on the browser's own page, so this is how they stop

    run.before_look = look
    result = run.ends(person, patience=15.0)
    assert isinstance(result, AutomationError), result
    assert network.told, person.did
    assert run.saves == 0
    # Names and scopes need no network, so the helper comes as far as Save, of which nobody can tell what came.
    assert run.removal in ({Removal.NEVER_THERE, Removal.LEFT} if STEPS[step] > FORM_STEP else {Removal.NEVER_THERE})
    assert bigcommerce.store.api_accounts == []


@pytest.mark.sampled(1, group="guided offline")
@pytest.mark.parametrize("back", [True, False], ids=["comes back", "stays away"])
def test_an_account_whose_answer_was_lost_is_deleted_or_named(
    offline: Start, bigcommerce: SimulatedBigCommerce, back: bool
) -> None:
    run, person, network = offline(SAVE_STEP, "help", comes_back=back)
    person.on_turn = lambda _seen, _page: False
    bigcommerce.faults.add(SAVE, drop=True, after=True)

    def look() -> None:
        page = run.page()
        if run.saves and not network.was_away and page is not None:
            network.away = network.was_away = True
            page.context.set_offline(True)
        network.look()

    run.before_look = look
    result = run.ends(person, patience=10.0)
    assert isinstance(result, AutomationError), result
    if run.removal is Removal.LEFT:
        assert len(bigcommerce.store.api_accounts) == 1
    else:
        assert (run.removal, bigcommerce.store.api_accounts) == (Removal.DELETED, [])
