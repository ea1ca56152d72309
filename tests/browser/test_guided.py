"""Guided retrievals: a person who does everything, nothing, or some of it, in a real Chromium."""

from collections.abc import Callable
from typing import Any

import pytest
from guided_runs import GuidedRun
from persons import Person, whims
from playwright.sync_api import Browser

from automation.core.request import Captured
from simulated_store.state import SimulatedBigCommerce

pytestmark = pytest.mark.browser

WANTED = {"store_storefront_api", "store_storefront_api_customer_impersonation"}
BY_HAND = {
    "sign-in",
    "open-storefront",
    "open-api-accounts",
    "create-api-account",
    "enter-name",
    "set-scopes",
    "save",
}

Start = Callable[..., tuple[GuidedRun, Person]]


@pytest.fixture
def guided(plain_chromium: Browser, bigcommerce: SimulatedBigCommerce) -> Start:
    def started(**person: Any) -> tuple[GuidedRun, Person]:
        run = GuidedRun(plain_chromium, bigcommerce)
        return run, Person(run.page, bigcommerce.owner, **person)

    return started


def assert_right(captured: Captured, run: GuidedRun) -> None:
    (account,) = run.bigcommerce.store.api_accounts
    assert run.saves == 1
    assert account.name == captured.api_account_name
    assert account.scopes >= WANTED
    assert set(captured.oauth_scopes) >= WANTED
    assert captured.access_token.reveal() == account.access_token
    assert captured.store_hash == run.bigcommerce.store.store_hash
    assert captured.subdomain == run.bigcommerce.store.subdomain


def by_user(run: GuidedRun) -> set[str]:
    return {step for step, status in run.statuses.items() if status == "by-user"}


def test_who_signs_in_and_leaves_the_rest_to_the_helper_has_done_one_thing(guided: Start):
    run, person = guided(plan=lambda _step, what: "hand" if "Sign in" in what else "rest")
    captured = run.captures(person)
    assert_right(captured, run)
    assert by_user(run) == {"sign-in"}
    assert person.did[0].startswith("by hand: Sign in")
    assert person.did[1:] == ["pressed Do the rest for me"]


def test_who_does_everything_by_hand_is_credited_with_it(guided: Start):
    run, person = guided()
    captured = run.captures(person)
    assert_right(captured, run)
    assert by_user(run) == BY_HAND
    assert not [did for did in person.did if did.startswith("pressed")]


def test_every_mixture_of_hands_leads_to_the_same_connection(guided: Start, bigcommerce: SimulatedBigCommerce):
    plan, meddle = whims(7, store_hash=bigcommerce.store.store_hash)
    run, person = guided(plan=plan, on_turn=meddle)
    assert_right(run.captures(person), run)
