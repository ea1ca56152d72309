import pytest

from simulated_store.state import ApiAccount, SimulatedBigCommerce, Store
from simulated_store.text_file import file_name, text
from simulated_store.variants import Variants


@pytest.fixture
def store() -> Store:
    return SimulatedBigCommerce(seed=7).add_store(store_hash="ci4bzn8adz")


@pytest.fixture
def account(store: Store) -> ApiAccount:
    return store.create_api_account("ERP: connection", frozenset())


@pytest.mark.parametrize(
    ("layout", "labels"),
    [
        ("A", ["ACCESS TOKEN", "CLIENT NAME", "API PATH", "CLIENT ID", "CLIENT SECRET"]),
        ("B", ["ACCESS TOKEN", "CLIENT ID", "CLIENT SECRET", "NAME", "API PATH"]),
        ("C", ["ACCESS TOKEN", "CLIENT NAME", "CLIENT ID", "CLIENT SECRET", "NAME", "API PATH"]),
        ("D", ["NAME", "API PATH", "CLIENT ID", "CLIENT SECRET", "ACCESS TOKEN"]),
        ("E", ["ACCESS TOKEN", "CLIENT NAME", "CLIENT ID", "CLIENT SECRET", "NAME", "API PATH", "STORE HASH"]),
    ],
)
def test_each_layout_has_its_labels_in_order(store, account, layout, labels):
    assert [line.split(":")[0] for line in text(store, account, Variants(txt=layout)).splitlines()] == labels


def test_layout_c_holds_the_accounts_values(store, account):
    assert text(store, account, Variants()) == (
        f"ACCESS TOKEN: {account.access_token}\n"
        "CLIENT NAME: ERP: connection\n"
        f"CLIENT ID: {account.client_id}\n"
        f"CLIENT SECRET: {account.client_secret}\n"
        "NAME: ERP: connection\n"
        "API PATH: https://api.bigcommerce.com/stores/ci4bzn8adz/v3/\n"
    )


def test_one_line_is_layout_c_without_line_ends(store, account):
    assert text(store, account, Variants(txt="one-line")) == text(store, account, Variants()).strip().replace("\n", " ")


def test_the_file_is_named_for_the_client_id(account):
    assert file_name(account) == f"BigCommerceAPI-credentials-{account.client_id}-.txt"


def test_the_forms_of_a_layout_combine(store, account):
    plain = text(store, account, Variants())
    assert text(store, account, Variants(txt_crlf=True)) == plain.replace("\n", "\r\n")
    assert text(store, account, Variants(txt_bom=True)) == f"\ufeff{plain}"
    assert text(store, account, Variants(txt_last_newline=False)) == plain.rstrip("\n")
    more = text(store, account, Variants(txt_more_keys=True)).splitlines()
    assert set(plain.splitlines()) < set(more)
    assert more[0] not in plain
    assert text(store, account, Variants(txt="A", txt_bom=True, txt_crlf=True)).startswith("\ufeffACCESS TOKEN: ")
