"""The summary of a page for a public report: enough to find a control by, and nothing of anybody's."""

from __future__ import annotations

import pytest
from panel_pages import (
    ACCESS_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    NAME,
    STORE,
    blank_tab,
    code_page,
    credentials_dialog,
    form_page,
    list_page,
    login_tab,
    panel_tab,
    picker_page,
    sign_in_page,
    storefront_tab,
)
from saved_pages import FOLDER, saved

from automation.core.evidence import masked_summary
from automation.core.snapshot import Observation, Tab

SUBDOMAIN = "maple-lanterns7"
PRIVATE = (STORE, SUBDOMAIN, NAME)


def summary(*tabs: Tab) -> str:
    return masked_summary(Observation(1.0, tabs), code="control-missing", step="set-scopes", private=PRIVATE)


def test_controls_are_named_with_their_role_and_state():
    text = summary(panel_tab(form_page(NAME, {"Storefront API tokens": "manage"}, save=False)))
    for line in (
        "Error: control-missing. Step: set-scopes.",
        "heading “Create account”",
        "combobox “Token type” holds [15 characters] aria-expanded=false",
        f"textbox “Name” holds [{len(NAME)} characters]",
        f"textbox “API path” holds [{len(f'https://api.bigcommerce.com/stores/{STORE}/v3/')} characters] read-only",
        "switch “manage” on",
        "button “Save” disabled",
        "iframe",
    ):
        assert line in text, text


def test_structure_shows_by_indentation():
    lines = summary(panel_tab(list_page(["ERP"]))).splitlines()
    depth = {line.strip(): len(line) - len(line.lstrip()) for line in lines}
    assert depth["table"] < depth["row"] < depth["columnheader “Account name”"]


@pytest.mark.parametrize(
    "page",
    [
        panel_tab(form_page(NAME)),
        panel_tab(list_page([NAME, "Somebodys secret project"])),
        panel_tab(form_page(NAME) + credentials_dialog()),
        panel_tab(f"<main><p>ACCESS TOKEN: {ACCESS_TOKEN}</p></main>"),
        panel_tab(f"<button>{CLIENT_ID}</button><h1>{ACCESS_TOKEN} {CLIENT_SECRET}</h1>"),
        panel_tab(f"<h1>Store {STORE.upper()} of {SUBDOMAIN}</h1><a href=#>owner@shop.example</a>"),
        panel_tab(list_page(), f"/manage/settings/api-accounts/{STORE}-1234"),
        login_tab(sign_in_page("Wrong password for owner@shop.example"), f"/device_verifications/{STORE}"),
        login_tab(code_page(text="We sent a code to owner@shop.example."), "/login?email=owner@shop.example"),
        login_tab(picker_page(("Somebodys secret project", STORE), (SUBDOMAIN, "x"))),
        storefront_tab(),
        blank_tab(),
    ],
)
def test_nothing_of_the_store_or_its_people_is_left(page: Tab):
    text = summary(page)
    for private in (STORE, SUBDOMAIN, NAME, ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, "owner@", "secret project", "ctk"):
        assert private.lower() not in text.lower(), text


def test_a_document_that_shows_credentials_is_left_out_as_a_whole():
    text = summary(panel_tab(form_page(NAME) + credentials_dialog()))
    assert "left out as a whole" in text
    assert "Done" not in text


@pytest.mark.parametrize("name", sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir()))
def test_no_value_of_a_saved_page_is_left(name: str):
    page = saved(name)
    text = summary(Tab(0, (page,)))
    import re

    for value in re.findall(r'<input[^>]* value="([^"]{9,})"', page.html):
        assert value not in text
    assert not re.search(r"[A-Za-z0-9]{24,}", text)
    assert "@" not in text.replace("…@…", "")


def test_a_very_long_page_ends():
    text = summary(panel_tab("<button>x</button>" * 2000))
    assert text.count("\n") < 600
    assert "(and more)" in text
