"""The unattended retrieval in a real Chromium, against every form of the control panel that the store can take."""

from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser
from retrievals import NAME, Retrieval

from automation.core.actions import Removal
from automation.core.errors import (
    ApiAccountNameTaken,
    AutomationError,
    CodeNeeded,
    CredentialsLost,
    NotPermitted,
    PanelRefused,
    PanelUnreachable,
    SignInRefused,
    StoreChoiceNeeded,
    UserLocked,
    WitnessesDisagree,
)
from automation.core.flows.retrieval import STEP_IDS
from automation.core.request import Captured
from automation.runners.unattended import SignIn
from companion.core.secret import Secret
from simulated_store.people.user import User
from simulated_store.serving.site_faults import SAVE
from simulated_store.state import TOTP_INTERVAL, SimulatedBigCommerce
from simulated_store.variants import Variants

pytestmark = pytest.mark.browser

WANTED = {"store_storefront_api", "store_storefront_api_customer_impersonation"}
BY_DEFAULT = {"store_metafield_write"}
"""What every account gets whose scopes are left alone: the first option of Metafields Access is no "None"."""

SOMETIMES = pytest.mark.sampled(2, group="retrieval")
"""Each of these takes seconds in a browser; the rules behind them are tested as transcripts in every run."""

Start = Callable[..., Retrieval]


@pytest.fixture
def retrieval(plain_chromium: Browser, bigcommerce: SimulatedBigCommerce) -> Start:
    def started(user: User | None = None, **options: Any) -> Retrieval:
        return Retrieval(plain_chromium, bigcommerce, user or bigcommerce.owner, **options)

    return started


def assert_right(captured: Captured, run: Retrieval) -> None:
    """Exactly one account was made, with the wanted scopes, and its values were captured."""
    store = run.bigcommerce.store
    assert run.saves == 1
    (account,) = store.api_accounts
    assert account.name == captured.api_account_name == NAME
    assert account.scopes == WANTED | BY_DEFAULT
    assert set(captured.oauth_scopes) == WANTED
    assert captured.access_token.reveal() == account.access_token
    assert captured.client_id == account.client_id
    assert captured.store_hash == store.store_hash
    assert captured.channel_id == 1


def codes(captured: Captured) -> list[str]:
    return [finding.code for finding in captured.findings]


def test_every_value_is_captured_and_every_step_reported(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    run = retrieval()
    captured = run.captures()
    assert_right(captured, run)
    assert captured.subdomain == bigcommerce.store.subdomain
    assert captured.storefront_host == bigcommerce.store.vanity_host
    assert codes(captured) == []
    assert [report.id for report in run.reports] == list(STEP_IDS[:11])
    assert {report.status for report in run.reports} == {"done"}


VARIANTS: dict[str, dict[str, Any]] = {
    "frame-of-another-name": {"frame": "other"},
    "content-in-the-top-document": {"frame": "none"},
    "named-switches": {"scope_control": "switch-named"},
    "radios": {"scope_control": "radio"},
    "hidden-radios": {"scope_control": "hidden-radio"},
    "selects": {"scope_control": "select"},
    "pressed-buttons": {"scope_control": "pressed"},
    "token-type-as-a-select": {"token_type": "select"},
    "a-star-behind-the-name": {"name_required": True},
    "rows-whose-title-is-the-link": {"settings_row": "title"},
    "a-window-with-a-name": {"window": "named"},
    "a-window-of-text": {"window": "text"},
    "file-A": {"txt": "A"},
    "file-B": {"txt": "B"},
    "file-in-one-line": {"txt": "one-line"},
    "file-with-a-store-hash": {"txt": "E"},
    "cookie-bar": {"cookie_bar": True},
    "tour": {"tour": True},
    "cookie-bar-and-tour": {"cookie_bar": True, "tour": True},
    "everything-unusual": {
        "frame": "none",
        "scope_control": "hidden-radio",
        "token_type": "select",
        "txt": "one-line",
        "window": "text",
        "settings_row": "title",
        "name_required": True,
        "cookie_bar": True,
        "tour": True,
    },
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_values_are_right_in_every_form_of_the_panel(
    retrieval: Start, bigcommerce: SimulatedBigCommerce, variant: str
):
    bigcommerce.variants = Variants(**VARIANTS[variant])
    run = retrieval()
    captured = run.captures()
    assert_right(captured, run)
    assert captured.subdomain == bigcommerce.store.subdomain
    assert codes(captured) == []


@SOMETIMES
def test_a_stencil_token_type_that_stands_in_the_form_is_changed(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    def choose_another(action: str) -> None:
        if action.startswith("enter-name"):
            page = run.page()
            frame = page.frame_locator("#content-iframe")
            frame.get_by_role("combobox", name="Token type").click()
            frame.get_by_role("option", name="Stencil-CLI token").click()

    run = retrieval(before=choose_another)
    captured = run.captures()
    assert_right(captured, run)


# Where the storefront is


@SOMETIMES
def test_a_storefront_on_the_canonical_host_gives_no_subdomain(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.variants = Variants(storefront="canonical")
    run = retrieval()
    captured = run.captures()
    assert_right(captured, run)
    assert (captured.subdomain, captured.storefront_host) == (None, bigcommerce.store.panel_host)


def test_a_storefront_on_its_own_domain_gives_no_subdomain(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.variants = Variants(storefront="custom-domain")
    bigcommerce.store.custom_domain = "shop.example"
    run = retrieval()
    captured = run.captures()
    assert_right(captured, run)
    assert (captured.subdomain, captured.storefront_host) == (None, "shop.example")


@SOMETIMES
@pytest.mark.parametrize("state", ["launched", "maintenance"])
def test_the_state_of_the_storefront_does_not_matter(retrieval: Start, bigcommerce: SimulatedBigCommerce, state: str):
    setattr(bigcommerce.store, state, True)
    run = retrieval()
    captured = run.captures()
    assert_right(captured, run)
    assert captured.subdomain == bigcommerce.store.subdomain


@SOMETIMES
def test_a_storefront_that_fails_is_looked_for_elsewhere(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.faults.add("storefront:/", drop=True, times=None)
    run = retrieval()
    captured = run.captures()
    assert_right(captured, run)


# One witness, two that disagree, none


def test_without_a_file_the_window_is_enough_and_that_is_said(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.variants = Variants(txt="never")
    run = retrieval()
    captured = run.captures()
    assert_right(captured, run)
    assert codes(captured) == ["one-witness"]


@SOMETIMES
def test_without_a_window_the_file_is_enough_and_that_is_said(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.variants = Variants(window="never")
    run = retrieval()
    captured = run.captures(patience=15.0)
    assert_right(captured, run)
    assert codes(captured) == ["one-witness"]


@SOMETIMES
def test_an_account_whose_credentials_are_never_shown_is_deleted(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.variants = Variants(window="never", txt="never")
    run = retrieval()
    run.stops(CredentialsLost, patience=20.0)
    assert (run.saves, run.removal) == (1, Removal.DELETED)
    assert bigcommerce.store.api_accounts == []


def test_an_account_about_which_window_and_file_disagree_is_deleted(
    retrieval: Start, bigcommerce: SimulatedBigCommerce
):
    bigcommerce.variants = Variants(wrong_window_token=True)
    run = retrieval()
    error = run.stops(WitnessesDisagree)
    assert (run.saves, run.removal) == (1, Removal.DELETED)
    assert bigcommerce.store.api_accounts == []
    assert not any(secret in f"{error!r} {error}" for secret in bigcommerce.canaries())


@SOMETIMES
@pytest.mark.parametrize("frame", ["content-iframe", "none"])
def test_only_the_runs_own_account_is_deleted(retrieval: Start, bigcommerce: SimulatedBigCommerce, frame: Any):
    bigcommerce.variants = Variants(window="never", txt="never", frame=frame, cookie_bar=True)
    others = [f"{NAME}2", NAME[:-1], NAME.upper(), *(f"Other {number}" for number in range(30))]
    for name in others:
        bigcommerce.store.create_api_account(name, frozenset())
    run = retrieval()
    run.stops(CredentialsLost, patience=20.0)
    assert run.removal is Removal.DELETED
    assert [account.name for account in bigcommerce.store.api_accounts] == others


@SOMETIMES
def test_an_account_that_this_user_may_not_delete_is_left_and_named(
    retrieval: Start, bigcommerce: SimulatedBigCommerce
):
    bigcommerce.variants = Variants(wrong_window_token=True)
    bigcommerce.owner.may_delete = False
    run = retrieval()
    run.stops(WitnessesDisagree)
    assert run.removal is Removal.LEFT
    assert len(run.accounts) == 1


# Refusals


def test_a_wrong_password_is_tried_once(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    run = retrieval(sign_in=SignIn(bigcommerce.owner.email, Secret("not the password")))
    error = run.stops(SignInRefused)
    assert bigcommerce.owner.failed_tries == 1
    assert error.step == "sign-in"
    assert (run.saves, run.removal) == (0, Removal.NEVER_THERE)


@SOMETIMES
def test_a_locked_user_is_named_as_such(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.owner.locked = True
    run = retrieval()
    run.stops(UserLocked)
    assert run.saves == 0


@SOMETIMES
@pytest.mark.parametrize(
    ("missing", "step"),
    [(("may_list", "may_create"), "open-api-accounts"), (("may_create",), "create-api-account")],
)
def test_a_user_without_the_permissions_is_told_which_step_needs_them(
    retrieval: Start, bigcommerce: SimulatedBigCommerce, missing: tuple[str, ...], step: str
):
    for permission in missing:
        setattr(bigcommerce.owner, permission, False)
    run = retrieval()
    error = run.stops(NotPermitted)
    assert error.step == step
    assert (run.saves, bigcommerce.store.api_accounts) == (0, [])


@SOMETIMES
def test_a_user_who_may_create_but_not_list_gets_there(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.owner.may_list = False
    run = retrieval()
    assert_right(run.captures(), run)


@SOMETIMES
def test_a_store_that_is_full_is_named_as_such(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    for number in range(50):
        bigcommerce.store.create_api_account(f"Account {number}", frozenset())
    run = retrieval()
    run.stops(PanelRefused)
    assert len(bigcommerce.store.api_accounts) == 50


@SOMETIMES
def test_a_name_that_exists_already_is_refused_and_the_other_account_stays(
    retrieval: Start, bigcommerce: SimulatedBigCommerce
):
    theirs = bigcommerce.store.create_api_account(NAME, frozenset())
    run = retrieval()
    run.stops(ApiAccountNameTaken)
    assert bigcommerce.store.api_accounts == [theirs]


@SOMETIMES
def test_a_server_error_on_save_leaves_nothing_behind(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.variants = Variants(save_fault="500")
    run = retrieval()
    error = run.stops(PanelRefused)
    assert error.step == "save"
    assert (run.saves, bigcommerce.store.api_accounts) == (1, [])


@SOMETIMES
def test_an_answer_to_save_that_is_lost_leaves_nothing_behind(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.faults.add(SAVE, drop=True, after=True)
    run = retrieval()
    assert isinstance(run.fails(patience=20.0), PanelRefused | CredentialsLost)
    assert run.removal is Removal.DELETED
    assert bigcommerce.store.api_accounts == []


@SOMETIMES
def test_a_refusal_to_take_the_connection_comes_before_save(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    class Refusal(AutomationError):
        pass

    def refuse() -> None:
        raise Refusal("The connection will not be taken.")

    run = retrieval(check_before_save=refuse)
    run.stops(Refusal)
    assert (run.saves, bigcommerce.store.api_accounts) == (0, [])


# Codes


def test_an_emailed_code_is_entered(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    owner = bigcommerce.owner
    owner.device_check = True
    sign_in = SignIn(owner.email, Secret(owner.password), emailed_code=lambda: Secret(bigcommerce.mailbox[-1].code))
    run = retrieval(sign_in=sign_in)
    assert_right(run.captures(), run)


@SOMETIMES
def test_an_authenticator_code_is_entered(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    user = bigcommerce.add_user("keys@maple.example", stores=[bigcommerce.store.store_hash], authenticator=True)
    assert user.totp_secret is not None
    totp = pyotp.TOTP(user.totp_secret, interval=TOTP_INTERVAL)
    sign_in = SignIn(user.email, Secret(user.password), authenticator_code=lambda: Secret(totp.now()))
    run = retrieval(user, sign_in=sign_in)
    assert_right(run.captures(), run)


@SOMETIMES
def test_a_wrong_code_is_tried_twice_at_most(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    owner = bigcommerce.owner
    owner.device_check = True
    asked = []

    def wrong() -> Secret:
        asked.append(1)
        return Secret("000000" if bigcommerce.mailbox[-1].code != "000000" else "111111")

    run = retrieval(sign_in=SignIn(owner.email, Secret(owner.password), emailed_code=wrong))
    run.stops(CodeNeeded)
    assert 1 <= len(asked) <= 2


@SOMETIMES
def test_a_code_that_nobody_can_give_is_named(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.owner.device_check = True
    run = retrieval()
    error = run.stops(CodeNeeded)
    assert "COMPANION_VERIFICATION_CODE_COMMAND" in str(error)


# Several stores


@SOMETIMES
def test_several_stores_and_none_named_is_a_question(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    other = bigcommerce.add_store()
    bigcommerce.owner.stores.append(other.store_hash)
    run = retrieval()
    error = run.stops(StoreChoiceNeeded)
    assert bigcommerce.store.name in str(error)
    assert other.name in str(error)
    assert run.saves == 0


@SOMETIMES
@pytest.mark.parametrize("number", [0, 1])
def test_the_named_store_is_the_one_that_is_used(retrieval: Start, bigcommerce: SimulatedBigCommerce, number: int):
    other = bigcommerce.add_store()
    bigcommerce.owner.stores.append(other.store_hash)
    named, left_alone = (bigcommerce.store, other) if number == 0 else (other, bigcommerce.store)
    run = retrieval()
    captured = run.captures(store_hash=named.store_hash)
    assert (captured.store_hash, captured.subdomain) == (named.store_hash, named.subdomain)
    assert captured.access_token.reveal() == named.api_account_named(NAME).access_token
    assert left_alone.api_accounts == []


@SOMETIMES
def test_a_store_that_this_user_cannot_see_is_not_swapped_for_another(
    retrieval: Start, bigcommerce: SimulatedBigCommerce
):
    other = bigcommerce.add_store()
    run = retrieval()
    assert isinstance(run.fails(store_hash=other.store_hash, patience=15.0), AutomationError)
    assert (run.saves, bigcommerce.store.api_accounts, other.api_accounts) == (0, [], [])


# Sessions and the network


BEFORE_THE_FORM = (
    "open-storefront: press",
    "open-api-accounts: press “Settings”",
    "open-api-accounts: press “Store-level API accounts",
    "create-api-account: press",
)
ON_THE_FORM = ("enter-name: type", "set-scopes: press", "save: check before save", "save: press")


def ending_the_session(bigcommerce: SimulatedBigCommerce, action: str) -> Callable[[str], None]:
    ended: list[str] = []

    def end_it(words: str) -> None:
        if words.startswith(action) and not ended:
            ended.append(words)
            bigcommerce.expire_sessions()

    return end_it


@pytest.mark.sampled(1)
@pytest.mark.parametrize("action", [*BEFORE_THE_FORM, "read-credentials: press"])
def test_a_session_that_ends_on_the_way_is_begun_again(
    retrieval: Start, bigcommerce: SimulatedBigCommerce, action: str
):
    run = retrieval(before=ending_the_session(bigcommerce, action))
    captured = run.captures()
    assert_right(captured, run)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("action", ON_THE_FORM)
def test_a_session_that_has_ended_when_save_is_pressed_leaves_nothing_behind(
    retrieval: Start, bigcommerce: SimulatedBigCommerce, action: str
):
    run = retrieval(before=ending_the_session(bigcommerce, action))
    run.stops(CredentialsLost)
    assert run.saves == 1
    assert run.removal is Removal.NEVER_THERE
    assert bigcommerce.store.api_accounts == []


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "place",
    [
        "login:/login",
        "panel:/manage/dashboard",
        "panel:/admin/app/*",
        "panel:/manage/settings*",
        "panel:GET /admin/app/settings/api-accounts",
        "panel:GET /admin/app/settings/api-accounts/create",
    ],
)
@pytest.mark.parametrize("fault", [{"status": 503}, {"drop": True}, {"delay": 4.0}], ids=["503", "dropped", "slow"])
def test_one_failed_load_is_got_over(
    retrieval: Start, bigcommerce: SimulatedBigCommerce, place: str, fault: dict[str, Any]
):
    bigcommerce.faults.add(place, **fault)
    run = retrieval()
    assert_right(run.captures(), run)


@SOMETIMES
def test_a_panel_that_stays_down_is_named_as_such(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.faults.add("panel:*", status=503, times=None)
    run = retrieval()
    run.stops(PanelUnreachable, patience=15.0)
    assert run.saves == 0


@SOMETIMES
def test_a_sign_in_page_that_stays_down_is_named_as_such(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.faults.add("login:*", drop=True, times=None)
    run = retrieval()
    run.stops(PanelUnreachable, patience=15.0)
    assert bigcommerce.owner.failed_tries == 0


@SOMETIMES
def test_the_runs_own_record_holds_no_secret(retrieval: Start, bigcommerce: SimulatedBigCommerce):
    run = retrieval()
    captured = run.captures()
    shown = " ".join([*run.log, repr(captured), *map(repr, run.reports)])
    assert not [secret for secret in bigcommerce.canaries() if secret in shown.replace(str(captured.client_id), "")]
