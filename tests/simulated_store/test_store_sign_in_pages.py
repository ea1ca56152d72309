"""The sign-in host by HTTP: each page of it, and each way through."""

import re

import pytest
from page_walker import LOGIN, Browser

from simulated_store.serving.hosts import IDENTITY_HOST
from simulated_store.state import SimulatedBigCommerce, Store, User, Variants


@pytest.fixture
def bigcommerce() -> SimulatedBigCommerce:
    return SimulatedBigCommerce(seed=7)


@pytest.fixture
def browser(bigcommerce: SimulatedBigCommerce) -> Browser:
    return Browser(bigcommerce)


@pytest.fixture
def two_stores(bigcommerce: SimulatedBigCommerce) -> tuple[User, Store]:
    other = bigcommerce.add_store(name="The other store")
    hashes = [bigcommerce.store.store_hash, other.store_hash]
    return bigcommerce.users.add("staff@x.example", stores=hashes), other


def in_panel(browser: Browser, store: Store) -> bool:
    return browser.address.startswith(f"https://{store.panel_host}/manage/") and browser.answer.status_code == 200


def test_the_right_password_leads_into_the_panel_and_the_next_time_without_one(bigcommerce, browser):
    browser.sign_in(bigcommerce.owner)
    assert in_panel(browser, bigcommerce.store)
    browser.get(f"{LOGIN}/login")
    assert in_panel(browser, bigcommerce.store)


@pytest.mark.parametrize(("form", "labels", "placeholders"), [("2026", 0, 2), ("labelled", 2, 0)])
def test_the_form_has_placeholders_or_labels_and_always_its_ids(bigcommerce, browser, form, labels, placeholders):
    bigcommerce.variants = Variants(sign_in_form=form)
    page = browser.get(f"{LOGIN}/login").text
    assert len(re.findall(r"<label ", page)) == labels
    assert len(re.findall("placeholder=", page)) == placeholders
    assert 'id="user_email" name="user[email]"' in page
    assert 'id="user_password" name="user[password]"' in page
    assert '<input type="submit" name="commit" value="Log in"' in page
    browser.submit(user__email=bigcommerce.owner.email, user__password=bigcommerce.owner.password)
    assert in_panel(browser, bigcommerce.store)


@pytest.mark.parametrize(
    ("refusal", "element"),
    [("block", '<div class="refused">'), ("alert", '<div role="alert"'), ("field", '<span class="error-message">')],
)
def test_a_wrong_password_is_said(bigcommerce, browser, refusal, element):
    bigcommerce.variants = Variants(refusal=refusal)
    assert element not in browser.get(f"{LOGIN}/login").text
    browser.sign_in(bigcommerce.owner, "wrong")
    assert element in browser.text
    assert "incorrect" in browser.text
    assert f'value="{bigcommerce.owner.email}"' in browser.text


def test_the_sixth_wrong_password_locks_and_instructions_can_be_sent_again(bigcommerce, browser):
    for _ in range(6):
        browser.sign_in(bigcommerce.owner, "wrong")
    assert browser.path == "/users/unlock/new"
    assert 'value="Resend unlock instructions"' in browser.text
    browser.submit(user__email=bigcommerce.owner.email)
    assert "on their way" in browser.text
    assert bigcommerce.mailbox[-1].about == "unlock-instructions"
    bigcommerce.users.unlock(bigcommerce.owner)
    browser.sign_in(bigcommerce.owner)
    assert in_panel(browser, bigcommerce.store)


def test_an_expired_password_is_replaced_before_anything_else(bigcommerce, browser):
    owner = bigcommerce.owner
    bigcommerce.users.expire_password(owner)
    browser.sign_in(owner)
    assert browser.path == "/users/password/expired"
    browser.get(f"{LOGIN}/accounts/list")
    assert browser.path == "/login"
    browser.get(f"{LOGIN}/users/password/expired")
    browser.submit(user__password="new-one-22", user__password_confirmation="new-one-23")
    assert "not the same" in browser.text
    browser.submit(user__password=owner.password, user__password_confirmation=owner.password)
    assert "not your old password" in browser.text
    browser.submit(user__password="new-one-22", user__password_confirmation="new-one-22")
    assert in_panel(browser, bigcommerce.store)
    assert owner.password == "new-one-22"


def test_an_emailed_code_is_asked_for_on_a_browser_that_is_not_known(bigcommerce, browser):
    bigcommerce.users.check_devices(bigcommerce.owner)
    browser.sign_in(bigcommerce.owner)
    assert re.fullmatch(r"/device_verifications/[0-9a-f-]{36}", browser.path)
    assert 'id="device_verification_otp_code" name="device_verification[otp_code]"' in browser.text
    browser.submit(device_verification__otp_code="no code")
    assert "not valid" in browser.text
    browser.submit(device_verification__otp_code=bigcommerce.mailbox[-1].code)
    assert in_panel(browser, bigcommerce.store)
    browser.get(f"{LOGIN}/logout")
    browser.sign_in(bigcommerce.owner)
    assert in_panel(browser, bigcommerce.store)


@pytest.mark.parametrize(
    ("variant", "path", "field", "name"),
    [
        ("own-id", "device_verifications", "two_factor_otp_code", "device_verification__otp_code"),
        ("same", "device_verifications", "device_verification_otp_code", "device_verification__otp_code"),
        ("own-address", "two_factor_authentications", "two_factor_otp_code", "two_factor__otp_code"),
    ],
)
def test_an_authenticators_code_has_a_page_in_three_forms(bigcommerce, browser, variant, path, field, name):
    bigcommerce.variants = Variants(authenticator_page=variant)
    bigcommerce.users.use_authenticator(bigcommerce.owner, period=30)
    browser.sign_in(bigcommerce.owner)
    assert browser.path.split("/")[1] == path
    assert f'id="{field}"' in browser.text
    assert "authenticator app" in browser.text
    browser.submit(**{name: "000000 "})
    assert "not valid" in browser.text
    browser.submit(**{name: bigcommerce.users.authenticator_code(bigcommerce.owner)})
    assert in_panel(browser, bigcommerce.store)
    assert bigcommerce.mailbox == []


@pytest.mark.parametrize(
    ("variant", "ticked", "asked_again"),
    [("always", False, False), ("asked", True, False), ("asked", False, True), ("never", True, True)],
)
def test_a_browser_is_remembered_as_the_variant_says(bigcommerce, browser, variant, ticked, asked_again):
    bigcommerce.variants = Variants(remember_device=variant)
    bigcommerce.users.check_devices(bigcommerce.owner)
    browser.sign_in(bigcommerce.owner)
    assert ("Remember this device" in browser.text) == (variant == "asked")
    tick = {"remember_device": "1"} if ticked else {}
    browser.submit(device_verification__otp_code=bigcommerce.mailbox[-1].code, **tick)
    browser.get(f"{LOGIN}/logout")
    browser.sign_in(bigcommerce.owner)
    assert in_panel(browser, bigcommerce.store) != asked_again


def test_a_code_and_a_new_password_come_one_after_the_other(bigcommerce, browser):
    bigcommerce.users.check_devices(bigcommerce.owner)
    bigcommerce.users.expire_password(bigcommerce.owner)
    browser.sign_in(bigcommerce.owner)
    browser.submit(device_verification__otp_code=bigcommerce.mailbox[-1].code)
    assert browser.path == "/users/password/expired"
    browser.submit(user__password="new-one-22", user__password_confirmation="new-one-22")
    assert in_panel(browser, bigcommerce.store)


@pytest.mark.parametrize("when", ["before", "after-failure"])
def test_a_page_may_ask_for_a_human(bigcommerce, browser, when):
    bigcommerce.variants = Variants(challenge=when)
    browser.get(f"{LOGIN}/login")
    if when == "after-failure":
        browser.sign_in(bigcommerce.owner, "wrong")
    assert "Verify you are human" in browser.text
    assert "user_email" not in browser.text
    browser.submit()
    assert "Verify you are human" in browser.text
    browser.submit(human="1")
    browser.submit(user__email=bigcommerce.owner.email, user__password=bigcommerce.owner.password)
    assert in_panel(browser, bigcommerce.store)


def test_single_sign_on_goes_by_another_host_and_back(bigcommerce, browser):
    user = bigcommerce.store.users.add("sso@x.example", sso=True)
    browser.sign_in(user)
    assert "single sign-on" in browser.text
    browser.get(f"{LOGIN}/sso")
    assert 'type="password"' not in browser.text
    browser.submit(user__email=bigcommerce.owner.email)
    assert "not set up" in browser.text
    browser.submit(user__email=user.email)
    assert browser.address.startswith(f"https://{IDENTITY_HOST}/authorize?state=")
    browser.submit(password="wrong")
    assert "Wrong password" in browser.text
    browser.submit(password=user.password)
    assert in_panel(browser, bigcommerce.store)


def test_without_a_single_sign_on_user_there_is_no_identity_provider(bigcommerce, browser):
    assert browser.get(f"https://{IDENTITY_HOST}/authorize?state=x").status_code == 404


def test_the_drop_down_of_2026_leads_to_the_store(bigcommerce, browser, two_stores):
    user, other = two_stores
    browser.sign_in(user)
    assert browser.path == "/accounts/list"
    assert re.search(r'<label for="account-selector">Account</label>\s*<select id="account-selector"', browser.text)
    assert "Change user" in browser.text
    browser.submit(account=other.store_hash)
    assert in_panel(browser, other)


def test_about_2023_account_and_store_were_chosen_one_after_the_other(bigcommerce, browser, two_stores):
    user, other = two_stores
    third = bigcommerce.add_store(name="The third store", same_account_as=other)
    user.stores.append(third.store_hash)
    bigcommerce.variants = Variants(account_picker="2023")
    browser.sign_in(user)
    assert browser.path == "/accounts/list"
    assert '<select id="account-selector"' in browser.text
    assert "The third store" not in browser.text
    browser.submit(account="")
    assert '<select id="account-selector"' in browser.text
    browser.submit(account=other.account_uuid)
    assert '<select id="store-selector"' in browser.text
    assert bigcommerce.store.name not in browser.text
    browser.submit(store=third.store_hash)
    assert in_panel(browser, third)


def test_about_2021_stores_were_links_in_a_list(bigcommerce, browser, two_stores):
    user, other = two_stores
    bigcommerce.variants = Variants(account_picker="2021")
    browser.sign_in(user)
    assert browser.path == "/stores"
    links = re.findall(r'<a href="(/login/store/\d+)"><h4>([^<]+)</h4>', browser.text)
    assert [name for _, name in links] == [bigcommerce.store.name, other.name]
    browser.get(f"{LOGIN}{links[1][0]}")
    assert in_panel(browser, other)


def test_without_a_picker_the_first_store_is_entered(bigcommerce, browser, two_stores):
    bigcommerce.variants = Variants(account_picker="none")
    browser.sign_in(two_stores[0])
    assert in_panel(browser, bigcommerce.store)


@pytest.mark.parametrize("picker", ["2026", "2023", "2021"])
def test_no_picker_leads_into_somebody_elses_store(bigcommerce, browser, two_stores, picker):
    strange = bigcommerce.add_store()
    bigcommerce.variants = Variants(account_picker=picker)
    browser.sign_in(two_stores[0])
    if picker == "2026":
        browser.submit(account=strange.store_hash)
    elif picker == "2023":
        browser.submit(account=strange.account_uuid)
    else:
        browser.get(f"{LOGIN}/login/store/{strange.store_id}")
    assert browser.path in ("/accounts/list", "/stores")


@pytest.mark.parametrize(
    ("variant", "path"), [("kept", "/manage/settings/api-accounts"), ("dashboard", "/manage/dashboard")]
)
@pytest.mark.parametrize("link", ["settings/api-accounts", "manage/settings/api-accounts"])
def test_a_deep_link_leads_through_sign_in_to_its_page_or_to_the_dashboard(bigcommerce, browser, variant, path, link):
    bigcommerce.variants = Variants(deep_links=variant)
    browser.get(f"{LOGIN}/deep-links/{link}")
    assert browser.path == "/login"
    browser.submit(user__email=bigcommerce.owner.email, user__password=bigcommerce.owner.password)
    assert browser.address == f"https://{bigcommerce.store.panel_host}{path}"


def test_a_deep_link_may_ask_for_the_store_again(bigcommerce, browser, two_stores):
    user, other = two_stores
    bigcommerce.variants = Variants(deep_links="picker")
    browser.get(f"https://{other.panel_host}/manage/settings")
    browser.submit(user__email=user.email, user__password=user.password)
    assert browser.path == "/accounts/list"
    browser.submit(account=other.store_hash)
    assert browser.address == f"https://{other.panel_host}/manage/settings"


def test_a_form_that_the_site_did_not_send_is_refused(bigcommerce, browser):
    browser.get(f"{LOGIN}/login")
    answer = browser.submit(
        authenticity_token="another", user__email=bigcommerce.owner.email, user__password=bigcommerce.owner.password
    )
    assert answer.status_code == 400


def test_a_heartbeat_is_answered(browser):
    assert browser.get(f"{LOGIN}/session/heartbeat").status_code == 204
