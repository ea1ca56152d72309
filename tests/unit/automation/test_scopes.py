"""A scope's control, whatever it is made of, and never that of another scope."""

import pytest
from panel_pages import IMPERSONATION, TOKENS, form_page
from written_pages import document

from automation.core.extract.document import Document
from automation.core.extract.scope_blocks import offered_scopes
from automation.core.extract.scopes import scope_control
from automation.core.oauth_scopes import wanted_scopes
from automation.core.request import IMPERSONATION_TOKENS, STOREFRONT_TOKENS, WantedScope

LABELS = ("Content", "Checkout content", "Customers", TOKENS, IMPERSONATION, "Store logs")
"""Neighbours that contain each other's names."""


def named(label: str) -> WantedScope:
    return WantedScope((label,), ("manage",), "")


def options_of(label: str) -> tuple[str, ...]:
    return ("None", "manage") if "API" in label else ("None", "read-only", "modify")


def switches(label: str, chosen: str) -> str:
    return "".join(
        f"<button role=switch aria-checked={str(option == chosen).lower()}>{option}</button>"
        for option in options_of(label)
    )


def unnamed_group(label: str, chosen: str) -> str:
    return (
        f'<div><label for="g{label}">{label}</label><div role=group id="g{label}">{switches(label, chosen)}</div></div>'
    )


def named_group(label: str, chosen: str) -> str:
    group = f'<div role=group aria-label="{label}">{switches(label, chosen)}</div>'
    return f"<div><label>{label}</label>{group}</div>"


def radios(label: str, chosen: str) -> str:
    boxes = "".join(
        f'<label><input type=radio name="{label}"{" checked" if option == chosen else ""}> {option}</label>'
        for option in options_of(label)
    )
    return f"<fieldset><legend>{label}</legend>{boxes}</fieldset>"


def hidden_radios(label: str, chosen: str) -> str:
    boxes = "".join(
        f"""<div><input type=radio class=visually-hidden name="{label}" id="{label}{number}"
        aria-labelledby="{number}-{len(label)}" {"checked" if option == chosen else ""}>
        <label for="{label}{number}" aria-hidden=true></label>
        <label for="{label}{number}" id="{number}-{len(label)}">{option}</label></div>"""
        for number, option in enumerate(options_of(label))
    )
    return f"<div><div>{label}</div>{boxes}</div>"


def select(label: str, chosen: str) -> str:
    options = "".join(
        f"<option{' selected' if option == chosen else ''}>{option}</option>" for option in options_of(label)
    )
    return f'<div><label for="s{label}">{label}</label><select id="s{label}">{options}</select></div>'


def pressed_buttons(label: str, chosen: str) -> str:
    buttons = "".join(
        f"<button type=button aria-pressed={str(option == chosen).lower()}>{option}</button>"
        for option in options_of(label)
    )
    return f"<div><strong>{label}</strong><div>{buttons}</div></div>"


def classes_only(label: str, chosen: str) -> str:
    buttons = "".join(
        f'<button type=button class="toggle{" active" if option == chosen else ""}">{option}</button>'
        for option in options_of(label)
    )
    return f"<div><span>{label}</span><div>{buttons}</div></div>"


def combobox(label: str, chosen: str) -> str:
    options = "".join(f"<li role=option>{option}</li>" for option in options_of(label))
    box = f'<input id="c{label}" role=combobox value="{chosen}">'
    return f'<div><label for="c{label}">{label}</label>{box}<ul>{options}</ul></div>'


def flat_siblings(label: str, chosen: str) -> str:
    """No block around a scope: its label and its switches are siblings of all others."""
    return f"<p>{label}</p>{switches(label, chosen)}"


def table_row(label: str, chosen: str) -> str:
    def radio(option: str) -> str:
        return f'<input type=radio name="{label}"{" checked" if option == chosen else ""}>'

    columns = ("None", "read-only", "modify", "manage")
    cells = "".join(f"<td>{radio(option) if option in options_of(label) else ''}</td>" for option in columns)
    return f"<tr><td>{label}</td>{cells}</tr>"


def table(rows: str) -> str:
    headings = "<tr><th>Scope</th><th>None</th><th>read-only</th><th>modify</th><th>manage</th></tr>"
    return f"<table><thead>{headings}</thead><tbody>{rows}</tbody></table>"


FORMS = {
    "switches-in-an-unnamed-group": unnamed_group,
    "switches-in-a-named-group": named_group,
    "radios-in-a-fieldset": radios,
    "visually-hidden-radios": hidden_radios,
    "select": select,
    "pressed-buttons": pressed_buttons,
    "state-in-the-class-only": classes_only,
    "combobox": combobox,
    "flat-siblings": flat_siblings,
    "table-with-column-headings": table_row,
}


def form(kind: str, chosen: dict[str, str]) -> Document:
    blocks = "".join(FORMS[kind](label, chosen.get(label, "None")) for label in LABELS)
    return document(f"<main><form>{table(blocks) if kind.startswith('table') else blocks}</form></main>")


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("label", LABELS)
def test_each_scope_is_read_as_its_own(kind: str, label: str):
    others = {other: options_of(other)[1] for other in LABELS if other != label}
    found = scope_control(form(kind, others), named(label))
    assert found is not None
    assert found.label == label
    assert [option.name for option in found.options] == list(options_of(label))
    assert found.chosen() == "None"


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("label", [TOKENS, IMPERSONATION, "Content"])
def test_a_scope_that_is_set_is_read_back(kind: str, label: str):
    wanted = options_of(label)[1]
    found = scope_control(form(kind, {label: wanted}), named(label))
    assert found is not None
    assert found.chosen() == wanted


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("absent", LABELS)
def test_a_scope_that_is_not_offered_is_not_taken_for_another(kind: str, absent: str):
    blocks = "".join(FORMS[kind](label, "None") for label in LABELS if label != absent)
    page = document(f"<form>{table(blocks) if kind.startswith('table') else blocks}</form>")
    assert scope_control(page, named(absent)) is None


@pytest.mark.parametrize("kind", FORMS)
def test_each_option_is_pressed_where_it_stands(kind: str):
    """The refs of all options of all scopes differ, so that no press can set another scope."""
    page = form(kind, {})
    refs = []
    for label in LABELS:
        found = scope_control(page, named(label))
        assert found is not None
        refs += [option.control.ref for option in found.options]
    assert len(refs) == len(set(refs))


def test_a_hidden_radio_is_pressed_by_its_label():
    found = scope_control(form("visually-hidden-radios", {}), named(TOKENS))
    assert found is not None
    assert all(option.control.shown for option in found.options)


def test_a_select_is_chosen_from_and_not_pressed():
    found = scope_control(form("select", {}), named(TOKENS))
    assert found is not None
    assert found.native
    assert found.drop_down is not None


def test_a_closed_drop_down_tells_what_it_shows():
    page = document(f"<div><label for=c>{TOKENS}</label><input id=c role=combobox value=None></div>")
    found = scope_control(page, named(TOKENS))
    assert found is not None
    assert found.chosen() == "None"
    assert found.drop_down is not None
    assert not found.native


@pytest.mark.parametrize("controls", ["aria-controls=portal", "aria-owns=portal", ""])
def test_an_open_list_is_read_wherever_it_is_drawn(controls: str):
    page = document(
        f"""<div><label for=c>{TOKENS}</label><input id=c role=combobox {controls} aria-expanded=true value=None></div>
        <div><label for=d>{IMPERSONATION}</label><input id=d role=combobox aria-expanded=false value=None></div>
        <div><ul role=listbox id=portal><li role=option>None</li><li role=option>manage</li></ul></div>"""
    )
    found, other = scope_control(page, named(TOKENS)), scope_control(page, named(IMPERSONATION))
    assert found is not None
    assert other is not None
    assert [option.name for option in found.options] == ["None", "manage"]
    assert [option.name for option in other.options] == ["None"]


def test_a_state_that_the_page_does_not_tell_is_not_guessed():
    page = document(f"<div><span>{TOKENS}</span><div><button>None</button><button>manage</button></div></div>")
    found = scope_control(page, named(TOKENS))
    assert found is not None
    assert found.chosen() is None


def test_two_options_that_are_on_at_once_are_no_answer():
    page = document(
        f"<div><span>{TOKENS}</span><button role=switch aria-checked=true>None</button>"
        "<button role=switch aria-checked=true>manage</button></div>"
    )
    found = scope_control(page, named(TOKENS))
    assert found is not None
    assert found.chosen() is None


def test_a_disabled_option_says_so():
    page = document(
        f"<div><label>{TOKENS}</label><div role=group><button role=switch aria-checked=true disabled>None</button>"
        "<button role=switch aria-checked=false disabled>manage</button></div></div>"
    )
    found = scope_control(page, named(TOKENS))
    assert found is not None
    assert all(option.disabled for option in found.options)


def test_letter_case_and_markup_of_a_label_make_no_difference():
    page = document(
        """<div><label><b>STOREFRONT</b> api Tokens *</label><div role=group>
        <button role=switch aria-checked=true>None</button><button role=switch aria-checked=false>Manage</button>
        </div></div>"""
    )
    found = scope_control(page, named(TOKENS))
    assert found is not None
    assert [option.name for option in found.options] == ["None", "Manage"]


def test_a_help_text_that_names_the_scope_is_not_its_control():
    help_text = f"<p>Set <b>{TOKENS}</b> to mint tokens. <button>Learn more</button></p>"
    found = scope_control(document(help_text + unnamed_group(TOKENS, "manage")), named(TOKENS))
    assert found is not None
    assert found.chosen() == "manage"


def test_the_scopes_on_offer_are_named_in_their_order():
    assert offered_scopes(document(form_page())) == (
        "Content",
        "Checkout content",
        "Customers",
        "Customers login",
        TOKENS,
        IMPERSONATION,
    )
    assert offered_scopes(document("<p>Home</p>")) == ()


@pytest.mark.parametrize(
    "wording", ["{label} {option}", "{label}: {option}", "{option} for {label}", "{option} \u2013 {label}", "{label}"]
)
def test_an_option_that_also_names_its_scope_is_read_without_it(wording: str):
    cells = "".join(
        f'<td><input type=radio name=r aria-label="{wording.format(label=TOKENS, option=option)}"></td>'
        for option in ("None", "read-only", "manage")
    )
    read = document(
        f"<table><tr><th>Scope<th>None<th>read-only<th>manage</tr><tr><td>{TOKENS}</td>{cells}</tr></table>"
    )
    control = scope_control(read, named(TOKENS))
    assert control is not None
    assert [option.name.casefold() for option in control.options] == ["none", "read-only", "manage"]


@pytest.mark.parametrize("help_", ["<a href='#'>What is this?</a>", "<button>?</button>"])
def test_a_link_to_help_beside_the_label_is_no_option(help_: str):
    html = f"<div><div><b>{TOKENS}</b>{help_}</div><div>{switches(TOKENS, 'manage')}</div></div>"
    control = scope_control(document(html), named(TOKENS))
    assert control is not None
    assert control.chosen() == "manage"


@pytest.mark.parametrize("tokens", ["Storefront API, token", "Token API Storefront"])
def test_the_two_of_the_storefront_are_found_in_any_language_and_order(tokens: str):
    foreign = ("Token del cliente della Storefront API", "Contenuto", "Prodotti", tokens)
    options = ("Nessuno", "gestisci")
    html = "".join(
        f"<div><b>{label}</b><div>"
        + "".join(f"<button role=switch aria-checked={str(o == 'Nessuno').lower()}>{o}</button>" for o in options)
        + "</div></div>"
        for label in foreign
    )
    page = document(html + "<button aria-pressed=false>create</button><button>Salva</button>")
    found = [scope_control(page, wanted) for wanted in (STOREFRONT_TOKENS, IMPERSONATION_TOKENS)]
    assert {option.control.ref for control in found if control for option in control.options} == {
        e.ref for e in page.of_role("switch") if "Storefront" in next(iter(e.parent.parent.children)).text
    }


TYPE = """<fieldset><legend>Тип</legend><label><input type=radio checked>V2/V3 API</label>
<label><input type=radio>CLI</label></fieldset>"""
PATH = '<label for=n>Назва</label><input id=n><label for=p>Шлях API</label><input id=p readonly value="https://x/">'


@pytest.mark.parametrize("help_", ["", "<p>Що це дає</p>"])
@pytest.mark.parametrize("before", ["", "<b>Області OAuth</b><p>Оберіть, що можна робити через API.</p>"])
def test_the_first_scope_behind_the_forms_other_fields_has_its_own_label(before: str, help_: str):
    buttons = "<button role=switch aria-checked=true>Нет</button><button role=switch aria-checked=false>Да</button>"
    labels = ("Storefront API: токени", "Товари", "Storefront API: клієнти")
    rows = "".join(f"<div><b>{label}</b>{help_}<div>{buttons}</div></div>" for label in labels)
    page = document(f"<form>{TYPE}{PATH}<div>{before}<div>{rows}</div></div><button>Зберегти</button></form>")
    found = [scope_control(page, wanted) for wanted in (STOREFRONT_TOKENS, IMPERSONATION_TOKENS)]
    switches_ = [e.ref for e in page.of_role("switch")]
    assert [[option.control.ref for option in control.options] for control in found if control is not None] == [
        switches_[:2],
        switches_[4:],
    ]


@pytest.mark.parametrize(
    ("wanted", "options"),
    [
        ("Products=read-only", ("Ninguno", "solo lectura", "modificar")),
        ("Products=modify", ("Aucun", "lecture seule", "modifier")),
    ],
)
def test_options_in_other_languages_are_told_apart(wanted: str, options: tuple[str, ...]):
    (scope,) = wanted_scopes((wanted,))[2:]
    buttons = "".join(f"<button role=switch aria-checked=false>{option}</button>" for option in options)
    control = scope_control(document(f"<div><b>Products</b><div role=group>{buttons}</div></div>"), scope)
    assert control is not None
    option = control.wanted_option(scope)
    assert option is not None
    assert option.name == options[1 if "read" in wanted else 2]
