"""Paths of the REST API: those below the store pass, and none that could lead elsewhere."""

import pytest

from companion.core.errors import InvalidInput
from companion.core.rest_paths import checked_rest_path, rest_path_from_text


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("v3/catalog/products", "v3/catalog/products"),
        ("v2/store", "v2/store"),
        ("v2/orders/100/", None),
        ("v3/customers/attributes:in", "v3/customers/attributes:in"),
        ("v3/catalog/products/7/metafields/naïve name", "v3/catalog/products/7/metafields/na%C3%AFve%20name"),
        ("v3/100%", "v3/100%25"),
    ],
)
def test_a_path_below_the_store_is_sent_encoded(given: str, sent: str | None):
    if sent is None:
        with pytest.raises(InvalidInput):
            checked_rest_path(given)
    else:
        assert checked_rest_path(given) == sent


@pytest.mark.parametrize(
    "path",
    [
        "",
        "v3",
        "v3/",
        "v1/orders",
        "/v3/orders",
        "v3//orders",
        "v3/./orders",
        "v3/../../other/v3/orders",
        "v3/..",
        "v3/%2e%2e/orders",
        "v3/a%2Fb",
        "v3/a%5cb",
        "v3/a%252fb",
        "v3/%u002e%u002e/orders",
        "v3/\ufffd\ufffd/orders",
        "v3/..;/..;/other/v3/orders",
        "v3/;x/orders",
        "v3/.. /orders",
        "v3/a\\b",
        "v3/a@b",
        "v3/a?b",
        "v3/a#b",
        "v3/a\nb",
        "v3/a\x00b",
        "v3/a\u202eb",
        "https://evil.example/v3/orders",
        "v3/" + "a" * 2000,
    ],
)
def test_what_could_lead_elsewhere_is_refused(path: str):
    with pytest.raises(InvalidInput) as refusal:
        checked_rest_path(path)
    assert [field.pointer for field in refusal.value.fields] == ["/path"]


@pytest.mark.parametrize(
    "text",
    [
        "v3/catalog/products?limit=1&sort=id",
        "/v3/catalog/products?limit=1&sort=id",
        " https://api.bigcommerce.com/stores/ci4bzn8adz/v3/catalog/products?limit=1&sort=id\n",
        "/stores/CI4BZN8ADZ/v3/catalog/products?limit=1&sort=id",
    ],
)
def test_every_spelling_of_an_own_address_gives_its_path(text: str):
    assert rest_path_from_text(text, "ci4bzn8adz") == ("v3/catalog/products", "limit=1&sort=id")


@pytest.mark.parametrize(
    "text",
    [
        "https://api.bigcommerce.com/stores/another1/v3/orders",
        "/stores/ci4bzn8adz/../another1/v3/orders",
        "/stores/ci4bzn8adz/%2e%2e/another1/v3/orders",
        "https://api.bigcommerce.com.evil.example/stores/ci4bzn8adz/v3/orders",
        "http://api.bigcommerce.com/stores/ci4bzn8adz/v3/orders",
        "v3/%252e%252e/orders",
    ],
)
def test_another_stores_address_is_refused(text: str):
    with pytest.raises(InvalidInput):
        rest_path_from_text(text, "ci4bzn8adz")
