"""The list of API accounts: what it is, its rows, its menus and the question before a deletion."""

import pytest
from panel_pages import NAME, credentials_dialog, form_page, home_page, list_page, settings_page
from panel_pages import delete_question as question_page
from written_pages import PANEL, document

from automation.core.extract.api_accounts import (
    ApiAccountsList,
    api_accounts_list,
    delete_entry,
    delete_question,
)

OLD_LIST = """
<h1>Store API Accounts</h1><button aria-haspopup=menu>Create API Account</button>
<table><tr><th><input type=checkbox></th><th>Name</th><th>Scopes</th><th>Actions</th></tr>
<tr><td><input type=checkbox></td><td>ERP</td><td>Orders</td><td><button title=Delete></button></td></tr></table>
"""


def read(html: str) -> ApiAccountsList:
    found = api_accounts_list(document(html))
    assert found is not None
    return found


def test_the_list_of_today_is_read():
    shown = read(list_page(["ERP", NAME]))
    assert shown.create is not None
    assert (shown.create.name, shown.create_disabled) == ("Create API account", False)
    assert [row.name for row in shown.rows] == ["ERP", NAME]
    assert all(row.menu is not None and row.delete is None for row in shown.rows)
    assert len({row.menu.ref for row in shown.rows if row.menu}) == 2
    assert (shown.create_menu, shown.next_page) == (None, None)


def test_a_link_to_nowhere_on_the_address_of_the_form_does_not_lead_to_the_form():
    shell = '<nav><a href="#">Search or navigate to...</a><a href="#main">Skip</a></nav>'  # the frame is still empty
    form = "https://store-abc123.mybigcommerce.com/manage/settings/api-accounts/create"
    assert api_accounts_list(document(shell, form)) is None
    there = '<a href="/manage/settings/api-accounts/create">+</a>'
    shown = api_accounts_list(document(f"<h1>Store-level API accounts</h1>{there}{shell}", PANEL))
    assert shown is not None
    assert shown.create is not None
    assert shown.create.name == "+"


def test_the_list_of_2019_is_read():
    shown = read(OLD_LIST)
    assert shown.create is not None
    assert [row.name for row in shown.rows] == ["ERP"]
    assert shown.rows[0].delete is not None


def test_an_empty_list_is_a_list():
    assert read(list_page()).rows == ()


@pytest.mark.parametrize(
    ("create", "offered", "disabled"), [("yes", True, False), ("disabled", True, True), ("no", False, False)]
)
def test_whether_accounts_can_be_created_is_told(create: str, offered: bool, disabled: bool):
    shown = read(list_page(["ERP"], create=create))
    assert (shown.create is not None, shown.create_disabled) == (offered, disabled)


@pytest.mark.parametrize(
    "entry",
    [
        "<ul role=menu><li role=option>Create V2/V3 API Token</li><li role=option>Create Stencil-CLI Token</li></ul>",
        "<ul><li><a href='/x'>Create V2/V3 API token</a></li><li><a href='/y'>Create Stencil-CLI token</a></li></ul>",
        "<div role=menu><button role=menuitem>V2/V3 API token</button></div>",
    ],
)
def test_the_entries_of_a_create_button_with_a_menu_are_read(entry: str):
    shown = read(OLD_LIST + entry)
    assert shown.create_menu is not None
    assert "V2/V3" in shown.create_menu.name
    assert "Stencil" not in shown.create_menu.name


def test_a_closed_menu_offers_no_entry():
    assert read(OLD_LIST + "<ul role=menu hidden><li role=option>Create V2/V3 API Token</li></ul>").create_menu is None


def pages(*numbers: str) -> str:
    return f"<ul class=pagination>{''.join(f'<li>{number}</li>' for number in numbers)}</ul>"


HERE = ('<a href="#2" class=active>2</a>', "<span>2</span>", '<a href="#2" aria-current=page>2</a>', "<b>2</b>")


@pytest.mark.parametrize("here", HERE)
def test_the_next_of_numbered_pages_follows_the_one_that_is_shown(here: str):
    shown = read(list_page(["ERP"]) + pages('<a href="#1">1</a>', here, '<a href="#3">3</a>'))
    assert shown.next_page is not None
    assert shown.next_page.name == "3"
    last = read(list_page(["ERP"]) + pages('<a href="#1">1</a>', here))
    assert (last.next_page, last.lost_among_pages) == (None, False)


def test_pages_of_which_none_is_marked_do_not_show_all_accounts():
    shown = read(list_page(["ERP"]) + pages('<a href="#1">1</a>', '<a href="#2">2</a>'))
    assert (shown.next_page, shown.complete, shown.lost_among_pages) == (None, True, True)


def test_what_adds_rows_leads_on_and_what_shows_more_of_a_row_does_not():
    assert read(list_page(["ERP"]) + "<button>Load more</button>").next_page is not None
    assert read(list_page(["ERP"]).replace("</td>", "<button>Show more</button></td>", 1)).next_page is None


@pytest.mark.parametrize("sizes", ["<a href='#'>10</a><a href='#'>25</a>", "<select><option>1<option>2</select>"])
def test_how_many_accounts_a_page_has_is_no_page(sizes: str):
    shown = read(list_page(["ERP"]) + pages(sizes))
    assert (shown.next_page, shown.lost_among_pages) == (None, False)


def test_numbers_beside_the_pages_are_none():
    shown = read(list_page(["ERP"]) + "<nav><a href='#7'>7</a><a href='#8'>8</a></nav>")
    assert (shown.next_page, shown.lost_among_pages) == (None, False)


def test_the_next_page_is_found_until_there_is_none():
    assert read(list_page(["ERP"], next_page=True)).next_page is not None
    disabled = list_page(["ERP"], next_page=True).replace(
        "<button><svg><title>Next", "<button disabled><svg><title>Next"
    )
    assert read(disabled).next_page is None


@pytest.mark.parametrize("html", [form_page(NAME), form_page() + credentials_dialog(), home_page(), "<p>Loading</p>"])
def test_other_pages_are_not_the_list(html: str):
    assert api_accounts_list(document(html)) is None


def test_the_settings_page_has_no_rows_to_delete():
    shown = api_accounts_list(document(settings_page()))
    assert shown is None or shown.rows == ()


@pytest.mark.parametrize(
    "names", [[NAME, f"{NAME}2"], [f"{NAME} ", NAME.upper()], ["ERP, CRM", "ERP"], ["Tea & <b>Coffee</b>"]]
)
def test_names_are_read_whole_and_as_they_are(names: list[str]):
    expected = [name.replace("<b>", "").replace("</b>", "").strip() for name in names]
    assert [row.name for row in read(list_page(names)).rows] == expected


def test_headings_are_no_rows():
    assert [row.name for row in read(list_page(["ERP"])).rows] == ["ERP"]


# Deleting


def test_the_entry_of_an_open_menu_is_found():
    found = delete_entry(document(list_page([NAME], menu=True)))
    assert found is not None
    assert found.control.name == "Delete"


@pytest.mark.parametrize(
    "html",
    [
        list_page([NAME]),
        OLD_LIST,
        list_page([NAME], extra=question_page(NAME)),
        list_page([NAME], extra="<ul role=menu hidden><li role=option>Delete</li></ul>"),
        list_page([NAME], extra="<ul role=menu><li role=option aria-disabled=true>Delete</li></ul>"),
        list_page(["Delete"]),
    ],
)
def test_a_delete_that_is_not_in_an_open_menu_is_none(html: str):
    assert delete_entry(document(html)) is None


def test_the_question_is_answered_with_delete_and_not_with_cancel():
    found = delete_question(document(list_page([NAME], extra=question_page(NAME))))
    assert found is not None
    assert found.confirm.name == "Delete"


@pytest.mark.parametrize(
    "html",
    [
        list_page([NAME], menu=True),
        form_page() + credentials_dialog(),
        "<div role=dialog><h2>Stay signed in?</h2><button>Yes</button></div>",
        f"<div hidden>{question_page(NAME)}</div>",
    ],
)
def test_other_windows_confirm_no_deletion(html: str):
    assert delete_question(document(html)) is None


def test_a_yes_is_an_answer_where_nothing_says_delete():
    html = "<div role=alertdialog><p>Are you sure?</p><button>No</button><button>Yes</button></div>"
    found = delete_question(document(html))
    assert found is not None
    assert found.confirm.name == "Yes"


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<div><button>Previous</button><span>1 of 2</span><button>Next</button></div>", True),
        ("<nav><a href='#'>Next</a></nav>", True),
        ("<ul class=Pagination><li><a href='#'>Next</a></li></ul>", True),
        ("<div class=page><p>Welcome! 1 / 4</p><button>Skip tour</button><button>Next</button></div>", False),
    ],
)
def test_the_next_of_a_tour_turns_no_page(html: str, found: bool):
    assert (read(list_page(["ERP"]) + html).next_page is not None) is found


def test_a_link_to_the_help_pages_makes_no_list():
    help_ = """<p>Hi! How can we help?</p><p>Store-level API accounts</p>
    <a href="https://support.bigcommerce.com/s/article/Store-API-Accounts">Create API account</a>"""
    assert api_accounts_list(document(help_)) is None


def test_a_link_that_deletes_is_not_the_name_of_its_row():
    row = """<tr><td><input type=checkbox></td><td>ERP</td><td>Products</td><td><a href="#">Delete</a></td></tr>"""
    head = "<tr><th></th><th>Account name</th><th>Scopes</th><th>Actions</th></tr>"
    shown = api_accounts_list(document(f"<h1>API Accounts</h1><table>{head}{row}</table>"))
    assert shown is not None
    assert [each.name for each in shown.rows] == ["ERP"]


def test_the_name_is_what_stands_under_name_wherever_that_column_is():
    row = "<tr><td>2026-01-02</td><td><a href='/1'>Edit</a></td><td>ERP</td></tr>"
    head = "<tr><th>Created</th><th>Actions</th><th>Name</th></tr>"
    shown = api_accounts_list(document(f"<h1>API Accounts</h1><table>{head}{row}</table>"))
    assert shown is not None
    assert [each.name for each in shown.rows] == ["ERP"]


@pytest.mark.parametrize(
    "rows",
    [
        (
            f"<table><tr><th>Account name</th><th></th></tr><tr><td>{NAME} <a href=/1>Edit</a></td>"
            "<td><button>Delete</button></td></tr>"
            "<tr><td>ERP <a href=/2>Edit</a></td><td><button>Delete</button></td></tr></table>"
        ),
        (
            f"<table><tr><td><a href=/1>Edit</a> <span>{NAME}</span></td><td><button>Delete</button></td></tr>"
            "<tr><td><a href=/2>Edit</a> <span>ERP</span></td><td><button>Delete</button></td></tr></table>"
        ),
        (
            f"<ul><li><span>{NAME}</span> <a href=/1>Edit</a> <button>Delete</button></li>"
            "<li><span>ERP</span> <a href=/2>Edit</a> <button>Delete</button></li></ul>"
        ),
        (
            f"<ul><li><div><b>{NAME}</b><small>Orders</small></div><button aria-haspopup=menu></button></li>"
            "<li><div><b>ERP</b><small>Orders</small></div><button aria-haspopup=menu></button></li></ul>"
        ),
    ],
)
def test_an_account_is_known_by_its_name_wherever_in_its_row_that_stands(rows: str):
    shown = read(f"<nav><ul><li>{NAME} <button>Menu</button></li></ul></nav><h1>Store-level API accounts</h1>{rows}")
    assert len(shown.rows) == 2
    assert [row.bears(NAME) for row in shown.rows] == [True, False]
    assert not any(row.bears("") or row.bears(NAME[:-1]) for row in shown.rows)
    assert shown.complete
