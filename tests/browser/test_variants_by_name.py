"""Retrievals through what `--variant` and `--fault` ask for by name: generations, sign-ins and faults along the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser
from retrievals import Retrieval

from automation.core.errors import AutomationError, PasswordExpired, UserLocked
from automation.runners.unattended import SignIn
from companion.core.secret import Secret
from simulated_store.options.arrangement import arrange, arrangement_from_texts
from simulated_store.state import SimulatedBigCommerce

pytestmark = [pytest.mark.browser, pytest.mark.sampled(3, group="variants-by-name")]

GOT_THROUGH = [
    # generations
    "a2019",
    "b2021",
    "b2022",
    "b2023",
    "new-trial",
    # signing in
    "old-sign-in second-store",
    "second-store account-picker=2023",
    "second-store-of-account account-picker=2023",
    "second-store account-picker=none",
    "second-store deep-links=picker",
    "deep-links=dashboard",
    "emailed-code remember-device=asked",
    "authenticator",
    "authenticator-30s",
    "authenticator authenticator-page=same",
    "authenticator authenticator-page=own-address",
    # faults along the way
    "slow",
    "flaky",
    "enter-panel:503:once",
    "sign-in-page:hang:once",
    "list:garbage:once",
    "list:cut:once",
    "list:hang:once",
    "create:empty:once",
    "frame:end-session:once",
    "home:hang:once",
    "assets:drop:once",
]
STOPPED: dict[str, type[AutomationError]] = {
    "locked-owner": UserLocked,
    "expired-password": PasswordExpired,
    "emailed-code expired-password": PasswordExpired,
}


def retrieval_from(browser: Browser, bigcommerce: SimulatedBigCommerce, names: str) -> Retrieval:
    """A run by the owner, codes at hand, in a world with these variants and, told by their colons, faults."""
    asked = names.split()
    variants, faults = [name for name in asked if ":" not in name], [name for name in asked if ":" in name]
    arrange(bigcommerce, arrangement_from_texts(variants, faults))
    owner = bigcommerce.owner
    sign_in = SignIn(
        owner.email,
        Secret(owner.password),
        authenticator_code=lambda: Secret(bigcommerce.users.authenticator_code(owner)),
        emailed_code=lambda: Secret(bigcommerce.mailbox[-1].code),
    )
    return Retrieval(browser, bigcommerce, owner, sign_in)


@pytest.mark.parametrize("names", GOT_THROUGH)
def test_a_retrieval_gets_through(plain_chromium: Browser, bigcommerce: SimulatedBigCommerce, names: str):
    run = retrieval_from(plain_chromium, bigcommerce, names)
    last = list(bigcommerce.stores.values())[-1]
    captured = run.captures(store_hash=last.store_hash if "second-store" in names else None, patience=20.0)
    assert captured.access_token.reveal() in [account.access_token for account in last.api_accounts]


@pytest.mark.parametrize("names", STOPPED)
def test_a_retrieval_stops_where_it_has_to(plain_chromium: Browser, bigcommerce: SimulatedBigCommerce, names: str):
    run = retrieval_from(plain_chromium, bigcommerce, names)
    run.stops(STOPPED[names], patience=20.0)
    assert run.saves == 0
