"""The list of API accounts, and what users without permission get, in each of its variants, as HTML."""

from typing import Any

import pytest
from panel_visits import PanelVisit, config_of, fresh_world, texts

from simulated_store.variants import Variants


def visit(accounts: int = 0, *, may_list: bool = True, may_create: bool = True, **variants: Any) -> PanelVisit:
    state = fresh_world(**variants)
    for number in range(accounts):
        state.store.create_api_account(f"Account {number:02}", frozenset())
    state.owner.may_list, state.owner.may_create = may_list, may_create
    return PanelVisit()


@pytest.mark.parametrize(
    ("form", "control"),
    [
        ("plus", "button:not([aria-haspopup]):has(svg)"),
        ("plain", "button:not(:has(svg))"),
        ("link", "a[href='/manage/settings/api-accounts/create']"),
        ("menu", "button[aria-haspopup=menu]"),
    ],
)
def test_the_create_button_has_each_of_its_forms(form, control):
    assert texts(visit(create_button=form).list().select(f"header {control}")) == ["Create API account"]


def test_the_drop_down_leads_to_a_form_of_its_own_for_each_type():
    here = visit(create_button="menu", token_type="absent")
    assert '"type": "V2/V3 API token"' in str(here.form())
    assert '"type": "Stencil-CLI token"' in str(here.content("/manage/settings/api-accounts/create/stencil"))


@pytest.mark.parametrize(
    ("form", "control"),
    [
        ("menu", "td button[aria-haspopup=menu]"),
        ("trash", "td button[title=Delete]"),
        ("check-boxes", "td input[type=checkbox]"),
    ],
)
def test_rows_are_deleted_in_each_way(form, control):
    page = visit(2, list_actions=form).list()
    assert len(page.select(control)) == 2
    assert len(page.select("td button, td input")) == 2
    assert len({len(row.select("th, td")) for row in page.select("tr")}) == 1
    toolbar = page.select("[role=toolbar] button[disabled]")
    assert texts(toolbar) == (["Delete"] if form == "check-boxes" else [])


def test_many_accounts_take_pages_or_links_or_one_table():
    def rows(query: str = "", **variants: Any) -> int:
        return len(visit(40, **variants).list(query).select("tbody tr"))

    assert (rows(), rows("?page=2")) == (25, 15)
    assert (rows(list_pages="links"), rows("?page=2", list_pages="links")) == (25, 15)
    assert rows(list_pages="none") == 40
    page = visit(40, list_pages="links").list()
    assert [each["href"] for each in page.select("p a[href^='?']")] == ["?page=2", "?page=2"]
    assert not page.select("[role=navigation]")
    assert not visit(40, list_pages="none").list().select("[role=navigation], a[href^='?']")


@pytest.mark.parametrize(
    ("form", "buttons", "says_so"), [("toast", [False], False), ("disabled", [True], False), ("message", [], True)]
)
def test_fifty_accounts_are_the_limit(form, buttons, says_so):
    here = visit(50, limit=form)
    page = here.list()
    assert [each.has_attr("disabled") for each in page.select("header button")] == buttons
    assert ("maximum of 50" in page.get_text()) == says_so
    assert here.save()[0] == 422
    assert [each.has_attr("disabled") for each in visit(49, limit=form).list().select("header button")] == [False]


@pytest.mark.parametrize(
    ("age", "heading", "columns"),
    [
        ("2026", "Store-level API accounts", ["Account name", "Scopes", "Active webhooks", ""]),
        ("2022", "API Accounts", ["Account name", "Scopes", "Active webhooks", ""]),
        ("2021", "Store API Accounts", ["Account name", "Scopes", ""]),
        ("2019", "Store API Accounts", ["Name", "Scopes", ""]),
    ],
)
def test_the_list_has_the_words_and_columns_of_its_age(age, heading, columns):
    page = visit(3, api_pages=age).list()
    assert texts(page.select("h1")) == [heading]
    assert texts(page.select("th")) == columns
    assert ("3 of 50" in page.get_text()) == (age == "2019")


def test_the_button_for_those_who_may_not_create():
    def buttons(form: str) -> list[bool]:
        page = visit(may_create=False, create_denied=form).list()
        return [each.has_attr("disabled") for each in page.select("header button")]

    assert (buttons("absent"), buttons("disabled"), buttons("shown")) == ([], [True], [False])


def test_denied_pages_have_their_forms():
    here = visit(may_list=False, may_create=False)
    answers = {}
    for form in ("page", "forbidden", "dashboard"):
        here.state.variants = Variants(denied=form)
        answers[form] = here.get("/admin/app/settings/api-accounts").status_code
        page = here.list()
        assert ("Permission required" in texts(page.select("h2"))) == (form != "dashboard")
    assert answers == {"page": 200, "forbidden": 403, "dashboard": 200}
    assert texts(here.list().select("h1")) == ["Home"]
    assert config_of(here.list())["toast"]["header"] == "Permission required"


@pytest.mark.parametrize("hidden", [False, True])
def test_settings_may_hide_what_is_denied(hidden):
    page = visit(may_list=False, may_create=False, denied_row_hidden=hidden).content("/manage/settings")
    assert ("Store-level API accounts" in page.get_text()) == (not hidden)
    assert "Account-level API accounts" in page.get_text()
