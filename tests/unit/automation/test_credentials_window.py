"""The window that shows the credentials once: in every form, and never read from anything else."""

import pytest
from panel_pages import (
    ACCESS_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    NAME,
    credentials_dialog,
    form_page,
    home_page,
    list_page,
    settings_page,
    sign_in_page,
)
from written_pages import document

from automation.core.extract.credentials_window import CredentialsWindow, credentials_window, reveal_token

PAIRS = (("Client ID", CLIENT_ID), ("Client secret", CLIENT_SECRET), ("Access token", ACCESS_TOKEN))


def window(inner: str, *, around: str = "<div role=dialog><h2>BigCommerce API credentials</h2>{}</div>") -> str:
    return form_page(NAME, save=False) + around.format(inner + "<button>Done</button>")


def read(html: str) -> CredentialsWindow:
    found = credentials_window(document(html))
    assert found is not None
    return found


def inputs() -> str:
    return "".join(
        f"<label for='{n}'>{label}</label><input id='{n}' readonly value={value}>"
        for n, (label, value) in enumerate(PAIRS)
    )


FORMS = {
    "boxes": inputs(),
    "boxes-in-labels": "".join(
        f"<label>{label} <input value={value}></label><button></button>" for label, value in PAIRS
    ),
    "boxes-named-by-aria": "".join(f"<input disabled aria-label='{label}' value={value}>" for label, value in PAIRS),
    "boxes-of-passwords": "".join(
        f"<label>{label} <input type=password readonly value={value}></label>" for label, value in PAIRS
    ),
    "text-areas": "".join(f"<label>{label} <textarea readonly>{value}</textarea></label>" for label, value in PAIRS),
    "boxes-beside-their-titles": "".join(
        f"<div><div><b>{label}</b></div><div><input readonly value={value}></div></div>" for label, value in PAIRS
    ),
    "text": "".join(f"<div><div>{label}</div><div>{value}</div></div>" for label, value in PAIRS),
    "definition-list": "<dl>" + "".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in PAIRS) + "</dl>",
    "table": "<table>" + "".join(f"<tr><th>{label}</th><td>{value}</td></tr>" for label, value in PAIRS) + "</table>",
    "inline": "".join(f"<p>{label}: {value}</p>" for label, value in PAIRS),
    "inline-with-bold-titles": "".join(f"<p><b>{label}:</b> {value}</p>" for label, value in PAIRS),
    "code": "".join(f"<p>{label}</p><pre><code>{value}</code></pre>" for label, value in PAIRS),
    "other-order": "".join(f"<label>{label} <input value={value}></label>" for label, value in reversed(PAIRS)),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_values_are_read_in_every_form(form: str):
    found = read(window(FORMS[form]))
    assert found.access_token.reveal() == ACCESS_TOKEN
    assert found.client_id == CLIENT_ID
    assert found.client_secret is not None
    assert found.client_secret.reveal() == CLIENT_SECRET
    assert found.store_hash is None
    assert found.done is not None
    assert found.done.name == "Done"


@pytest.mark.parametrize(
    "around",
    [
        "<div role=dialog>{}</div>",
        "<div role=dialog aria-label='BigCommerce API credentials'>{}</div>",
        "<dialog>{}</dialog>",
        "<section><h2>BigCommerce API credentials</h2>{}</section>",
        "<div>{}</div>",
    ],
)
def test_the_window_needs_no_name_and_need_not_be_a_dialog(around: str):
    assert read(window(inputs(), around=around)).access_token.reveal() == ACCESS_TOKEN


def test_bigdesigns_window_over_the_form_is_read():
    found = read(form_page(NAME) + credentials_dialog())
    assert (found.access_token.reveal(), found.client_id) == (ACCESS_TOKEN, CLIENT_ID)
    assert found.done is not None
    assert found.done.name == "Done"


def test_the_oldest_window_with_two_fields_is_read():
    found = read(
        "<div role=dialog><p>Client ID: made0up0client</p><p>Access Token: made0up0token</p><button>Done</button></div>"
    )
    assert (found.access_token.reveal(), found.client_id, found.client_secret) == (
        "made0up0token",
        "made0up0client",
        None,
    )


@pytest.mark.parametrize(
    "extra",
    [
        "<label>Store hash <input value=zz9></label>",
        "<label>API path <input value='https://api.bigcommerce.com/stores/zz9/v3/'></label>",
        "<p>API Path: https://api.bigcommerce.com/stores/ZZ9/v3/</p>",
        "<label>Store hash <input value=ZZ9></label>",
    ],
)
def test_a_store_hash_in_the_window_is_a_further_witness(extra: str):
    assert read(window(inputs() + extra)).store_hash == "zz9"


def test_the_forms_own_api_path_behind_the_window_does_no_harm():
    assert read(form_page(NAME) + credentials_dialog()).store_hash in {None, "abc123"}


@pytest.mark.parametrize(
    "extra",
    [
        "<label>Name <input value='ERP connection'></label>",
        "<p>Created: today</p>",
        "<label>Scopes <input value=x></label>",
    ],
)
def test_other_fields_are_left_alone(extra: str):
    found = read(window(extra + inputs() + extra))
    assert (found.access_token.reveal(), found.client_id) == (ACCESS_TOKEN, CLIENT_ID)


@pytest.mark.parametrize(
    "value",
    [
        "abcd1234...wx90",
        "xxxxxxxxxxxxxxxxxxx9f3k",
        "",
        "••••••••••••••••",
        "****************",
        "...",
        "Loading…",
        "Hidden for your security",
        "copied",
    ],
)
def test_a_token_that_is_not_there_yet_is_no_token(value: str):
    assert credentials_window(document(form_page(NAME) + credentials_dialog(access_token=value))) is None


def test_a_token_that_comes_later_is_not_replaced_by_a_neighbour():
    html = f"""<div role=dialog><div>Access token</div><div></div><div>Client ID</div><div>{CLIENT_ID}</div>
    <div>Client secret</div><div>{CLIENT_SECRET}</div></div>"""
    assert credentials_window(document(html)) is None


@pytest.mark.parametrize(
    "html",
    [
        form_page(NAME),
        form_page(NAME, token_type="Access token"),
        list_page(["Access token", "Client ID"]),
        home_page(),
        settings_page(),
        sign_in_page(),
        "<p>Your access token and client ID are shown once.</p>",
        f"<div hidden>{credentials_dialog()}</div>",
        "<h2>Access token</h2><p>BigCommerce calls this the X-Auth-Token header.</p><a href='/docs'>Documentation</a>",
    ],
)
def test_other_pages_show_no_credentials(html: str):
    assert credentials_window(document(html)) is None


def test_what_was_read_never_prints():
    shown = repr(read(form_page(NAME) + credentials_dialog()))
    assert ACCESS_TOKEN not in shown
    assert CLIENT_SECRET not in shown


def test_the_button_of_the_window_is_taken_and_not_one_behind_it():
    behind = "<button>Done</button>"
    found = read(behind + form_page(NAME) + credentials_dialog())
    page = document(behind + form_page(NAME) + credentials_dialog())
    assert found.done is not None
    done = next(e for e in page.elements if e.ref == found.done.ref)
    assert any(a.role == "dialog" for a in done.ancestors())


# Values with buttons beside them


@pytest.mark.parametrize(
    "row",
    [
        "<div>{label}</div><div><span>{value}</span><button>Copy</button></div>",
        "<div>{label}</div><div><span>{value}</span><button>Hide</button><button>Copy</button></div>",
        "<p><b>{label}:</b> <span>{value}</span><button>Copy</button></p>",
        "<div>{label}</div><div><span>{first}</span><span>{rest}</span><button>Copy</button></div>",
        "<div>{label}</div><div><span>{value}</span><span class=copy>Copy</span></div>",
        "<div>{label}</div><div>{first}\u200b{rest}\u00a0<button>Copy</button></div>",
    ],
)
def test_a_button_beside_a_value_is_no_part_of_it(row: str):
    rows = "".join(
        f"<div>{row.format(label=label, value=value, first=value[:7], rest=value[7:])}</div>"
        for label, value in (("Client ID", CLIENT_ID), ("Client secret", CLIENT_SECRET), ("Access token", ACCESS_TOKEN))
    )
    shown = credentials_window(document(f"<div role=dialog><h2>Credentials</h2>{rows}<button>Done</button></div>"))
    assert shown is not None
    assert (shown.access_token.reveal(), shown.client_id) == (ACCESS_TOKEN, CLIENT_ID)
    assert shown.client_secret is not None
    assert shown.client_secret.reveal() == CLIENT_SECRET


MASKED = "••••••••••••"


def masked_window(show: str) -> str:
    return f"""<div role=dialog><h2>Credentials</h2>
    <div><div>Client ID</div><div><span>{CLIENT_ID}</span><button>Copy</button></div></div>
    <div><div>Client secret</div><div><span>{MASKED}</span>{show}<button>Copy</button></div></div>
    <div><div>Access token</div><div><span>{MASKED}</span>{show}<button>Copy</button></div></div>
    <button>Done</button></div>"""


@pytest.mark.parametrize(
    "show", ["<button>Show</button>", "<button aria-label='Reveal value'></button>", "<button title='Show'></button>"]
)
def test_what_shows_a_masked_token_is_found_beside_it(show: str):
    page = document(masked_window(show))
    assert credentials_window(page) is None
    found = reveal_token(page)
    assert found is not None
    label = next(page.with_text(("Access token",)))
    assert found.ref > label.ref


def test_one_button_for_all_masked_values_shows_the_token():
    page = document(masked_window("").replace("<button>Done", "<button>Show credentials</button><button>Done"))
    found = reveal_token(page)
    assert found is not None
    assert found.name == "Show credentials"


def test_a_window_without_such_a_button_has_none():
    assert reveal_token(document(masked_window(""))) is None
