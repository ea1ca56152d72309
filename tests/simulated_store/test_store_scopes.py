import pytest

from simulated_store.scopes import form_scopes, granted, summary
from simulated_store.state import SimulatedBigCommerce, Store


@pytest.fixture
def store() -> Store:
    return SimulatedBigCommerce(seed=7).store


def names(store: Store) -> list[str]:
    return [scope.name for scope in form_scopes(store)]


def test_the_form_shows_the_documented_blocks_in_page_order(store):
    shown = names(store)
    assert shown[:4] == ["Content", "Checkout content", "Customers", "Customers login"]
    assert shown[18:21] == ["Storefront API tokens", "Storefront API customer impersonation tokens", "Store logs"]
    assert len(shown) == len(set(shown)) == 28


def test_scopes_of_other_plans_and_kinds_are_not_shown(store):
    assert not {"B2B Edition", "Infrastructure logs", "App extensions"} & set(names(store))
    store.b2b_edition = True
    assert names(store)[-1] == "B2B Edition"
    store.native_hosting = True
    assert "Infrastructure logs" in names(store)
    assert "App extensions" not in names(store)


def test_option_labels_are_lower_case_except_the_first(store):
    for scope in form_scopes(store):
        first, *others = [option.label for option in scope.options]
        assert first in {"None", "Standard"}
        assert others == [label.lower() for label in others]


def test_an_untouched_form_grants_the_standard_metafields_access_only(store):
    assert granted(form_scopes(store), {}) == {"store_metafield_write"}


def test_chosen_options_become_oauth_parameters(store):
    chosen = {"Storefront API tokens": "manage", "Products": "read-only", "Metafields Access": "full"}
    assert granted(form_scopes(store), chosen) == {
        "store_storefront_api",
        "store_v2_products_read_only",
        "store_metafield_write_all",
    }


@pytest.mark.parametrize("chosen", [{"Products": "manage"}, {"Nothing": "modify"}, {"B2B Edition": "modify"}])
def test_what_the_form_does_not_have_is_refused(store, chosen):
    with pytest.raises(KeyError):
        granted(form_scopes(store), chosen)


def test_the_list_names_scopes_in_page_order(store):
    scopes = frozenset({"store_storefront_api", "store_v2_products_read_only"})
    assert summary(scopes) == "Products, Storefront API tokens"
