"""The form that creates an API account."""

import pytest
from panel_pages import IMPERSONATION, NAME, STORE, TOKENS, V2_V3, credentials_dialog, form_page, home_page, list_page
from panel_pages import settings_page as settings
from written_pages import document

from automation.core.extract.account_form import AccountForm, account_form, is_v2_v3
from automation.core.request import IMPERSONATION_TOKENS, STOREFRONT_TOKENS

WANTED = (STOREFRONT_TOKENS, IMPERSONATION_TOKENS)


def read(html: str) -> AccountForm:
    found = account_form(document(html), WANTED)
    assert found is not None
    return found


def test_the_documented_form_is_read():
    form = read(form_page(NAME, {TOKENS: "manage"}))
    assert (form.name.name, form.name_value) == ("Name", NAME)
    assert (form.api_path_hash, form.account_level) == (STORE, False)
    assert form.token_type is not None
    assert (form.token_type.value, form.token_type.is_v2_v3) == (V2_V3, True)
    assert form.save is not None
    assert (form.save.name, form.save_disabled) == ("Save", False)
    chosen = {wanted.labels[0]: control.chosen() for wanted, control in form.scopes if control}
    assert chosen == {TOKENS: "manage", IMPERSONATION: "None"}


@pytest.mark.parametrize(
    "html",
    [
        home_page(),
        list_page(["ERP", "CRM"]),
        settings(),
        "<label>Name <input></label><button>Save</button>",
        credentials_dialog(),
        "<p>Loading</p>",
    ],
)
def test_other_pages_are_not_the_form(html: str):
    assert account_form(document(html), WANTED) is None


# The API path is the second witness for the store hash


@pytest.mark.parametrize(
    "html",
    [
        "<label>API path <input readonly value='https://api.bigcommerce.com/stores/zz9/v3/'></label>",
        "<label>API path <input disabled value='https://api.bigcommerce.com/stores/ZZ9/v3/'></label>",
        "<div>API Path</div><div>https://api.bigcommerce.com/stores/zz9/v3/</div>",
        "<p>API Path: <code>https://api.bigcommerce.com/stores/zz9/v2/</code></p>",
        "<textarea readonly>https://api.bigcommerce.com/stores/zz9/v3/</textarea>",
    ],
)
def test_the_api_path_is_read_from_a_box_or_from_text(html: str):
    assert read(f"<label>Name <input></label>{html}<button>Save</button>").api_path_hash == "zz9"


def test_a_form_without_a_path_names_no_store():
    form = read(form_page(path=""))
    assert (form.api_path_hash, form.account_level) == (None, False)


def test_an_account_level_form_is_known_by_its_path():
    form = read(form_page(path="https://api.bigcommerce.com/accounts/0c2d4b1e/v3/"))
    assert (form.api_path_hash, form.account_level) == (None, True)


# The token type


def test_a_form_without_a_token_type_has_none():
    assert read(form_page(token_type=None)).token_type is None


@pytest.mark.parametrize("value", ["Stencil-CLI token", "Select a token type", ""])
def test_another_value_is_not_taken_for_a_v2_v3_token(value: str):
    token_type = read(form_page(token_type=value)).token_type
    assert token_type is not None
    assert (token_type.value, token_type.is_v2_v3) == (value, False)


def test_an_open_list_offers_its_options_and_a_closed_one_its_arrow():
    is_open = read(form_page(token_type="Stencil-CLI token", list_open=True)).token_type
    closed = read(form_page(token_type="Stencil-CLI token")).token_type
    assert is_open is not None
    assert closed is not None
    option = is_open.v2_v3_option()
    assert option is not None
    assert option.name == V2_V3
    assert [each.name for each in is_open.open_options] == [V2_V3, "Stencil-CLI token"]
    assert closed.v2_v3_option() is None
    assert closed.arrow is not None
    assert closed.arrow.name == "toggle menu"


@pytest.mark.parametrize("label", ["Token type", "Account type"])
def test_a_native_select_is_read(label: str):
    html = f"<label>{label} <select><option>Stencil-CLI token<option>{V2_V3}</select></label>"
    token_type = read(f"<label>Name <input></label>{html}<button>Save</button>").token_type
    assert token_type is not None
    assert (token_type.native, token_type.value) == (True, "Stencil-CLI token")
    assert token_type.v2_v3_option() is not None


def test_radios_are_read():
    html = f"""<fieldset><legend>Token type</legend><label><input type=radio name=t checked> Stencil-CLI token</label>
    <label><input type=radio name=t> {V2_V3}</label></fieldset>"""
    token_type = read(f"<label>Name <input></label>{html}<button>Save</button>").token_type
    assert token_type is not None
    assert (token_type.is_v2_v3, token_type.native) == (False, False)
    option = token_type.v2_v3_option()
    assert option is not None
    assert option.control.role == "radio"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("V2/V3 API token", True),
        ("v2 / v3 API Token", True),
        ("Store API V2/V3 token", True),
        ("Create V2/V3 API Token", True),
        ("V3/V2 API token", True),
        ("Stencil-CLI token", False),
        ("Create Stencil-CLI Token", False),
        ("API token", False),
        ("", False),
    ],
)
def test_a_v2_v3_token_is_known_by_its_name(text: str, expected: bool):
    assert is_v2_v3(text) is expected


# The name box


@pytest.mark.parametrize(
    "html",
    [
        "<label for=n>Name</label><input id=n>",
        "<label for=n>Name <span aria-hidden=true>*</span></label><input id=n>",
        "<label for=n>Name *</label><input id=n>",
        "<label for=n>Account name</label><input id=n>",
        "<div><div>Name</div><div><input placeholder='e.g. ERP connection'></div></div>",
        "<input name=name>",
        "<label>Name (required) <input></label>",
    ],
)
def test_the_name_box_is_found(html: str):
    path = "<label>API path <input readonly value='https://api.bigcommerce.com/stores/zz9/v3/'></label>"
    form = read(f"<input aria-label=Search><form>{html}{path}</form><button>Save</button>")
    assert form.name.ref > 1
    assert form.name_value == ""


def test_the_search_box_of_the_shell_is_not_the_name_box():
    form = read("<input aria-label=Search>" + form_page())
    assert form.name.name == "Name"


# Save


@pytest.mark.parametrize(
    ("html", "name", "disabled"),
    [
        ("<button>Save</button><button>Cancel</button>", "Save", False),
        ("<button disabled>Save</button><button>Cancel</button>", "Save", True),
        ("<button aria-disabled=true>Save</button>", "Save", True),
        ("<input type=submit value=Save>", "Save", False),
        ("<button>Cancel</button><button>Create</button>", "Create", False),
    ],
)
def test_save_is_found_and_says_whether_it_can_be_pressed(html: str, name: str, disabled: bool):
    form = read(f"<label>Name <input></label><i>https://api.bigcommerce.com/stores/zz9/v3/</i><div>{html}</div>")
    assert form.save is not None
    assert (form.save.name, form.save_disabled) == (name, disabled)


def test_a_save_button_that_works_shows_a_circle_instead_of_its_text():
    busy = "<button disabled><span><div role=progressbar></div></span></button><button>Cancel</button>"
    form = read(f"<label>Name <input></label><i>https://api.bigcommerce.com/stores/zz9/v3/</i><div>{busy}</div>")
    assert form.save is not None
    assert form.save_disabled


def test_a_form_whose_save_is_out_of_sight_cannot_be_saved():
    form = read(
        "<label>Name <input></label><i>https://api.bigcommerce.com/stores/zz9/v3/</i><button hidden>Save</button>"
    )
    assert (form.save, form.save_disabled) == (None, True)


# Until 2023 the role of a drop-down was on what stands around its box, and the list bore its name. The box may be much
# narrower than what stands around it, so that the middle of that opens nothing.


def old_drop_down(label: str, value: str, options: tuple[str, ...], *, expanded: bool = False) -> str:
    entries = "".join(f"<li role=option>{option}</li>" for option in options) if expanded else ""
    end = len(label)
    return f"""<div><label id=l{end} for=box{end}>{label}</label>
    <div role=combobox aria-haspopup=listbox aria-owns=list{end} aria-expanded={str(expanded).lower()}><div>
    <input id=box{end} aria-labelledby=l{end} value="{value}"><button type=button aria-label="toggle menu"></button>
    </div></div><div><ul role=listbox id=list{end} aria-labelledby=l{end}>{entries}</ul></div></div>"""


@pytest.mark.parametrize("value", [V2_V3, "Stencil-CLI token"])
def test_a_drop_down_whose_role_is_around_its_box_shows_what_the_box_holds(value: str):
    box = old_drop_down("Token type", value, (V2_V3, "Stencil-CLI token"), expanded=True)
    form = read(f"<main>{box}<label>Name <input></label><h3>Scopes</h3><button>Save</button></main>")
    assert form.token_type is not None
    assert (form.token_type.value, form.token_type.is_v2_v3) == (value, value == V2_V3)
    assert (form.token_type.control.role, form.token_type.expanded) == ("textbox", True)
    option = form.token_type.v2_v3_option()
    assert option is not None
    assert option.name == V2_V3


def test_a_scope_whose_role_is_around_its_box_shows_what_the_box_holds_and_is_opened_by_the_box():
    scopes = old_drop_down(TOKENS, "manage", ()) + old_drop_down(IMPERSONATION, "None", ())
    form = read(f"<main><label>Name <input></label>{scopes}<button>Save</button></main>")
    assert [control.chosen() for _, control in form.scopes if control] == ["manage", "None"]
    assert {control.drop_down.role for _, control in form.scopes if control and control.drop_down} == {"textbox"}


PATH = "<label>API path <input readonly value='https://api.bigcommerce.com/stores/zz9/v3/'></label>"


@pytest.mark.parametrize("options", ["", " aria-pressed=false"])
def test_an_option_called_create_is_not_taken_for_save(options: str):
    scope = f"<p>Create payments</p><div><button{options}>None</button><button{options}>create</button></div>"
    form = read(f"{PATH}<label>Name <input></label>{scope}<div><button>Create account</button></div>")
    assert form.save is not None
    assert form.save.name == "Create account"
