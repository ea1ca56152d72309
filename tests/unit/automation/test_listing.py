"""Reading the list of API accounts to its end, as transcripts, and telling which row a connection's account is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from panel_pages import (
    HOST,
    NAME,
    blank_tab,
    form_page,
    home_page,
    list_page,
    login_tab,
    panel_tab,
    shell,
    sign_in_page,
)
from transcripts import Play
from written_pages import document, snapshot, tab

from automation.core.decide import decide
from automation.core.decisions.listing import decide_listing
from automation.core.errors import AccountNotFound, AccountUnclear, NotPermitted, StepFailed, StoreChoiceNeeded
from automation.core.extract.api_accounts import AccountRow, api_accounts_list
from automation.core.known_accounts import KnownAccount, exact_scopes, listed_scopes, row_of
from automation.core.oauth_scopes import scope_of_grant, wanted_scopes
from automation.core.snapshot import Tab

LIST = "/manage/settings/api-accounts"
BOTH = ("store_storefront_api", "store_storefront_api_customer_impersonation")
BOTH_NAMES = "Storefront API tokens, Storefront API customer impersonation tokens"


def listing(**request: object) -> Play:
    return Play(rule=partial(decide, on_panel=decide_listing), store_hash="abc123", **request)


def on_list(*names: str, **page: object) -> Play:
    play = listing().sees(panel_tab(home_page())).does("open-api-accounts: press “Settings”")
    return play.sees(panel_tab(list_page(names, **page), LIST))  # type: ignore[arg-type]


def test_from_the_sign_in_page_to_every_row_of_a_list_of_one_page():
    play = listing().sees(blank_tab()).does(f"sign-in: open {HOST}/manage")
    play.sees(login_tab(sign_in_page())).does("sign-in: enter e-mail address and password")
    play.sees(panel_tab(list_page(["ERP", NAME]), LIST)).does(f"listed: ERP, {NAME}")


def test_every_page_is_read_once():
    play = on_list("ERP", "CRM", next_page=True).does("open-api-accounts: press “Next page”")
    play.sees(panel_tab(list_page(["POS", "PIM"], next_page=True), LIST)).does("open-api-accounts: press “Next page”")
    play.sees(panel_tab(list_page([NAME]), LIST)).does(f"listed: ERP, CRM, POS, PIM, {NAME}")


def test_a_page_that_does_not_turn_is_pressed_again_and_then_given_up():
    play = on_list("ERP", next_page=True)
    error = play.through_to(StepFailed)
    assert "could not be read to its end" in str(error)
    assert play.log.count("open-api-accounts: press “Next page”") == 4


def test_an_empty_list_is_read_to_its_end():
    on_list().does("listed: ")


def test_a_user_who_may_not_list_is_told():
    page = "<h1>Store-level API accounts</h1><button>Create API account</button><p>You don't have permission.</p>"
    play = listing().sees(panel_tab(home_page())).does("open-api-accounts: press “Settings”")
    play.sees(panel_tab(page, LIST)).through_to(NotPermitted)


def test_nothing_is_pressed_on_the_form_that_stands_open():
    play = listing().sees(panel_tab(form_page(NAME, {}), f"{LIST}/create"))
    assert "Save" not in play.acts()


# The columns


NAMELESS = "https://maple.mybigcommerce.com"


def nameless(content: str, path: str = "/manage/dashboard") -> Tab:
    return tab(snapshot(shell(), NAMELESS + path), snapshot(content, f"{NAMELESS}/admin/app{path}"))


def at_nameless_host() -> Play:
    play = listing().sees(nameless(home_page()))
    for _ in range(2):
        play.does(f"read-store-hash: open {HOST}/manage")
    return play.does(f"read-store-hash: open {NAMELESS}{LIST}/create")


def test_a_host_that_names_no_store_is_told_by_its_form_before_its_list_counts():
    play = at_nameless_host()
    play.sees(nameless(form_page(), f"{LIST}/create")).does(f"read-store-hash: open {NAMELESS}/manage")
    play.sees(nameless(home_page())).does("open-api-accounts: press “Settings”")
    play.sees(nameless(list_page(["ERP", NAME]), LIST)).does(f"listed: ERP, {NAME}")
    assert (play.progress.store_hash, play.progress.panel_host) == ("abc123", "maple.mybigcommerce.com")


def test_the_list_of_another_store_is_not_read():
    play = at_nameless_host()
    path = "https://api.bigcommerce.com/stores/zz9/v3/"
    play.sees(nameless(form_page(path=path), f"{LIST}/create")).stops(StoreChoiceNeeded)


def test_a_list_that_nothing_tells_the_store_of_is_not_read():
    play = at_nameless_host()
    play.sees(nameless(list_page(["ERP", NAME]), LIST)).does(
        f"read-store-hash: open {NAMELESS}/manage/settings/auth/api-accounts/create"
    )
    error = play.stops(StepFailed)
    assert error.step == "read-store-hash"


def rows_of(headings: str, *rows: str) -> tuple[AccountRow, ...]:
    html = f"<h1>Store-level API accounts</h1><table><tr>{headings}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}"
    found = api_accounts_list(document(html + "</table>"))
    assert found is not None
    return found.rows


def test_scopes_and_webhooks_are_read_from_the_columns_of_that_name():
    [row] = rows_of(
        "<th>Account name</th><th>Scopes</th><th>Active webhooks</th><th></th>",
        "<td><a href=#>ERP</a></td><td>Products, Orders</td><td>3</td><td><button></button></td>",
    )
    assert (row.scopes, row.webhooks) == ("Products, Orders", 3)


@pytest.mark.parametrize("webhooks", ["", "-", "many", "²"])
def test_webhooks_that_are_no_number_are_not_known(webhooks: str):
    [row] = rows_of("<th>Name</th><th>Active webhooks</th>", f"<td>ERP</td><td>{webhooks}</td>")
    assert row.webhooks is None


def test_without_the_columns_nothing_is_made_up():
    [row] = rows_of("<th></th><th>Name</th><th>Actions</th>", "<td></td><td>ERP</td><td>7</td>")
    assert (row.scopes, row.webhooks) == ("", None)


# Which row it is


def row(name: str, scopes: str = "", text: str = "") -> AccountRow:
    return AccountRow(name, None, None, scopes=scopes, text=text or name)


def account(scopes: tuple[str, ...] | None = BOTH, name: str = "Companion abc") -> KnownAccount:
    return KnownAccount(name, "client0id0of0this0account0000000", scopes)


def test_the_one_row_of_the_whole_name_is_it():
    mine = row("Companion abc", BOTH_NAMES)
    assert row_of(account(), [row("Companion"), mine, row("Companion abc 2")]) is mine


def test_a_row_that_shows_the_client_id_is_it_whatever_its_name():
    mine = row("Renamed", text="Renamed client0id0of0this0account0000000 0")
    assert row_of(account(), [row("Companion abc"), mine]) is mine


@pytest.mark.parametrize("names", [[], ["Companion"], ["companion abc"], ["Companion abcd", "x Companion abc"]])
def test_none_that_bears_the_whole_name_is_not_found(names: list[str]):
    with pytest.raises(AccountNotFound):
        row_of(account(), [row(name) for name in names])


@pytest.mark.parametrize(("name", "found"), [("Companion k3v9q2x7ab", True), ("Orders", False), ("k3v9q2x7ab", False)])
def test_only_a_name_with_a_random_end_is_looked_for_beside_the_names(name: str, found: bool):
    other = replace(row("ERP"), texts=frozenset({"ERP", name}))
    if found:
        assert row_of(account(name=name), [other]) is other
    else:
        with pytest.raises(AccountNotFound):
            row_of(account(name=name), [other])


def test_two_of_the_name_are_unclear():
    with pytest.raises(AccountUnclear):
        row_of(account(), [row("Companion abc"), row("Companion abc")])


@pytest.mark.parametrize(
    ("shown", "recorded", "clear"),
    [
        (BOTH_NAMES, BOTH, True),
        (f"{BOTH_NAMES}, Metafields access", BOTH, True),
        (f"{BOTH_NAMES}, Products", BOTH, False),
        ("Storefront API tokens", BOTH, False),
        (f"{BOTH_NAMES}, Products (modify)", (*BOTH, "store_v2_products_read_only"), False),
        (f"{BOTH_NAMES}, Products (read-only)", (*BOTH, "store_v2_products_read_only"), True),
        (f"{BOTH_NAMES}, Products", None, True),
        (f"{BOTH_NAMES}, Produits", BOTH, True),
        (f"{BOTH_NAMES}, Orders and 4 more", BOTH, True),
        (f"{BOTH_NAMES}, B2B Edition", (*BOTH, "B2B Edition=modify"), True),
        ("", BOTH, True),
    ],
)
def test_scopes_that_speak_against_it_make_it_unclear(shown: str, recorded: tuple[str, ...] | None, clear: bool):
    rows = [row("Companion abc", shown)]
    if clear:
        assert row_of(account(recorded), rows) is rows[0]
    else:
        with pytest.raises(AccountUnclear):
            row_of(account(recorded), rows)


@pytest.mark.parametrize(
    "entry", ["Products (read-only)", "Products: Read-Only", "products read-only", "Products - read-only"]
)
def test_an_option_is_read_in_every_spelling(entry: str):
    assert listed_scopes(f"Content, {entry}") == {"Content": None, "Products": "read-only"}


def test_the_longer_of_two_names_counts():
    assert listed_scopes("Customers, Customers login, Storefront API tokens") == {
        "Customers": None,
        "Customers login": None,
        "Storefront API tokens": None,
    }


@pytest.mark.parametrize("text", ["", "Products, …", "Products (everything)", "Everything", "Products, Products"])
def test_what_is_not_understood_whole_is_not_understood(text: str):
    assert listed_scopes(text) is None


@pytest.mark.parametrize(
    ("shown", "recorded", "wanted"),
    [
        (BOTH_NAMES, BOTH, ()),
        (BOTH_NAMES, None, ()),
        ("", (*BOTH, "store_v2_products"), ("Products=modify",)),
        (f"{BOTH_NAMES}, Products (modify)", None, ("Products=modify",)),
        (f"{BOTH_NAMES}, Products, Metafields access", (*BOTH, "store_v2_products"), ("Products=modify",)),
        (f"{BOTH_NAMES}, Metafields access (full)", None, ("Metafields access=full",)),
        (f"{BOTH_NAMES}, B2B Edition", None, ("B2B Edition=modify",)),
        ("Produits", (*BOTH, "B2B Edition=modify"), ("B2B Edition=modify",)),
    ],
)
def test_the_exact_scopes_are_read_from_row_and_record(
    shown: str, recorded: tuple[str, ...] | None, wanted: tuple[str, ...]
):
    found = exact_scopes(row("Companion abc", shown), recorded)
    assert found is not None
    assert {scope.grant for scope in found} == {scope.grant for scope in wanted_scopes(wanted)}


def test_an_account_gets_no_scope_that_the_old_one_lacks():
    found = exact_scopes(row("Companion abc", "Storefront API tokens, Orders (read-only)"), None)
    assert [scope.grant for scope in found or ()] == ["store_storefront_api", "store_v2_orders_read_only"]


@pytest.mark.parametrize(
    ("shown", "recorded"),
    [
        (f"{BOTH_NAMES}, Products", None),  # read-only or modify: nobody knows
        (f"{BOTH_NAMES}, Metafields access", None),
        ("", None),
        ("Produits", None),
        ("", (*BOTH, "store_unknown")),
    ],
)
def test_scopes_that_cannot_be_told_for_certain_are_not_told(shown: str, recorded: tuple[str, ...] | None):
    assert exact_scopes(row("Companion abc", shown), recorded) is None


def test_what_is_recorded_of_a_scope_leads_back_to_it():
    for scope in wanted_scopes(("Products=read-only", "B2B Edition=modify", "Metafields access=full")):
        label, option = scope_of_grant(scope.grant) or ("", "")
        assert label == scope.labels[0]
        assert option in scope.options
    assert scope_of_grant("") is None
