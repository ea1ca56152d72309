import pytest

from simulated_store.state import ApiAccount, SimulatedBigCommerce, Store
from simulated_store.text_file import file_name, text


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
        ("E", ["ACCESS TOKEN", "CLIENT NAME", "CLIENT ID", "CLIENT SECRET", "NAME", "API PATH", "STORE HASH"]),
    ],
)
def test_each_layout_has_its_labels_in_order(store, account, layout, labels):
    assert [line.split(":")[0] for line in text(store, account, layout).splitlines()] == labels


def test_layout_c_holds_the_accounts_values(store, account):
    assert text(store, account, "C") == (
        f"ACCESS TOKEN: {account.access_token}\n"
        "CLIENT NAME: ERP: connection\n"
        f"CLIENT ID: {account.client_id}\n"
        f"CLIENT SECRET: {account.client_secret}\n"
        "NAME: ERP: connection\n"
        "API PATH: https://api.bigcommerce.com/stores/ci4bzn8adz/v3/\n"
    )


def test_one_line_is_layout_c_without_line_ends(store, account):
    assert text(store, account, "one-line") == text(store, account, "C").strip().replace("\n", " ")


def test_the_file_is_named_for_the_client_id(account):
    assert file_name(account) == f"BigCommerceAPI-credentials-{account.client_id}-.txt"
