"""Ways through the page with the keyboard alone, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from by_keyboard import enter, tab_to
from opened_pages import Opens
from page_states import sign_in
from playwright.sync_api import Browser, expect
from web_pages import WebPages, web_pages

from companion.core import web_sessions

pytestmark = pytest.mark.browser

PASSPHRASE = "correct horse battery staple 42"
EITHER = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
ONE_OF_THEM = pytest.mark.sampled(1)


@pytest.fixture(autouse=True)
def no_connection(pages: WebPages) -> None:
    pages.forget_all()


@EITHER
@ONE_OF_THEM
def test_a_connection_goes_from_token_to_private_tokens(opened: Opens, pages: WebPages, scripts: bool) -> None:
    page = opened(java_script_enabled=scripts)
    old = pages.connect(auth_type="token")
    page.goto(f"{pages.url}/connections/{old['id']}")
    enter(page, page.get_by_role("link", name="Reauthorize with private tokens"))
    tab_to(page, page.get_by_role("checkbox", name="Customer"))
    page.keyboard.press("Space")
    enter(page, page.get_by_role("button", name="Reauthorize"))
    expect(page.get_by_role("status").filter(has_text="It uses private tokens now")).to_be_visible()
    with pages.client() as client:
        now = client.connection(old["id"])
    assert (now["auth_type"], now["scopes"], now["status"]) == ("custom", ["Unauthenticated", "Customer"], "ready")


@EITHER
@ONE_OF_THEM
def test_all_that_stop_working_are_reauthorized_at_once_and_what_cannot_be_says_why(
    opened: Opens, pages: WebPages, scripts: bool
) -> None:
    page = opened(java_script_enabled=scripts)
    for _ in range(2):
        pages.connect(auth_type="token")
    left = pages.connect("Refused", auth_type="token", access_token="made-up-token-that-nobody-knows")
    page.goto(pages.url)
    enter(page, page.get_by_role("link", name="Show them"))
    expect(page.get_by_role("rowheader")).to_have_count(3)
    enter(page, page.get_by_role("button", name="Reauthorize all of them"))
    expect(page.get_by_role("heading", name="2 of 3 reauthorized")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Left as it was")).to_be_visible()
    expect(page.get_by_text("1 still uses the auth type Token")).to_be_visible()
    enter(page, page.get_by_role("link", name="Try with another access token"))
    page.wait_for_url(f"**/connections/{left['id']}/reauthorize")


@EITHER
@ONE_OF_THEM
def test_a_long_list_is_read_a_page_at_a_time_and_filtered(opened: Opens, pages: WebPages, scripts: bool) -> None:
    page = opened(java_script_enabled=scripts)
    token = pages.access_token()
    names = sorted(pages.connect(access_token=token, tags=["some"])["name"] for _ in range(53))
    page.goto(pages.url)
    expect(page.get_by_role("rowheader")).to_have_count(50)
    enter(page, page.get_by_role("link", name="Next page"))
    expect(page.get_by_role("rowheader")).to_have_count(3)
    shown = [re.sub(r"\s*some\s*$", "", each).strip() for each in page.get_by_role("rowheader").all_inner_texts()]
    assert shown == names[50:]
    enter(page, page.get_by_role("link", name="First page"))
    enter(page, page.get_by_role("link", name=re.compile("^Broken")))
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    page.goto(pages.url + "/?tag=some")
    expect(page.get_by_role("rowheader")).to_have_count(50)
    page.goto(pages.url + "/?tag=none-has-it")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()


def test_what_is_edited_is_tried_first_and_nothing_typed_is_lost_but_the_token(opened: Opens, pages: WebPages) -> None:
    page = opened()
    shop = pages.connect("Before")
    page.goto(f"{pages.url}/connections/{shop['id']}/edit")
    tab_to(page, page.locator("#connection-form").get_by_label("Name your connection"))
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("After")
    tab_to(page, page.get_by_label("Access token"))
    page.keyboard.type("made-up-token-that-nobody-knows")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_be_visible(timeout=30_000)
    expect(page.get_by_label("Name your connection")).to_have_value("After")
    expect(page.get_by_label("Access token")).to_have_value("")
    tab_to(page, page.get_by_label("Access token"))
    page.keyboard.insert_text(pages.access_token())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="After")).to_be_visible(timeout=30_000)


@EITHER
@ONE_OF_THEM
def test_the_record_is_checked_and_another_session_is_ended(opened: Opens, pages: WebPages, scripts: bool) -> None:
    with pages.client() as client:
        client.end_sessions()  # those of other tests
    page = opened(java_script_enabled=scripts)
    other = opened()
    page.goto(pages.url + "/record")
    enter(page, page.get_by_role("button", name="Check that it is whole"))
    expect(page.get_by_text("The record is whole")).to_be_visible()
    page.goto(pages.url + "/tools")
    expect(page.get_by_text("this one", exact=True)).to_have_count(1)
    enter(page, page.get_by_role("button", name=re.compile("^Sign out of [0-9a-f]{8}$")))
    expect(page.get_by_text("The session was ended, at once.")).to_be_visible()
    other.reload()
    expect(other.get_by_role("heading", name="You are signed out")).to_be_visible()


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[WebPages]:
    with web_pages(tmp_path, key_provider="passphrase", passphrase=PASSPHRASE) as served:
        yield served


def test_a_backup_asks_again_who_it_is_and_is_downloaded_from_the_same_screen(
    browser: Browser, sealed: WebPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, sealed)
    with monkeypatch.context() as long_ago:
        long_ago.setattr(web_sessions, "CONFIRMED_FOR", timedelta(0))
        page.goto(sealed.url + "/keys")
        enter(page, page.get_by_role("link", name="Download a backup"))
        expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
    tab_to(page, page.get_by_label("Passphrase"))
    page.keyboard.type(PASSPHRASE)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Download a backup")).to_be_visible()
    for label in ("Passphrase of the backup", "The same once more"):
        tab_to(page, page.get_by_label(label))
        page.keyboard.type("another long passphrase 43")
    with page.expect_download() as downloaded:
        page.keyboard.press("Enter")
    assert re.fullmatch(r"companion-\d{4}-\d\d-\d\d\.backup", downloaded.value.suggested_filename)
    context.close()
