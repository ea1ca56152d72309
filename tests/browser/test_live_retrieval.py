"""“Get these for me” on the page, with a real browser that walks the simulated store, followed by real tabs."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable

import psutil  # type: ignore[import-untyped]
import pytest
from canary_hunt import sightings
from persons import Person
from playwright.sync_api import Browser, Page, expect
from programs import LIMIT, Program, wait_until
from retrieval_screen import PATIENCE, RetrievalScreen
from retrieving_service import GONE, PersonsBrowser, Serving

from companion.core.retrieval_steps import RETRIEVAL_STEP_IDS
from simulated_store.people.user import User
from simulated_store.state import SimulatedBigCommerce, Store, Variants

pytestmark = [
    pytest.mark.sampled(1, group="live retrieval"),
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups"),
]

Opens = Callable[..., Page]
MINE = "I\N{RIGHT SINGLE QUOTATION MARK}ll do this one"


@pytest.mark.sampled(1)
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_the_button_to_a_working_connection_while_the_page_shows_each_step(
    serve: Serving, signed_in: Opens, bigcommerce: SimulatedBigCommerce, store: Store, scripts: bool
) -> None:
    service = serve()
    page = signed_in(service, java_script_enabled=scripts)
    sent: list[str] = []
    page.on("response", lambda answer: sent.append(answer.url))
    page.get_by_role("link", name="Connect a store").click()
    page.get_by_role("link", name="Get these for me").click()
    expect(page.get_by_text("that window alone")).to_be_visible()
    expect(page.get_by_text("one API account in the store")).to_be_visible()
    screen = RetrievalScreen(page)
    screen.begin("Émile & Co", unattended=True)
    assert list(screen.statuses()) == list(RETRIEVAL_STEP_IDS)
    screen.ends_as("The connection is stored")
    assert set(screen.statuses().values()) == {"done"}
    [account] = store.api_accounts
    expect(page.get_by_text(account.name)).to_be_visible()
    page.get_by_role("link", name="Open the connection").click()
    expect(page.get_by_role("heading", name="Émile & Co")).to_be_visible()
    expect(page.get_by_text("Everything works")).to_be_visible()
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])") if scripts else ""
    texts = {"page": page.content(), "kept": kept, "addresses": " ".join(sent)}
    secrets = [account.access_token, account.client_secret, bigcommerce.owner.password, bigcommerce.owner.email]
    assert sightings(secrets, texts, []) == []


@pytest.mark.sampled(1)
@pytest.mark.parametrize("step", ["sign-in", "create-api-account", "save", "read-credentials"])
def test_cancelled_at_any_moment_it_leaves_nothing_and_can_be_begun_again(
    serve: Serving, signed_in: Opens, bigcommerce: SimulatedBigCommerce, store: Store, step: str
) -> None:
    bigcommerce.variants = Variants(txt="never")
    service = serve()
    page = signed_in(service)
    page.goto(service.url + "/retrieval?name=shop")
    screen = RetrievalScreen(page)
    screen.begin("shop", unattended=True)
    screen.reaches(step, "running", "done")
    below = service.children()
    screen.press("Cancel")
    screen.ends_as("Cancelled")
    expect(page.get_by_role("alert").filter(has_text="Nothing of it is left at BigCommerce.")).to_be_visible()
    assert psutil.wait_procs(below, timeout=GONE)[1] == []
    assert store.api_accounts == []
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_label("Name your connection")).to_have_value("shop")
    expect(page.get_by_role("button", name="Begin")).to_be_enabled()


def test_a_pause_is_seen_in_each_tab_and_either_lets_it_go_on(serve: Serving, signed_in: Opens, store: Store) -> None:
    service = serve()
    page = signed_in(service)
    page.goto(service.url + "/retrieval?name=shop")
    screen = RetrievalScreen(page)
    screen.begin("shop", unattended=True)
    screen.press("Pause")
    expect(page.get_by_text("It is paused")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name=MINE)).to_have_count(0)  # there is no window
    made = len(store.api_accounts)
    page.reload()
    expect(page.get_by_text("It is paused")).to_be_visible()
    other = page.context.new_page()
    other.goto(service.url + "/retrieval")
    expect(other.get_by_role("button", name="Begin")).to_have_count(0)
    other.get_by_role("link", name="Look at it").click()
    expect(other.get_by_text("It is paused")).to_be_visible()
    assert len(store.api_accounts) == made
    RetrievalScreen(other).press("Go on")
    for each in (page, other):
        RetrievalScreen(each).ends_as("The connection is stored")


def turns(person: Person, until: Callable[[], bool]) -> None:
    """Let a person do one thing after another."""
    end = time.monotonic() + LIMIT
    while not until():
        assert time.monotonic() < end, person.did
        person.turn()
        time.sleep(0.05)


def sign_in_at(page: Page | None, user: User) -> None:
    assert page is not None
    page.get_by_placeholder("Email").or_(page.locator("[type=email]")).first.fill(user.email)
    page.locator("[type=password]").fill(user.password)
    page.keyboard.press("Enter")


def test_guided_a_person_does_what_the_page_says_and_leaves_the_rest_to_the_helper(
    serve: Serving,
    signed_in: Opens,
    browser: Browser,
    bigcommerce: SimulatedBigCommerce,
    store: Store,
    program: Program,
) -> None:
    theirs = PersonsBrowser(program.place)
    service = serve(**theirs.environment)
    page = signed_in(service)
    page.goto(service.url + "/retrieval?name=shop")
    screen = RetrievalScreen(page)
    screen.begin("shop")
    window = browser.browser_type.connect_over_cdp(theirs.address())

    def tab() -> Page | None:
        return next((each for context in window.contexts for each in context.pages if "bigcommerce" in each.url), None)

    person = Person(tab, bigcommerce.owner)
    expect(page.locator("#to-do")).to_contain_text("Sign in to BigCommerce", timeout=PATIENCE)
    screen.press("Pause")
    expect(page.get_by_text("It is paused")).to_be_visible(timeout=PATIENCE)
    sign_in_at(tab(), bigcommerce.owner)
    screen.reaches("open-storefront", "running")
    assert store.api_accounts == []
    screen.press(MINE)
    expect(page.locator("#to-do")).to_contain_text("View storefront", timeout=PATIENCE)
    page.reload()
    expect(page.locator("#to-do")).to_contain_text("View storefront")
    turns(person, lambda: screen.step("open-storefront").get_attribute("data-status") == "by-user")
    address = page.url
    page.close()  # which stops nothing
    again = signed_in(service)
    again.goto(address)
    screen = RetrievalScreen(again)
    screen.ends_as("The connection is stored")
    done = screen.statuses()
    assert {step for step, word in done.items() if word == "done by you"} == {"sign-in", "open-storefront"}
    assert set(done.values()) == {"done", "done by you"}
    window.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.sampled(1)
def test_stopping_the_service_ends_it_cleanly_and_the_page_says_that_the_service_is_away(
    serve: Serving, signed_in: Opens, bigcommerce: SimulatedBigCommerce, store: Store, scripts: bool
) -> None:
    bigcommerce.variants = Variants(txt="never")
    service = serve()
    page = signed_in(service, java_script_enabled=scripts)
    page.goto(service.url + "/retrieval?name=shop")
    RetrievalScreen(page).begin("shop", unattended=True)
    wait_until(lambda: store.api_accounts, service.process)
    below = service.children()
    service.process.send_signal(signal.SIGINT)
    if scripts:
        stopped = page.get_by_role("heading", name="Cancelled", exact=True)
        away = page.get_by_role("alert").filter(has_text="The service does not answer")
        expect(stopped.or_(away)).to_be_visible(timeout=PATIENCE)
    service.wait()
    assert psutil.wait_procs(below, timeout=GONE)[1] == []
    assert store.api_accounts == []
    assert service.program.left_behind() == []


def test_a_second_ctrl_c_leaves_no_api_account_that_is_not_named(
    serve: Serving, bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    bigcommerce.variants = Variants(txt="never")
    service = serve()
    made = service.start()
    wait_until(lambda: store.api_accounts, service.process)
    service.until(made["id"], lambda retrieval: retrieval["now"]["step"] == "read-credentials")
    bigcommerce.variants = Variants(txt="never", content_delay=20.0)  # taking it back takes a while
    below = service.children()
    service.process.send_signal(signal.SIGINT)
    service.until(made["id"], lambda retrieval: retrieval["state"] == "stopping")
    service.process.send_signal(signal.SIGINT)
    service.wait()
    assert psutil.wait_procs(below, timeout=GONE)[1] == []
    [account] = store.api_accounts
    assert f"The API account {account.name!r} may be left at BigCommerce." in service.said
    assert "Traceback" not in service.said
    assert service.program.left_behind() == []
