"""The simulated control panel under a real Chromium and plain Playwright: what `control-panel` facts it keeps."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect

from simulated_store.people.user import User
from simulated_store.serving.site_faults import SAVE
from simulated_store.state import SimulatedBigCommerce
from simulated_store.variants import Variants

pytestmark = [pytest.mark.browser, pytest.mark.sampled(10, group="simulated panel")]

STOREFRONT_SCOPES = ("Storefront API tokens", "Storefront API customer impersonation tokens")
STOREFRONT_PARAMETERS = {"store_storefront_api", "store_storefront_api_customer_impersonation"}
CREATE_LINK = "https://login.bigcommerce.com/deep-links/settings/api-accounts/create"
LIST_LINK = "https://login.bigcommerce.com/deep-links/settings/api-accounts"


def sign_in(page: Page, user: User, address: str = "https://login.bigcommerce.com/login", password: str = "") -> None:
    page.goto(address)
    page.get_by_placeholder("Email Address").fill(user.email)
    page.get_by_placeholder("Password").fill(password or user.password)
    page.get_by_role("button", name="Log in", exact=True).click()


def content(page: Page) -> FrameLocator:
    return page.frame_locator("#content-iframe")


def scope_block(content: FrameLocator | Page, name: str) -> Locator:
    """The innermost element around a scope's label and its control."""
    label = content.get_by_text(name, exact=True)
    return label.locator("xpath=ancestor::*[.//button or .//input or .//select][1]")


def save(content: FrameLocator | Page) -> Locator:
    return content.get_by_role("button", name="Save", exact=True)


def created_by(page: Page) -> str:
    """Save the form on `page` and give the text of the downloaded file."""
    with page.expect_download() as download:
        save(content(page)).click()
    return Path(download.value.path()).read_text()


def test_the_documented_steps_lead_to_working_credentials(bigcommerce: SimulatedBigCommerce, page: Page):
    store = bigcommerce.store
    sign_in(page, bigcommerce.owner)
    panel = content(page)
    expect(panel.get_by_role("heading", name="Home")).to_be_visible()
    assert page.url == f"https://{store.panel_host}/manage/dashboard"

    with page.expect_popup() as popup:
        page.get_by_role("link", name="View storefront").click()
    popup.value.wait_for_load_state()
    assert popup.value.url == f"https://{store.vanity_host}/?ctk={store.preview_token}"
    expect(popup.value.get_by_role("heading", name=store.name)).to_be_visible()

    page.get_by_role("menuitem", name="Settings").click()
    panel.get_by_text("Store-level API accounts", exact=True).click()
    panel.get_by_role("button", name="Create API account", exact=True).click()
    expect(panel.get_by_role("heading", name="Create account")).to_be_visible()
    expect(page).to_have_url(f"https://{store.panel_host}/manage/settings/api-accounts/create")
    expect(panel.get_by_label("API path")).to_have_value(store.api_path)

    panel.get_by_role("button", name="toggle menu").click()
    panel.get_by_role("option", name="V2/V3 API token").click()
    panel.get_by_label("Name", exact=True).fill("ERP connection")
    for name in STOREFRONT_SCOPES:
        scope_block(panel, name).get_by_role("switch", name="manage").click()
    text = created_by(page)

    account = store.api_account_named("ERP connection")
    assert account.scopes == STOREFRONT_PARAMETERS | {"store_metafield_write"}
    window = panel.get_by_role("dialog").filter(has=page.get_by_role("heading", name="BigCommerce API credentials"))
    expect(window.get_by_label("Client ID")).to_have_value(account.client_id)
    expect(window.get_by_label("Client secret")).to_have_value(account.client_secret)
    expect(window.get_by_label("Access token")).to_have_value(account.access_token)
    assert f"ACCESS TOKEN: {account.access_token}\n" in text
    expect(panel.get_by_role("alert", name="Create account")).to_contain_text("Account created successfully")

    window.get_by_role("button", name="Done").click()
    expect(panel.get_by_role("link", name="ERP connection")).to_be_visible()
    expect(window).to_have_count(0)
    assert page.url == f"https://{store.panel_host}/manage/settings/api-accounts"


def test_the_secrets_are_shown_once(bigcommerce: SimulatedBigCommerce, page: Page):
    sign_in(page, bigcommerce.owner, CREATE_LINK)
    content(page).get_by_label("Name", exact=True).fill("ERP connection")
    created_by(page)
    content(page).get_by_role("button", name="Done").click()
    content(page).get_by_role("link", name="ERP connection").click()
    expect(content(page).get_by_role("heading", name="ERP connection")).to_be_visible()
    account = bigcommerce.store.api_account_named("ERP connection")
    for address in (page.url, f"{page.url}/../", LIST_LINK):
        page.goto(address)
        expect(content(page).get_by_role("heading", name=re.compile("accounts|ERP"))).to_be_visible()
        for frame in page.frames:
            shown = frame.content()
            assert account.access_token not in shown
            assert account.client_secret not in shown


def test_controls_are_named_as_the_component_library_names_them(bigcommerce: SimulatedBigCommerce, page: Page):
    sign_in(page, bigcommerce.owner, CREATE_LINK)
    panel = content(page)
    group = scope_block(panel, "Products").get_by_role("group")
    expect(group).to_have_accessible_name("")
    switches = group.get_by_role("switch")
    expect(switches).to_have_text(["None", "read-only", "modify"])
    expect(switches.first).to_have_attribute("aria-checked", "true")
    expect(panel.get_by_role("combobox")).to_have_value("V2/V3 API token")
    expect(panel.get_by_role("option")).to_have_count(0)
    panel.get_by_role("combobox").click()
    expect(panel.get_by_role("option")).to_have_text(["V2/V3 API token", "Stencil-CLI token"])
    panel.get_by_role("option").first.click()
    expect(panel.get_by_role("group").last.get_by_role("button")).to_have_text(["Save", "Cancel"])

    panel.get_by_label("Name", exact=True).fill("ERP connection")
    created_by(page)
    dialog = panel.get_by_role("dialog")
    expect(dialog).to_have_accessible_name("")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(dialog.locator("button")).to_have_count(5)
    expect(dialog.get_by_role("button", name="Close")).to_have_count(0)
    expect(dialog.get_by_label("Access token")).to_be_focused()
    for copy in dialog.get_by_role("button").all()[:3]:
        expect(copy).to_have_accessible_name("")


def test_nothing_in_the_pages_is_there_for_tests(bigcommerce: SimulatedBigCommerce, page: Page):
    sign_in(page, bigcommerce.owner, CREATE_LINK)
    expect(save(content(page))).to_be_visible()
    for frame in page.frames:
        html = frame.content()
        assert not re.search(r"\sdata-", html)
        ids = re.findall(r'\sid="([^"]*)"', html)
        assert {each for each in ids if not re.fullmatch(r":r[0-9a-v]+:", each)} <= {
            "root",
            "app-config",
            "menu-config",
            "content-iframe",
        }


def test_save_waits_for_a_name_of_four_characters(bigcommerce: SimulatedBigCommerce, page: Page):
    sign_in(page, bigcommerce.owner, CREATE_LINK)
    panel = content(page)
    scope_block(panel, "Products").get_by_role("switch", name="modify").click()
    expect(save(panel)).to_be_disabled()
    panel.get_by_label("Name", exact=True).fill("ERP")
    expect(save(panel)).to_be_disabled()
    panel.get_by_label("Name", exact=True).fill("ERP 1")
    expect(save(panel)).to_be_enabled()


def test_every_scope_of_the_form_is_saved_as_chosen(bigcommerce: SimulatedBigCommerce, page: Page):
    sign_in(page, bigcommerce.owner, CREATE_LINK)
    panel = content(page)
    panel.get_by_label("Name", exact=True).fill("All scopes")
    frame = page.frames[1]
    assert isinstance(frame, Frame)
    frame.evaluate("for (const g of document.querySelectorAll('form [role=group]')) g.lastElementChild.click()")
    created_by(page)
    scopes = bigcommerce.store.api_account_named("All scopes").scopes
    assert len(scopes) == 28
    assert scopes >= STOREFRONT_PARAMETERS | {
        "store_themes_manage",
        "store_metafield_write_all",
        "store_logs_read_only",
    }


def test_a_stencil_token_offers_access_levels_and_no_scopes(bigcommerce: SimulatedBigCommerce, page: Page):
    sign_in(page, bigcommerce.owner, CREATE_LINK)
    panel = content(page)
    panel.get_by_role("combobox").fill("sten")
    panel.get_by_role("combobox").press("Enter")
    expect(panel.get_by_text("OAuth scopes", exact=True)).to_be_hidden()
    panel.get_by_label("Publish theme").check()
    panel.get_by_label("Name", exact=True).fill("Theme work")
    created_by(page)
    assert bigcommerce.store.api_account_named("Theme work").scopes == {"store_themes_manage"}


@pytest.mark.parametrize("refused", ["taken name", "limit", "server error"])
def test_a_refused_save_says_so_and_makes_nothing(bigcommerce: SimulatedBigCommerce, page: Page, refused: str):
    store = bigcommerce.store
    for number in range({"taken name": 1, "limit": 50, "server error": 0}[refused]):
        store.create_api_account("ERP connection" if refused == "taken name" else f"Account {number}", frozenset())
    if refused == "server error":
        bigcommerce.variants = Variants(save_fault="500")
    before = list(store.api_accounts)
    sign_in(page, bigcommerce.owner, CREATE_LINK)
    panel = content(page)
    panel.get_by_label("Name", exact=True).fill("ERP connection")
    save(panel).click()
    expect(panel.get_by_role("alert")).to_contain_text(
        {"taken name": "already exists", "limit": "maximum of 50", "server error": "went wrong"}[refused]
    )
    expect(panel.get_by_role("dialog")).to_have_count(0)
    expect(save(panel)).to_be_enabled()
    assert store.api_accounts == before


def test_a_lost_answer_to_the_save_leaves_an_account_whose_secrets_nobody_saw(
    bigcommerce: SimulatedBigCommerce, page: Page
):
    bigcommerce.faults.add(SAVE, drop=True, after=True)
    sign_in(page, bigcommerce.owner, CREATE_LINK)
    panel = content(page)
    panel.get_by_label("Name", exact=True).fill("ERP connection")
    save(panel).click()
    expect(panel.get_by_role("alert")).to_contain_text("went wrong")
    expect(panel.get_by_role("dialog")).to_have_count(0)
    assert [account.name for account in bigcommerce.store.api_accounts] == ["ERP connection"]


def test_deleting_takes_the_confirmed_row_and_no_other(bigcommerce: SimulatedBigCommerce, page: Page):
    store = bigcommerce.store
    for name in ("ERP connection", "ERP connection 2"):
        store.create_api_account(name, frozenset({"store_v2_products"}))
    sign_in(page, bigcommerce.owner, LIST_LINK)
    panel = content(page)
    row = panel.get_by_role("row").filter(has=page.get_by_role("link", name="ERP connection", exact=True))
    row.get_by_role("button").click()
    panel.get_by_role("option", name="Delete").click()
    panel.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(panel.get_by_role("dialog")).to_have_count(0)
    assert len(store.api_accounts) == 2
    row.get_by_role("button").click()
    panel.get_by_role("option", name="Delete").click()
    panel.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(panel.get_by_role("alert")).to_contain_text("deleted")
    expect(row).to_have_count(0)
    assert [account.name for account in store.api_accounts] == ["ERP connection 2"]


def test_more_than_twenty_five_accounts_take_pages(bigcommerce: SimulatedBigCommerce, page: Page):
    for number in range(40):
        bigcommerce.store.create_api_account(f"Account {number:02}", frozenset())
    sign_in(page, bigcommerce.owner, LIST_LINK)
    panel = content(page)
    pages = panel.get_by_role("navigation", name="pagination")
    expect(pages.get_by_role("button", name="1 - 25 of 40")).to_be_visible()
    expect(pages.get_by_role("button", name="Previous page")).to_be_disabled()
    expect(panel.get_by_role("link", name="Account 00")).to_have_count(0)
    pages.get_by_role("button", name="Next page").click()
    expect(pages.get_by_role("button", name="26 - 40 of 40")).to_be_visible()
    expect(panel.get_by_role("link", name="Account 00")).to_be_visible()
    expect(pages.get_by_role("button", name="Next page")).to_be_disabled()


def test_an_empty_list_says_so(bigcommerce: SimulatedBigCommerce, page: Page):
    sign_in(page, bigcommerce.owner, LIST_LINK)
    expect(content(page).get_by_text("No accounts were found.")).to_be_visible()


def test_a_wrong_password_is_said_and_the_sixth_locks(bigcommerce: SimulatedBigCommerce, page: Page):
    for _ in range(5):
        sign_in(page, bigcommerce.owner, password="not it")
        expect(page.get_by_text("incorrect")).to_be_visible()
        assert page.url == "https://login.bigcommerce.com/login"
    sign_in(page, bigcommerce.owner, password="not it")
    expect(page.get_by_role("button", name="Resend unlock instructions")).to_be_visible()
    assert bigcommerce.owner.locked


def test_the_sign_in_form_has_the_documented_names(bigcommerce: SimulatedBigCommerce, page: Page):
    with page.expect_response("**/session/heartbeat"):
        page.goto("https://login.bigcommerce.com/login")
    assert page.title() == "Log In - BigCommerce"
    expect(page.locator("#user_email")).to_have_attribute("name", "user[email]")
    expect(page.locator("#user_password")).to_have_attribute("name", "user[password]")
    expect(page.locator("input[type=submit]")).to_have_attribute("value", "Log in")
    expect(page.locator("input[type=submit]")).to_have_attribute("name", "commit")
    expect(page.locator("label")).to_have_count(0)


def test_an_unknown_device_is_asked_for_the_mailed_code(bigcommerce: SimulatedBigCommerce, page: Page):
    user = bigcommerce.add_user("staff@x.example", stores=[bigcommerce.store.store_hash], device_check=True)
    sign_in(page, user)
    expect(page.get_by_role("heading", name="2-Step Verification")).to_be_visible()
    assert page.url.startswith("https://login.bigcommerce.com/device_verifications/")
    expect(page.locator("#device_verification_otp_code")).to_have_attribute("name", "device_verification[otp_code]")
    page.get_by_label("Verification Code").fill("no code")
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("not valid")).to_be_visible()
    page.get_by_label("Verification Code").fill(bigcommerce.mailbox[-1].code)
    page.get_by_role("button", name="Verify").click()
    expect(content(page).get_by_role("heading", name="Home")).to_be_visible()


def test_a_user_of_two_stores_chooses_and_then_reaches_the_page_asked_for(
    bigcommerce: SimulatedBigCommerce, page: Page
):
    other = bigcommerce.add_store(name="The other store")
    user = bigcommerce.add_user("staff@x.example", stores=[bigcommerce.store.store_hash, other.store_hash])
    sign_in(page, user, LIST_LINK)
    expect(page.get_by_role("heading", name="Choose an account")).to_be_visible()
    assert page.url == "https://login.bigcommerce.com/accounts/list"
    page.get_by_label("Account").select_option("The other store")
    page.get_by_role("button", name="Continue").click()
    expect(content(page).get_by_role("heading", name="Store-level API accounts")).to_be_visible()
    assert page.url == f"https://{other.panel_host}/manage/settings/api-accounts"


def test_an_address_of_one_of_two_stores_needs_no_choice(bigcommerce: SimulatedBigCommerce, page: Page):
    other = bigcommerce.add_store()
    user = bigcommerce.add_user("staff@x.example", stores=[bigcommerce.store.store_hash, other.store_hash])
    sign_in(page, user, f"https://{other.panel_host}/manage/settings")
    expect(content(page).get_by_role("heading", name="Settings")).to_be_visible()
    assert page.url == f"https://{other.panel_host}/manage/settings"


@pytest.mark.parametrize(("may_list", "may_create"), [(True, False), (False, True), (False, False)])
def test_permissions_decide_what_is_offered(
    bigcommerce: SimulatedBigCommerce, page: Page, may_list: bool, may_create: bool
):
    store = bigcommerce.store
    store.create_api_account("ERP connection", frozenset())
    user = bigcommerce.add_user("staff@x.example", stores=[store.store_hash], may_list=may_list, may_create=may_create)
    sign_in(page, user, LIST_LINK)
    panel = content(page)
    expect(panel.get_by_role("main")).to_be_visible()
    expect(panel.get_by_role("link", name="ERP connection")).to_have_count(int(may_list))
    expect(panel.get_by_role("button", name="Create API account")).to_have_count(int(may_create))
    expect(panel.get_by_text("You don't have permission")).to_have_count(0 if may_list else 1)
    page.goto(f"https://{store.panel_host}/manage/settings/api-accounts/create")
    expect(panel.get_by_role("heading", name="Create account" if may_create else "Permission required")).to_be_visible()


def test_a_session_that_ends_leads_back_to_signing_in_and_then_on(bigcommerce: SimulatedBigCommerce, page: Page):
    sign_in(page, bigcommerce.owner, CREATE_LINK)
    panel = content(page)
    panel.get_by_label("Name", exact=True).fill("ERP connection")
    bigcommerce.expire_sessions()
    save(panel).click()
    page.wait_for_url("https://login.bigcommerce.com/login")
    assert bigcommerce.store.api_accounts == []
    sign_in(page, bigcommerce.owner, page.url)
    expect(panel.get_by_role("heading", name="Create account")).to_be_visible()


def test_the_menu_collapses_to_icons(bigcommerce: SimulatedBigCommerce, page: Page):
    sign_in(page, bigcommerce.owner)
    expect(page.get_by_role("menuitem").get_by_text("Settings")).to_be_visible()
    page.get_by_role("navigation").get_by_role("button").click()
    expect(page.get_by_role("menuitem").get_by_text("Settings")).to_be_hidden()
    page.get_by_label("Search").fill("api")
    page.get_by_role("link", name="Store-level API accounts").click()
    expect(content(page).get_by_role("heading", name="Store-level API accounts")).to_be_visible()


def test_the_back_button_leaves_the_form_and_the_address_follows(bigcommerce: SimulatedBigCommerce, page: Page):
    sign_in(page, bigcommerce.owner, LIST_LINK)
    content(page).get_by_role("button", name="Create API account").click()
    page.wait_for_url("**/api-accounts/create")
    page.go_back()
    expect(content(page).get_by_role("heading", name="Store-level API accounts")).to_be_visible()
    page.wait_for_url("**/api-accounts")


def choose_by_switch(block: Locator) -> None:
    block.get_by_role("switch", name="manage").click()


def choose_by_button(block: Locator) -> None:
    block.get_by_role("button", name="manage").click()
    expect(block.get_by_role("button", name="manage")).to_have_attribute("aria-pressed", "true")


def choose_by_radio(block: Locator) -> None:
    block.get_by_text("manage").click()
    expect(block.get_by_role("radio", name="manage")).to_be_checked()


def choose_by_select(block: Locator) -> None:
    block.get_by_role("combobox").select_option("manage")


@pytest.mark.parametrize(
    ("control", "choose"),
    [
        ("switch-unnamed", choose_by_switch),
        ("switch-named", choose_by_switch),
        ("pressed", choose_by_button),
        ("radio", choose_by_radio),
        ("hidden-radio", choose_by_radio),
        ("select", choose_by_select),
    ],
)
def test_each_form_of_scope_control_saves_what_was_chosen(
    bigcommerce: SimulatedBigCommerce, page: Page, control: str, choose: Callable[[Locator], None]
):
    bigcommerce.variants = Variants(scope_control=control)
    sign_in(page, bigcommerce.owner, CREATE_LINK)
    for name in STOREFRONT_SCOPES:
        block = scope_block(content(page), name)
        choose(block)
        if control == "switch-named":
            expect(block.get_by_role("group", name=name, exact=True)).to_be_visible()
    content(page).get_by_label("Name", exact=True).fill("ERP connection")
    created_by(page)
    scopes = bigcommerce.store.api_account_named("ERP connection").scopes
    assert scopes == STOREFRONT_PARAMETERS | {"store_metafield_write"}


def test_without_a_frame_the_content_is_in_the_top_document(bigcommerce: SimulatedBigCommerce, page: Page):
    bigcommerce.variants = Variants(frame="none", token_type="select")
    sign_in(page, bigcommerce.owner, LIST_LINK)
    page.get_by_role("button", name="Create API account").click()
    page.get_by_label("Token type").select_option("V2/V3 API token")
    page.get_by_label("Name", exact=True).fill("ERP connection")
    with page.expect_download():
        save(page).click()
    account = bigcommerce.store.api_account_named("ERP connection")
    expect(page.get_by_role("dialog").get_by_label("Access token")).to_have_value(account.access_token)
    assert len(page.frames) == 1


def test_the_frame_can_have_another_name(bigcommerce: SimulatedBigCommerce, page: Page):
    bigcommerce.variants = Variants(frame="other", token_type="absent")
    sign_in(page, bigcommerce.owner, CREATE_LINK)
    expect(page.frame_locator("iframe").get_by_label("Name", exact=True)).to_be_visible()
    expect(page.frame_locator("iframe").get_by_role("combobox")).to_have_count(0)
    expect(page.locator("#content-iframe")).to_have_count(0)


def test_the_windows_other_forms(bigcommerce: SimulatedBigCommerce, page: Page):
    store = bigcommerce.store
    panel = content(page)

    def created(name: str, **variants: object) -> str:
        bigcommerce.variants = Variants(**variants)
        if "login" in page.url or page.url == "about:blank":
            sign_in(page, bigcommerce.owner, CREATE_LINK)
        else:
            page.goto(f"https://{store.panel_host}/manage/settings/api-accounts/create")
        panel.get_by_label("Name", exact=True).fill(name)
        if variants.get("txt") != "never":
            return created_by(page)
        save(panel).click()
        return ""

    created("Named", window="named")
    expect(panel.get_by_role("dialog", name="BigCommerce API credentials")).to_be_visible()
    created("As text", window="text")
    expect(panel.get_by_role("dialog")).to_contain_text(store.api_account_named("As text").access_token)
    expect(panel.get_by_role("dialog").get_by_role("textbox")).to_have_count(0)
    assert "\n" not in created("No window", window="never", txt="one-line")
    expect(panel.get_by_role("alert")).to_contain_text("Account created successfully")
    expect(panel.get_by_role("dialog")).to_have_count(0)
    created("No file", txt="never")
    expect(panel.get_by_role("dialog").get_by_label("Access token")).to_be_visible()
    text = created("Disagreeing", wrong_window_token=True)
    account = store.api_account_named("Disagreeing")
    assert f"ACCESS TOKEN: {account.access_token}\n" in text
    expect(panel.get_by_role("dialog").get_by_label("Access token")).not_to_have_value(account.access_token)
    assert panel.get_by_role("dialog").get_by_label("Access token").input_value() in bigcommerce.canaries()


def test_overlays_cover_the_page_until_they_are_dismissed(bigcommerce: SimulatedBigCommerce, page: Page):
    bigcommerce.variants = Variants(cookie_bar=True, tour=True)
    sign_in(page, bigcommerce.owner, CREATE_LINK)
    page.get_by_role("button", name="Skip tour").click()
    page.get_by_role("button", name="Accept all cookies").click()
    page.reload()
    expect(content(page).get_by_role("heading", name="Create account")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("tour|cookies"))).to_have_count(0)


@pytest.mark.parametrize("form", ["subdomain", "canonical", "custom-domain"])
def test_view_storefront_leads_to_the_host_of_the_variant(bigcommerce: SimulatedBigCommerce, page: Page, form: str):
    bigcommerce.variants = Variants(storefront=form)
    store = bigcommerce.store
    store.custom_domain = "www.lanterns.example"
    store.launched = True
    sign_in(page, bigcommerce.owner)
    with page.expect_popup() as popup:
        page.get_by_role("link", name="View storefront").click()
    popup.value.wait_for_load_state()
    hosts = {"subdomain": store.vanity_host, "canonical": store.panel_host, "custom-domain": "www.lanterns.example"}
    assert popup.value.url == f"https://{hosts[form]}/"
