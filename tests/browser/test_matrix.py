"""Every switch of the simulated control panel, one at a time, with and without a person.

A run ends in the right connection or in the right refusal; a value that is not the store's is never captured, and what
was made and cannot be used is gone again. At the end it says how many of each there were, and how long they took.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyotp
import pytest
from guided_runs import GuidedRun
from persons import Person
from playwright.sync_api import Browser
from retrievals import NAME, Retrieval

from automation.core.errors import (
    AutomationError,
    ControlMissing,
    CredentialsLost,
    NotPermitted,
    PanelRefused,
    PersonNeeded,
    ScopeNotOffered,
    SignInRefused,
    StepFailed,
    WitnessesDisagree,
)
from automation.core.request import Captured
from automation.runners.unattended import SignIn
from companion.core.secret import Secret
from simulated_store.options.switches import Switch, switches
from simulated_store.people.user import TOTP_INTERVAL
from simulated_store.state import SimulatedBigCommerce
from simulated_store.variants import Variants

pytestmark = pytest.mark.browser

PATIENCE = 30.0
WANTED = {"store_storefront_api", "store_storefront_api_customer_impersonation"}
SECONDS = {
    "alert_seconds": 0.5,
    "content_delay": 4.0,
    "overlay_delay": 2.0,
    "storefront_delay": 4.0,
    "values_delay": 3.0,
    "window_delay": 3.0,
}
"""What the switches that take any number are set to."""


@dataclass(frozen=True)
class Case:
    """One switch at one value that is not its default."""

    name: str
    value: object

    @property
    def id(self) -> str:
        return f"{self.name}={str(self.value).lower()}"


def cases() -> list[Case]:
    found = []
    panel = {switch.name: switch for switch in switches().values() if switch.group == "panel"}
    for switch in panel.values():
        values = [SECONDS[switch.name]] if switch.name in SECONDS else other_values(switch)
        found += [Case(switch.name, value) for value in values]
    return found


def other_values(switch: Switch) -> list[object]:
    """What a switch takes besides its default; of what takes any number or text, only `SECONDS` knows a value."""
    named = [text for text in switch.values if text not in {"NUMBER", "TEXT"}]
    read = [switch.value_from_text(text) for text in named]
    return [value for value in read if value != switch.default]


def several_stores(bigcommerce: SimulatedBigCommerce) -> None:
    bigcommerce.owner.stores.append(bigcommerce.add_store().store_hash)


def full(bigcommerce: SimulatedBigCommerce) -> None:
    for number in range(50):
        bigcommerce.store.create_api_account(f"Account {number}", frozenset())


def others(bigcommerce: SimulatedBigCommerce) -> None:
    for number in range(30):
        bigcommerce.store.create_api_account(f"Account {number}", frozenset())


def no_permission(bigcommerce: SimulatedBigCommerce) -> None:
    bigcommerce.owner.may_list = bigcommerce.owner.may_create = False


def may_only_list(bigcommerce: SimulatedBigCommerce) -> None:
    bigcommerce.owner.may_create = False


def unknown_device(bigcommerce: SimulatedBigCommerce) -> None:
    bigcommerce.owner.device_check = True


def authenticator(bigcommerce: SimulatedBigCommerce) -> None:
    bigcommerce.owner.totp_secret = pyotp.random_base32()
    bigcommerce.owner.device_check = True


def own_domain(bigcommerce: SimulatedBigCommerce) -> None:
    bigcommerce.store.custom_domain = "shop.example"


ARRANGED: dict[str, Callable[[SimulatedBigCommerce], None]] = {
    "account_picker": several_stores,
    "authenticator_page": authenticator,
    "create_denied": may_only_list,
    "deep_links": several_stores,
    "denied": no_permission,
    "denied_row_hidden": no_permission,
    "limit": full,
    "list_actions": others,
    "list_pages": others,
    "remember_device": unknown_device,
    "storefront=custom-domain": own_domain,
}
"""What a switch needs beside itself to show."""

BESIDE: dict[str, dict[str, object]] = {
    "list_actions": {"wrong_window_token": True},
    "list_pages": {"wrong_window_token": True},
    "storefront_status": {"storefront_page": "maintenance"},
    "duplicate_names": {"wrong_window_token": True},
}
"""Switches of the list show where an account is deleted again, and one of a page where there is that page."""

REFUSALS: dict[str, tuple[type[AutomationError], ...]] = {
    "challenge=before": (AutomationError,),
    "challenge=after-failure": (PersonNeeded,),  # all that its page says
    "create_denied": (NotPermitted,),
    "denied": (NotPermitted, ControlMissing),
    "denied_row_hidden": (NotPermitted, ControlMissing),
    "duplicate_names": (WitnessesDisagree,),
    "limit": (PanelRefused,),
    "list_actions": (WitnessesDisagree,),
    "name_limit": (PanelRefused, StepFailed),
    "list_pages": (WitnessesDisagree,),
    "refusal": (SignInRefused,),
    "save_fault": (PanelRefused, CredentialsLost),
    "scope_blocks=no-impersonation": (ScopeNotOffered,),
    "scope_blocks=no-storefront": (ScopeNotOffered,),
    "wrong_window_token": (WitnessesDisagree,),
}
WRONG_PASSWORD = {"refusal", "challenge=after-failure"}
NO_SUBDOMAIN = {
    "storefront=canonical",
    "storefront=channel",
    "storefront=custom-domain",
    "storefront=headless",
    "storefront_lands=sign-in",
}
SLOW_TO_BE_SURE = {"txt=never", "window=never", "txt_when=late", "txt_when=after"}


def of(table: dict[str, Any], case: Case) -> Any:
    return table.get(case.id, table.get(case.name))


def arranged(bigcommerce: SimulatedBigCommerce, case: Case) -> SignIn:
    bigcommerce.variants = Variants(**{case.name: case.value, **(of(BESIDE, case) or {})})
    arrange = of(ARRANGED, case)
    if arrange is not None:
        arrange(bigcommerce)
    owner = bigcommerce.owner
    wrong = {case.id, case.name} & WRONG_PASSWORD
    return SignIn(
        owner.email,
        Secret("not the password" if wrong else owner.password),
        emailed_code=lambda: Secret(bigcommerce.mailbox[-1].code),
        authenticator_code=None if owner.totp_secret is None else lambda: Secret(code(bigcommerce)),
    )


def code(bigcommerce: SimulatedBigCommerce) -> str:
    secret = bigcommerce.owner.totp_secret
    return bigcommerce.mailbox[-1].code if secret is None else pyotp.TOTP(secret, interval=TOTP_INTERVAL).now()


def verdict(case: Case, result: Captured | AutomationError, bigcommerce: SimulatedBigCommerce) -> str:
    """Say what a run led to; fails where that is neither the right connection nor the right refusal."""
    store = bigcommerce.store
    ours = [each for each in store.api_accounts if each.name.startswith(NAME)]
    refusals = of(REFUSALS, case)
    if isinstance(result, AutomationError):
        assert refusals is not None, f"refused: {result}"
        assert isinstance(result, refusals), f"{type(result).__name__}: {result}"
        assert ours == [], "an account of the run is left"
        assert result.step is not None
        assert result.explained.next_step
        return "right refusal"
    (account,) = ours
    assert result.access_token.reveal() == account.access_token
    assert result.client_id in {account.client_id, None}
    assert result.store_hash == store.store_hash
    assert account.scopes >= WANTED
    assert account.scopes <= WANTED | {"store_metafield_write"}
    assert result.subdomain == (None if case.id in NO_SUBDOMAIN else store.subdomain)
    assert refusals is None, "connected, though it is to be refused"
    return "right connection"


@pytest.mark.sampled(7)
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_a_run_ends_in_the_right_connection_or_the_right_refusal(
    plain_chromium: Browser,
    bigcommerce: SimulatedBigCommerce,
    case: Case,
    record_property: Callable[[str, object], None],
):
    sign_in = arranged(bigcommerce, case)
    run = Retrieval(plain_chromium, bigcommerce, bigcommerce.owner, sign_in=sign_in)
    began = time.monotonic()
    result = run.ends(store_hash=bigcommerce.store.store_hash, patience=PATIENCE)
    record_property("matrix", ("unattended", case.id, verdict(case, result, bigcommerce), time.monotonic() - began))


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "case",
    [case for case in cases() if of(REFUSALS, case) is None and case.id not in SLOW_TO_BE_SURE],
    ids=lambda case: case.id,
)
def test_a_person_who_signs_in_by_hand_comes_to_the_right_connection(
    plain_chromium: Browser,
    bigcommerce: SimulatedBigCommerce,
    case: Case,
    record_property: Callable[[str, object], None],
):
    arranged(bigcommerce, case)
    run = GuidedRun(plain_chromium, bigcommerce)
    person = Person(
        run.page,
        bigcommerce.owner,
        code=lambda: code(bigcommerce),
        plan=lambda _step, what: "hand" if "ign in" in what or "ode" in what else "rest",
    )
    began = time.monotonic()
    result = run.ends(person, store_hash=bigcommerce.store.store_hash, patience=PATIENCE)
    record_property("matrix", ("guided", case.id, verdict(case, result, bigcommerce), time.monotonic() - began))
