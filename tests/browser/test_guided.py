"""Guided retrievals: a person who does everything, nothing, or some of it, in a real Chromium."""

from collections.abc import Callable
from typing import Any

import pytest
from guided_runs import GuidedRun
from persons import CANNOT_FIND, LEAVE_SO, STOP, Box, Person, Seen, whims
from playwright.sync_api import Browser, Page
from retrievals import NAME

from automation.core.actions import Removal
from automation.core.errors import BrowserUnavailable, CredentialsLost, Interrupted, NotPermitted
from automation.core.request import Captured
from automation.overlay.guide import BINDING
from automation.pages.reader import read_pages
from automation.runners.unattended import SignIn
from companion.core.secret import Secret
from simulated_store.serving.hosts import IDENTITY_HOST
from simulated_store.state import SimulatedBigCommerce
from simulated_store.variants import Variants

pytestmark = [pytest.mark.browser, pytest.mark.sampled(2, group="all of guided")]

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

SOMETIMES = pytest.mark.sampled(2, group="guided")
"""Each of these takes seconds in a browser; the rules behind them are tested with plain values in every run."""

Start = Callable[..., tuple[GuidedRun, Person]]


def leaves_the_rest(_step: str, what: str) -> str:
    return "hand" if "Sign in" in what or "code" in what or "Choose your account" in what else "rest"


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
    run, person = guided(plan=leaves_the_rest)
    captured = run.captures(person)
    assert_right(captured, run)
    assert by_user(run) == {"sign-in"}
    assert person.did[0].startswith("by hand: Sign in")
    assert person.did[1:] == ["pressed Do the rest for me"]


def test_who_does_everything_by_hand_is_credited_with_it_and_nobody_else_sees_the_panel(guided: Start):
    seen_by_others: list[str] = []

    def look(seen: Seen, page: Page) -> bool:
        for frame in page.frames:
            if frame.evaluate(f"typeof {BINDING} + typeof companionGuide") != "undefinedundefined":
                seen_by_others.append("the page's scripts reach the binding")
            if frame.evaluate("[...document.querySelectorAll('companion-guide')].some(each => each.shadowRoot)"):
                seen_by_others.append("the page's scripts reach the panel")
            if frame.get_by_role("button", name="Stop").count() or frame.get_by_text("BigCommerce Companion").count():
                seen_by_others.append("a locator meets the panel")
        if any("companion-guide" in each.html or seen.what in each.html for each in read_pages(page)):
            seen_by_others.append("a snapshot holds the panel")
        return False

    run, person = guided(on_turn=look)
    captured = run.captures(person)
    assert seen_by_others == []
    assert_right(captured, run)
    assert by_user(run) == BY_HAND
    assert not [did for did in person.did if did.startswith("pressed")]


def test_every_mixture_of_hands_leads_to_the_same_connection(guided: Start, bigcommerce: SimulatedBigCommerce):
    plan, meddle = whims(7, store_hash=bigcommerce.store.store_hash)
    run, person = guided(plan=plan, on_turn=meddle)
    assert_right(run.captures(person), run)


@SOMETIMES
def test_who_asks_the_helper_to_sign_in_has_done_nothing(guided: Start, bigcommerce: SimulatedBigCommerce):
    run, person = guided(plan=lambda _step, _what: "rest")
    run.sign_in = SignIn(bigcommerce.owner.email, Secret(bigcommerce.owner.password))
    assert_right(run.captures(person), run)
    assert by_user(run) == set()
    assert run.dealt_with == 0


@SOMETIMES
def test_who_follows_the_ring_gets_past_what_lies_over_the_page(guided: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.variants = Variants(
        frame="none",
        scope_control="select",
        token_type="select",
        token_type_first="stencil",
        cookie_bar=True,
        tour=True,
    )
    run, person = guided()
    assert_right(run.captures(person), run)
    assert by_user(run) == BY_HAND | {"choose-token-type"}
    assert any("Something lies over the page" in did for did in person.did)


# What only a person can do


@SOMETIMES
def test_a_challenge_a_code_and_a_choice_are_the_persons_and_are_counted(
    guided: Start, bigcommerce: SimulatedBigCommerce
):
    bigcommerce.variants = Variants(challenge="before")
    bigcommerce.users.check_devices(bigcommerce.owner)
    other = bigcommerce.add_store()
    bigcommerce.owner.stores.append(other.store_hash)

    def prove_to_be_human(_seen: Seen, page: Page) -> bool:
        box = page.locator("input[name=human]")
        if not box.count():
            return False
        box.click()
        return True

    def choose(_step: str, what: str) -> str:
        return leaves_the_rest("", what)

    run, person = guided(plan=choose, on_turn=prove_to_be_human, code=lambda: bigcommerce.mailbox[-1].code)
    captured = run.captures(person, store_hash=bigcommerce.store.store_hash)
    assert captured.store_hash == bigcommerce.store.store_hash
    assert "sign-in" in by_user(run)
    assert run.dealt_with >= 2


@SOMETIMES
def test_at_an_identity_provider_there_is_no_panel_and_no_binding(guided: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.users.use_sso(bigcommerce.owner)
    there: list[tuple[bool, str]] = []

    def use_sso(_seen: Seen, page: Page) -> bool:
        link = page.get_by_role("link", name="Log in with SSO")
        if link.count():
            link.click()
            return True
        if "/sso" in page.url:
            page.locator("input:not([type=hidden])").first.fill(bigcommerce.owner.email)
            page.keyboard.press("Enter")
            return True
        return False

    def at_the_provider(page: Page) -> None:
        if IDENTITY_HOST not in page.url:
            return
        there.append(
            (page.locator("companion-guide").count() > 0, page.evaluate(f"typeof {BINDING} + typeof companionGuide"))
        )
        page.locator("[type=password]").fill(bigcommerce.owner.password)
        page.keyboard.press("Enter")

    run, person = guided(plan=leaves_the_rest, on_turn=use_sso, on_their_own=at_the_provider)
    assert_right(run.captures(person), run)
    assert there
    assert set(there) == {(False, "undefinedundefined")}
    assert by_user(run) == {"sign-in"}
    assert any("not BigCommerce's" in line for line in run.said)


# Save, and what is shown after it


def test_save_waits_for_name_and_scopes_and_keeps_what_the_person_wrote(
    guided: Start, bigcommerce: SimulatedBigCommerce
):
    told: list[str] = []

    def hasty(seen: Seen, page: Page) -> bool:
        if seen.texts["alert"]:
            told.append(seen.texts["alert"])
        name = page.frame_locator("#content-iframe").get_by_label("Name", exact=True)
        if "Enter the name" in seen.what and not told:
            if not name.input_value():
                name.fill("My ERP")
            else:
                page.frame_locator("#content-iframe").get_by_role("button", name="Save").click()
            return True
        return False

    run, person = guided(plan=lambda _step, _what: "rest" if told else "hand", on_turn=hasty)
    captured = run.captures(person)
    assert_right(captured, run)
    assert told[0].startswith("“Save” waits")
    assert captured.api_account_name == f"My ERP {NAME.rpartition(' ')[2]}"


@pytest.mark.parametrize("leaves", [True, False], ids=["left so", "taken back"])
def test_a_scope_that_was_not_asked_for_is_named_and_stays_only_where_the_person_says_so(guided: Start, leaves: bool):
    told: list[str] = []
    chosen: list[str] = []

    def set_more(seen: Seen, page: Page) -> bool:
        if seen.texts["alert"] and LEAVE_SO in seen.buttons:
            told.append(seen.texts["alert"])
            if leaves:
                person.press(seen, page, LEAVE_SO)
            return leaves
        if "Storefront API" in seen.what and not chosen:
            name = page.frame_locator("#content-iframe").get_by_text("Products", exact=True)
            name.locator("xpath=ancestor::*[.//button][1]").get_by_role("switch", name="read-only").click()
            chosen.append("Products")
            return True
        return False

    run, person = guided(plan=lambda _step, what: "hand" if "Sign in" in what else "help", on_turn=set_more)
    captured = run.captures(person)
    assert_right(captured, run)
    assert "The scope “Products” is set to “read-only”, which was not asked for." in told[0]
    (account,) = run.bigcommerce.store.api_accounts
    assert ("store_v2_products_read_only" in account.scopes) is leaves
    assert ("store_v2_products_read_only" in captured.oauth_scopes) is leaves


@SOMETIMES
@pytest.mark.parametrize("cover", [True, False], ids=["covered", "uncovered"])
def test_the_values_are_covered_as_long_as_their_window_is_open(
    guided: Start, bigcommerce: SimulatedBigCommerce, cover: bool
):
    bigcommerce.variants = Variants(values_delay=1.0, txt="never")
    run, person = guided(plan=leaves_the_rest)
    run.cover = cover
    bare: list[Box] = []
    shown = 0

    def look() -> None:
        nonlocal shown
        page = run.page()
        boxes = page.frames[1].locator("[role=dialog] input") if page and len(page.frames) > 1 else None
        if boxes is None or not boxes.count():
            return
        places = [box.bounding_box() for box in boxes.all() if box.input_value()]
        seen = person.look()
        for place in filter(None, places):
            shown += 1
            wanted = Box(place["x"], place["y"], place["width"], place["height"])
            if seen is None or not any(_lies_over(over, wanted) for over in seen.covers):
                bare.append(wanted)

    run.glance = look
    assert_right(run.captures(person), run)
    assert shown
    assert (bare == []) is cover


def _lies_over(over: Box, box: Box) -> bool:
    return (
        over.x <= box.x + 1
        and over.y <= box.y + 1
        and over.x + over.width >= box.x + box.width - 1
        and over.y + over.height >= box.y + box.height - 1
    )


@SOMETIMES
def test_a_refused_save_is_told_and_can_be_mended(guided: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.variants = Variants(save_fault="500")
    told: list[str] = []

    def mend(seen: Seen, _page: Page) -> bool:
        if seen.texts["alert"]:
            told.append(seen.texts["alert"])
            bigcommerce.variants = Variants()
        return False

    run, person = guided(plan=leaves_the_rest, on_turn=mend)
    result = run.ends(person)
    assert isinstance(result, Captured), (result, person.did)
    assert "did not save" in told[0]
    assert [account.name for account in bigcommerce.store.api_accounts] == [result.api_account_name]


# Giving up


def test_a_window_that_is_closed_ends_the_run_and_leaves_nothing(guided: Start, bigcommerce: SimulatedBigCommerce):
    def close(seen: Seen, page: Page) -> bool:
        if "View storefront" in seen.what:
            page.close()
            return True
        return False

    run, person = guided(on_turn=close)
    assert isinstance(run.ends(person), BrowserUnavailable)
    assert (run.saves, run.removal) == (0, Removal.NEVER_THERE)


@SOMETIMES
def test_the_tab_of_the_panel_that_is_closed_beside_a_storefront_ends_the_run(
    guided: Start, bigcommerce: SimulatedBigCommerce
):
    run, person = guided()

    def close() -> None:
        page = run.page()
        if page is not None and len(page.context.pages) > 1:
            page.close()

    run.before_look = close
    assert isinstance(run.ends(person), BrowserUnavailable)
    assert (run.saves, run.removal) == (0, Removal.NEVER_THERE)


@SOMETIMES
def test_a_window_that_is_closed_after_save_names_the_account(guided: Start, bigcommerce: SimulatedBigCommerce):
    bigcommerce.variants = Variants(txt="never", window_delay=5.0)
    run, person = guided(plan=leaves_the_rest)

    def close() -> None:
        page = run.page()
        if run.saves and page is not None:
            page.close()

    run.glance = close
    result = run.ends(person)
    assert isinstance(result, CredentialsLost)
    assert run.removal is Removal.LEFT


def test_stop_stops_and_who_cannot_find_it_is_told_where_it_is(guided: Start, bigcommerce: SimulatedBigCommerce):
    told: list[list[str]] = []

    def ask(seen: Seen, page: Page) -> bool:
        if "Sign in" in seen.what:
            return False
        if seen.where:
            told.append(seen.where)
        button = STOP if seen.where else CANNOT_FIND
        if button in seen.buttons:
            person.press(seen, page, button)
        return True

    run, person = guided(on_turn=ask)
    assert isinstance(run.ends(person), Interrupted)
    assert "top right" in told[0][0]
    assert "“View store”" in told[0][1]


@SOMETIMES
def test_what_a_user_may_not_do_is_told_and_ends_with_that_where_they_stop(
    guided: Start, bigcommerce: SimulatedBigCommerce
):
    bigcommerce.owner.may_create = False

    def stop(seen: Seen, page: Page) -> bool:
        if not seen.texts["alert"]:
            return False
        person.press(seen, page, STOP)
        return True

    run, person = guided(plan=leaves_the_rest, on_turn=stop)
    assert isinstance(run.ends(person), NotPermitted)
    assert run.saves == 0


@SOMETIMES
def test_the_panel_is_reached_and_left_by_the_keyboard_and_escape_stays_in_it(guided: Start):
    heard: list[str] = []
    named: list[str] = []

    def use_keys(seen: Seen, page: Page) -> bool:
        if "View storefront" not in seen.what or STOP not in seen.buttons:
            return False
        if named:  # all is tried; the press may have met the panel while it was drawn anew
            person.press(seen, page, STOP)
            return True
        page.evaluate("window.heard = []; addEventListener('keydown', (event) => window.heard.push(event.key), true)")
        page.keyboard.press("Alt+Shift+G")
        if page.evaluate("document.activeElement.localName") != "companion-guide":
            return True
        page.keyboard.press("Escape")  # folds the panel
        heard.extend(page.evaluate("window.heard"))
        page.keyboard.press("Alt+Shift+G")
        page.keyboard.press("Alt+Shift+G")  # opens it again
        tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
        named.extend(
            f"{(node.get('role') or {}).get('value')} {(node.get('name') or {}).get('value')}" for node in tree
        )
        person.press(seen, page, STOP)
        return True

    run, person = guided(on_turn=use_keys)
    assert isinstance(run.ends(person), Interrupted)
    assert "Escape" not in heard
    assert {"region BigCommerce Companion", "button Do it for me", "button I can't find it"} <= set(named)
