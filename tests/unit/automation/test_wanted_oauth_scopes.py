"""OAuth scopes as they are asked for on the command line."""

from __future__ import annotations

import pytest

from automation.core.oauth_scopes import wanted_scopes
from automation.core.request import IMPERSONATION_TOKENS, STOREFRONT_TOKENS
from companion.core.errors import InvalidInput


def test_the_two_storefront_scopes_are_always_asked_for() -> None:
    assert wanted_scopes(()) == (STOREFRONT_TOKENS, IMPERSONATION_TOKENS)


@pytest.mark.parametrize(
    ("text", "parameter"),
    [
        ("Products=read-only", "store_v2_products_read_only"),
        ("products = Read Only", "store_v2_products_read_only"),
        ("Information & settings=modify", "store_v2_information"),
        ("information and settings=MODIFY", "store_v2_information"),
        ("Metafields access=full", "store_metafield_write_all"),
        ("Payments - Get accepted methods=read-only", "store_payments_methods_read"),
    ],
)
def test_a_scope_is_named_as_the_control_panel_names_it_in_any_case(text: str, parameter: str) -> None:
    assert wanted_scopes((text,))[-1].parameter == parameter


def test_asking_for_a_scope_twice_or_for_one_that_is_always_set_changes_nothing() -> None:
    texts = ("Products=modify", "Storefront API tokens=manage", "products=modify")
    assert [scope.parameter for scope in wanted_scopes(texts)] == [
        "store_storefront_api",
        "store_storefront_api_customer_impersonation",
        "store_v2_products",
    ]


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (("Products",), "not of the form"),
        (("=modify",), "not of the form"),
        (("Products=",), "not of the form"),
        (("Product=modify",), "There is no scope 'Product'"),
        (("Products=manage",), "it has read-only, modify"),
        (("Products=None",), "it has read-only, modify"),
        (("Products=modify", "Products=read-only"), "asked for twice"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(texts: tuple[str, ...], why: str) -> None:
    with pytest.raises(InvalidInput, match=why) as refusal:
        wanted_scopes(texts)
    assert refusal.value.fields[0].pointer == f"/oauth_scopes/{len(texts) - 1}"


def test_what_is_recorded_of_a_grant_asks_for_the_same_again():
    first = wanted_scopes(("Products=read-only", "Orders=modify"))
    assert wanted_scopes(tuple(scope.grant for scope in first)) == first
