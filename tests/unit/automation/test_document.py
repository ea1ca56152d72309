"""Roles, names, states and values as assistive technology gives them."""

import pytest
from written_pages import document, only

from automation.core.extract.document import read
from automation.core.snapshot import PageSnapshot


@pytest.mark.parametrize(
    ("html", "role"),
    [
        ("<button>Go</button>", "button"),
        ("<input type=submit value=Go>", "button"),
        ("<input type=image alt=Go>", "button"),
        ('<a href="/x">Go</a>', "link"),
        ('<a href="/x" role="button">Go</a>', "button"),
        ("<h3>Title</h3>", "heading"),
        ("<input>", "textbox"),
        ("<input type=email>", "textbox"),
        ("<input type=password>", "textbox"),
        ("<input type=search>", "searchbox"),
        ("<input type=number>", "spinbutton"),
        ("<input type=checkbox>", "checkbox"),
        ("<input type=radio>", "radio"),
        ("<input role=combobox>", "combobox"),
        ("<select><option>One</select>", "combobox"),
        ("<select multiple><option>One</select>", "listbox"),
        ("<textarea></textarea>", "textbox"),
        ("<fieldset></fieldset>", "group"),
        ("<dialog>Hello</dialog>", "dialog"),
        ("<nav></nav>", "navigation"),
        ("<summary>More</summary>", "button"),
        ("<div role='  SWITCH button'></div>", "switch"),
    ],
)
def test_roles_are_those_of_html_unless_one_is_given(html: str, role: str):
    assert only(document(html), role)


def test_a_link_that_leads_nowhere_is_none():
    assert list(document("<a>Go</a>").of_role("link")) == []


@pytest.mark.parametrize(
    ("html", "role", "name"),
    [
        ("<label for=a>Name</label><input id=a>", "textbox", "Name"),
        ("<label>Name <input></label>", "textbox", "Name"),
        ("<label>Name <select><option>One</select></label>", "combobox", "Name"),
        ("<span id=a>Store</span> <b id=b>name</b><input aria-labelledby='a b'>", "textbox", "Store name"),
        ("<span id=a hidden>Store</span><input aria-labelledby=a>", "textbox", "Store"),
        ("<input aria-labelledby=nowhere placeholder='Email Address'>", "textbox", "Email Address"),
        ("<label for=a>Label</label><input id=a aria-label=Search>", "textbox", "Search"),
        ("<input title=Search placeholder=Find>", "textbox", "Search"),
        ("<label for=a>Name<span aria-hidden=true> *</span></label><input id=a>", "textbox", "Name"),
        ("<input type=submit value='Log in'>", "button", "Log in"),
        ("<input type=submit>", "button", "Submit"),
        ("<input type=submit value='Log in' aria-label='Log in now'>", "button", "Log in now"),
        ("<button><span>Create</span> <b>account</b></button>", "button", "Create account"),
        ("<button><svg><title>Next page</title></svg></button>", "button", "Next page"),
        ("<button><svg aria-hidden=true><title>Plus</title></svg>Create</button>", "button", "Create"),
        ("<button><img alt=Copy></button>", "button", "Copy"),
        ("<button>Save <span hidden>and close</span></button>", "button", "Save"),
        ("<button><svg></svg></button>", "button", ""),
        ("<fieldset><legend>Products</legend><input type=radio></fieldset>", "group", "Products"),
        ("<div role=group aria-labelledby=l></div><label id=l>Orders</label>", "group", "Orders"),
        ("<div role=group>Orders</div>", "group", ""),
        ("<table><tr><td>One</td></tr></table>", "cell", "One"),
        ("<input type=checkbox id=c><label for=c>Read only</label>", "checkbox", "Read only"),
    ],
)
def test_names_follow_the_accessible_name_computation(html: str, role: str, name: str):
    assert only(document(html), role).name == name


def test_what_is_not_rendered_is_neither_found_nor_read():
    page = document("<div hidden><button>Close</button></div><p>Seen<span style='display:none'>Hidden</span></p>")
    assert list(page.of_role("button")) == []
    assert page.text == "Seen"


def test_a_visually_hidden_radio_counts_as_rendered_and_is_known_to_be_tiny():
    page = document("<input type=radio id=r class=visually-hidden checked><label for=r>manage</label>")
    radio = only(page, "radio")
    assert (radio.tiny, radio.chosen, radio.name) == (True, True, "manage")
    label = page.label_of(radio)
    assert label is not None
    assert label.text == "manage"
    assert radio.control.shown is False


@pytest.mark.parametrize(
    ("html", "chosen"),
    [
        ("<button role=switch aria-checked=true>on</button>", True),
        ("<button role=switch aria-checked=false>on</button>", False),
        ("<button role=switch aria-pressed=true>on</button>", True),
        ("<button role=switch aria-selected=true>on</button>", True),
        ("<button role=switch data-state=on>on</button>", True),
        ("<button role=switch data-state=unchecked>on</button>", False),
        ("<button role=switch data-state=open>on</button>", None),
        ("<button role=switch class=active>on</button>", None),
        ("<button role=switch aria-current=false>on</button>", False),
        ("<input role=switch type=checkbox checked>", True),
        ("<input role=switch type=checkbox>", False),
    ],
)
def test_a_choice_tells_whether_it_is_on_where_the_page_does(html: str, chosen: bool | None):
    assert only(document(html), "switch").chosen is chosen


@pytest.mark.parametrize(
    ("html", "role", "value"),
    [
        ("<input value=' ERP '>", "textbox", " ERP "),
        ("<textarea>ERP</textarea>", "textbox", "ERP"),
        ("<select><option>None<option selected>manage</select>", "combobox", "manage"),
        ("<select><option>None<option>manage</select>", "combobox", "None"),
        ("<input type=password value=hunter2>", "textbox", ""),
    ],
)
def test_a_field_holds_what_a_person_sees_in_it(html: str, role: str, value: str):
    assert only(document(html), role).value == value


def test_a_password_that_stands_in_a_box_is_not_in_the_snapshot():
    page = document("<input type=password value=hunter2>")
    assert "hunter2" not in page.snapshot.html
    assert only(page, "textbox").attributes.get("data-filled") == "yes"


@pytest.mark.parametrize(
    "html",
    [
        "<button disabled>Save</button>",
        "<button aria-disabled=true>Save</button>",
        "<fieldset disabled><button>Save</button>",
    ],
)
def test_a_disabled_control_says_so(html: str):
    assert only(document(html), "button").disabled


def test_a_snapshot_never_shows_its_html():
    assert "hunter2" not in repr(PageSnapshot("https://x.test/", "<p>hunter2"))


def test_reading_a_snapshot_twice_gives_the_same_document():
    snapshot = PageSnapshot("https://x.test/", "<p data-ref=0>Hello")
    assert read(snapshot) is read(snapshot)


def test_text_is_found_in_the_innermost_element_that_bears_it():
    page = document("<div><div><span>Store logs</span></div></div>")
    assert [element.tag for element in page.with_text(["store LOGS"])] == ["span"]


def test_html_that_is_broken_is_read_all_the_same():
    page = document("<div><p>One<div>Two</p><button>Three")
    assert page.text == "One TwoThree"
    assert only(page, "button").name == "Three"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("#", ""),
        ("#content", ""),
        ("/manage#", ""),
        ("/manage", "https://store-a1.mybigcommerce.com/manage"),
        ("#/manage/settings", "https://store-a1.mybigcommerce.com/manage#/manage/settings"),
        ("/manage/settings#top", "https://store-a1.mybigcommerce.com/manage/settings#top"),
    ],
)
def test_a_link_within_its_page_leads_nowhere(href: str, expected: str):
    page = document(f'<a href="{href}">Go</a>', "https://store-a1.mybigcommerce.com/manage")
    assert only(page, "link").address == expected
