"""What the panel's scripts do in its variants, under a real Chromium and plain Playwright."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from simulated_store.people.sign_ins import WARNING_BEFORE
from simulated_store.state import SimulatedBigCommerce
from simulated_store.variants import Variants

pytestmark = [pytest.mark.browser, pytest.mark.sampled(3, group="panel-variants")]

DASHBOARD = "/manage/dashboard"
LIST = "/manage/settings/api-accounts"
FORM = f"{LIST}/create"
NAME = "ERP connection"
TOKENS = "Storefront API tokens"

Enter = Callable[..., FrameLocator]


@pytest.fixture
def enter(bigcommerce: SimulatedBigCommerce, page: Page) -> Enter:
    """Opens a page of the control panel, signed in, and gives the frame of its content."""

    def entered(path: str, **variants: Any) -> FrameLocator:
        bigcommerce.variants = Variants(**variants)
        session = bigcommerce.sign_in(bigcommerce.owner.email, bigcommerce.owner.password)
        store = bigcommerce.store
        ticket = bigcommerce.panel_ticket(session, store.store_hash, path)
        page.goto(f"https://{store.panel_host}/manage/session?ticket={ticket}")
        return page.frame_locator("iframe")

    return entered


def fill_in(panel: FrameLocator | Page, name: str = NAME) -> None:
    panel.get_by_label("Name", exact=True).fill(name)


def save(panel: FrameLocator | Page) -> None:
    panel.get_by_role("button", name="Save", exact=True).click()


@pytest.mark.parametrize("generation", ["A", "B"])
def test_the_older_menus_lead_to_the_api_accounts(enter: Enter, page: Page, generation: str):
    panel = enter(DASHBOARD, generation=generation, api_menu="navigation")
    expect(panel.get_by_role("heading", name="Home")).to_be_visible()
    page.get_by_text("Advanced Settings", exact=True).click()
    expect(page.get_by_text("Orders", exact=True)).to_be_visible(visible=generation == "B")
    page.get_by_role("link", name="API Accounts", exact=True).click()
    expect(panel.get_by_role("heading", name="Store-level API accounts")).to_be_visible()
    page.wait_for_url(f"**{LIST}")


def test_a_frame_of_another_origin_works_like_the_panels_own(
    enter: Enter, page: Page, bigcommerce: SimulatedBigCommerce
):
    panel = enter(LIST, frame="foreign")
    panel.get_by_role("button", name="Create API account").click()
    page.wait_for_url(f"**{FORM}")
    fill_in(panel)
    with page.expect_download():
        save(panel)
    account = bigcommerce.store.api_account_named(NAME)
    expect(panel.get_by_role("dialog").get_by_label("Access token")).to_have_value(account.access_token)
    bigcommerce.expire_sessions()
    panel.get_by_role("button", name="Done").click()
    page.wait_for_url("https://login.bigcommerce.com/login")


def test_the_window_may_belong_to_the_top_document(enter: Enter, page: Page, bigcommerce: SimulatedBigCommerce):
    panel = enter(FORM, window_place="top", window_close="shown")
    fill_in(panel)
    save(panel)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Access token")).to_be_visible()
    expect(panel.get_by_role("dialog")).to_have_count(0)
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
    expect(panel.get_by_role("link", name=NAME)).to_be_visible()


def test_window_values_and_file_may_come_late(enter: Enter, page: Page, bigcommerce: SimulatedBigCommerce):
    panel = enter(FORM, window_delay=1.0, values_delay=1.0, txt_when="after", escape_closes=False, after_done="form")
    fill_in(panel)
    save(panel)
    expect(panel.get_by_role("alert")).to_be_visible()
    token = panel.get_by_role("dialog").get_by_label("Access token")
    expect(token).to_have_value("")
    expect(token).to_have_value(bigcommerce.store.api_account_named(NAME).access_token)
    page.keyboard.press("Escape")
    expect(token).to_be_visible()
    with page.expect_download() as download:
        panel.get_by_role("button", name="Done").click()
    assert "ACCESS TOKEN: " in Path(download.value.path()).read_text()
    expect(panel.get_by_label("Name", exact=True)).to_have_value("")


@pytest.mark.parametrize("window", ["no-role", "page"])
def test_the_credentials_may_be_in_no_dialog(enter: Enter, bigcommerce: SimulatedBigCommerce, window: str):
    panel = enter(FORM, window=window, txt="never", credential_boxes="masked", copy_buttons_named=True)
    fill_in(panel)
    save(panel)
    expect(panel.get_by_role("heading", name="BigCommerce API credentials")).to_be_visible()
    token = panel.get_by_label("Access token")
    expect(token).to_have_value(bigcommerce.store.api_account_named(NAME).access_token)
    expect(token).to_have_attribute("type", "password")
    expect(panel.get_by_role("dialog")).to_have_count(0)
    expect(panel.get_by_role("button", name="Copy")).to_have_count(3)
    panel.get_by_role("button", name="Done").click()
    expect(panel.get_by_role("link", name=NAME)).to_be_visible()


def test_an_alert_may_go_away_by_itself(enter: Enter):
    panel = enter(FORM, alert_seconds=0.5)
    fill_in(panel)
    save(panel)
    expect(panel.get_by_role("dialog")).to_be_visible()  # it comes after the alert
    expect(panel.get_by_role("alert")).to_have_count(0)


def test_save_says_what_is_missing(enter: Enter, bigcommerce: SimulatedBigCommerce):
    panel = enter(FORM, save_button="checks", token_type_first="none")
    fill_in(panel, "ERP")
    save(panel)
    expect(panel.get_by_text("at least 4 characters")).to_be_visible()
    expect(panel.get_by_text("Choose a token type")).to_be_visible()
    assert bigcommerce.store.api_accounts == []
    fill_in(panel)
    panel.get_by_role("combobox").click()
    panel.get_by_role("option", name="V2/V3 API token").click()
    save(panel)
    expect(panel.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("control", ["plain", "aria-radio", "combobox", "table"])
def test_the_rarer_scope_controls_save_what_was_chosen(enter: Enter, bigcommerce: SimulatedBigCommerce, control: str):
    panel = enter(FORM, scope_control=control, token_type="combobox-wrapper")
    fill_in(panel)
    label = panel.get_by_text(TOKENS, exact=True)
    block = label.locator("xpath=ancestor::*[.//button or .//input][1]")
    if control == "combobox":
        block.get_by_role("combobox").click()
        block.get_by_role("option", name="manage").click()
    else:
        block.get_by_text("manage", exact=True).click()
    save(panel)
    expect(panel.get_by_role("dialog")).to_be_visible()
    assert "store_storefront_api" in bigcommerce.store.api_account_named(NAME).scopes


@pytest.mark.parametrize("form", ["native", "question"])
def test_leaving_a_form_that_was_begun_is_asked_about(enter: Enter, page: Page, form: str):
    panel = enter(FORM, leaving=form)
    fill_in(panel)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    panel.get_by_role("button", name="Cancel").click()
    if form == "question":
        panel.get_by_role("button", name="Stay on page").click()
        expect(panel.get_by_label("Name", exact=True)).to_have_value(NAME)
        panel.get_by_role("button", name="Cancel").click()
        panel.get_by_role("button", name="Leave page").click()
    expect(panel.get_by_text("No accounts were found.")).to_be_visible()
    assert asked == (["beforeunload"] if form == "native" else [])


@pytest.mark.parametrize("form", ["trash", "check-boxes"])
def test_rows_are_deleted_in_the_other_ways(enter: Enter, bigcommerce: SimulatedBigCommerce, form: str):
    for number in range(3):
        bigcommerce.store.create_api_account(f"Account {number}", frozenset())
    panel = enter(LIST, list_actions=form)
    row = panel.get_by_role("row").filter(has_text="Account 1")
    if form == "trash":
        row.get_by_role("button", name="Delete").click()
    else:
        row.locator("label[aria-hidden]").click()
        panel.get_by_role("toolbar").get_by_role("button", name="Delete").click()
    panel.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(panel.get_by_role("alert")).to_contain_text("deleted")
    expect(row).to_have_count(0)
    assert [each.name for each in bigcommerce.store.api_accounts] == ["Account 0", "Account 2"]


def test_the_create_menu_leads_to_a_form_of_one_type(enter: Enter, page: Page):
    panel = enter(LIST, create_button="menu", token_type="absent")
    panel.get_by_role("button", name="Create API account").click()
    panel.get_by_role("option", name="Create Stencil-CLI Token").click()
    expect(panel.get_by_label("Publish theme")).to_be_visible()
    expect(panel.get_by_text("OAuth scopes", exact=True)).to_be_hidden()
    page.wait_for_url(f"**{FORM}/stencil")


@pytest.mark.parametrize("form", ["menu", "dialog"])
def test_a_storefront_is_chosen_among_several(enter: Enter, page: Page, bigcommerce: SimulatedBigCommerce, form: str):
    channel = bigcommerce.store.add_channel("Outlet")
    enter(DASHBOARD, storefront_chooser=form)
    page.get_by_role("button", name="View storefront").click()
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Outlet").click()
    popup.value.wait_for_url(re.compile(f"-{channel.channel_id}.mybigcommerce.com/"))
    expect(page.get_by_role("link", name="Outlet")).to_have_count(0)


@pytest.mark.parametrize("variants", [{"storefront_opens": "script"}, {"storefront_lands": "hops"}], ids=str)
def test_a_script_leads_to_the_storefront(
    enter: Enter, page: Page, bigcommerce: SimulatedBigCommerce, variants: dict[str, str]
):
    enter(DASHBOARD, **variants)
    with page.expect_popup() as popup:
        page.get_by_text("View storefront", exact=True).click()
    popup.value.wait_for_url(f"https://{bigcommerce.store.vanity_host}/**")


def test_overlays_come_late_and_go_when_they_are_told_to(enter: Enter, page: Page):
    told = []
    page.on("dialog", lambda dialog: (told.append(dialog.type), dialog.accept()))
    enter(DASHBOARD, promotion=True, guide=True, native_alert=True, overlay_delay=0.5)
    page.get_by_role("button", name="Not now").click()
    page.get_by_role("button", name="Hide guide").click()
    expect(page.get_by_role("button", name=re.compile("Not now|Hide guide"))).to_have_count(0)
    assert told == ["alert"]


def test_native_questions_come_once_a_tab_and_with_the_value_to_copy(
    enter: Enter, page: Page, bigcommerce: SimulatedBigCommerce
):
    asked = []
    page.on("dialog", lambda dialog: (asked.append((dialog.type, dialog.default_value)), dialog.dismiss()))
    panel = enter(FORM, native_prompt=True, copying="prompt", copy_buttons_named=True)
    fill_in(panel)
    save(panel)
    panel.get_by_role("button", name="Copy").last.click()
    token = bigcommerce.store.api_account_named(NAME).access_token
    assert asked == [("prompt", ""), ("prompt", token)]


def test_the_window_asks_the_browser_for_the_clipboard(enter: Enter, page: Page):
    page.add_init_script(
        "Clipboard.prototype.readText = () => { top.asked = true; return Promise.reject(new DOMException('')); }"
    )
    panel = enter(FORM, copying="permission")
    fill_in(panel)
    save(panel)
    expect(panel.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("window.asked") is True


@pytest.mark.parametrize("forced", [True, False])
def test_the_end_of_a_session_is_announced(enter: Enter, page: Page, bigcommerce: SimulatedBigCommerce, forced: bool):
    enter(DASHBOARD, session_warning=forced)
    if not forced:
        expect(page.get_by_role("dialog")).to_have_count(0)
        bigcommerce.almost_expire_sessions()
    expect(page.get_by_role("dialog")).to_contain_text("logged out in 4:", timeout=20_000)
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    with page.expect_response("**/admin/app-api/session"):
        pass
    (session,) = bigcommerce.panel_sessions.values()
    assert bigcommerce.sign_ins.seconds_left(session) > WARNING_BEFORE


def test_content_may_come_late_and_works_then(enter: Enter, page: Page):
    panel = enter(LIST, content_delay=1.0)
    expect(panel.get_by_role("progressbar")).to_be_visible()
    panel.get_by_role("button", name="Create API account").click()
    expect(panel.get_by_label("Name", exact=True)).to_be_visible()
