"""The catalogue, as BigCommerce gives it and as it refuses it."""

import pytest
from shop_sync.catalogue import Limited, Refused

import fixtures

pytestmark = pytest.mark.bigcommerce(scopes=["Products=read-only"])


def test_every_product_is_read_page_by_page(catalogue, bigcommerce_sandbox):
    products = list(catalogue.products(size=2))

    assert len(products) == len({product["id"] for product in products}) > 2
    assert set(fixtures.wanted_fields()) <= set(products[0])
    pages = [each for each in bigcommerce_sandbox.requests if each.path.endswith("/catalog/products")]
    assert len(pages) == -(-len(products) // 2)


@pytest.mark.bigcommerce(faults=["rest:/v3/catalog/products:503:twice"])
def test_a_server_that_stumbles_is_asked_again(catalogue, bigcommerce_sandbox):
    assert list(catalogue.products())
    assert [each.status for each in bigcommerce_sandbox.requests if "products" in each.path][:3] == [503, 503, 200]


@pytest.mark.bigcommerce(faults=["rest:/v3/catalog/products:drop:once"])
def test_a_lost_connection_is_made_again(catalogue):
    assert list(catalogue.products())


@pytest.mark.bigcommerce(variants=["quota=2"])
def test_too_many_calls_say_how_long_to_wait(catalogue):
    with pytest.raises(Limited) as limited:
        list(catalogue.products(size=1))

    assert 0 < limited.value.seconds <= 30


@pytest.mark.bigcommerce(variants=["store-in-maintenance"])
def test_a_store_in_maintenance_is_no_empty_catalogue(catalogue):
    with pytest.raises(Refused, match="503"):
        list(catalogue.products())


@pytest.mark.bigcommerce(simulated_only=True)
def test_a_revoked_account_is_told_from_a_missing_scope(catalogue, bigcommerce_sandbox):
    with pytest.raises(Refused, match="403"):
        catalogue.channels()

    store = bigcommerce_sandbox.store
    store.delete_api_account(store.api_accounts[0].client_id)

    with pytest.raises(Refused, match="401"):
        catalogue.channels()


@pytest.mark.bigcommerce(scopes=["Channel settings=read-only"], channels=3)
def test_every_channel_is_found(catalogue, connected):
    assert connected.channel_id in catalogue.channels()
    assert len(catalogue.channels()) == 3
