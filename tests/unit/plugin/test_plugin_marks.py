"""What `@pytest.mark.bigcommerce(...)` says, and what it may not say."""

from __future__ import annotations

import pytest

from simulated_store.scopes import all_scopes
from simulated_store.testing.marks import Wanted, WrongMark, wanted_from_marks
from simulated_store.testing.oauth_scopes import read_scopes


def wanted(*marks, **mark):
    """Of marks that are keyword arguments each, the closest first."""
    return wanted_from_marks([pytest.mark.bigcommerce(**each).mark for each in marks or (mark,)])


def test_without_a_mark_a_test_wants_nothing_special():
    assert wanted_from_marks([]) == Wanted()
    assert Wanted().not_for_real_stores is None


def test_lists_of_a_class_and_a_test_add_up_and_the_closest_counts_for_the_rest():
    both = wanted(
        {"variants": ["txt=A"], "channels": 3}, {"variants": ["a2019"], "faults": ["save:500"], "channels": 2}
    )

    assert both == Wanted(variants=("a2019", "txt=A"), faults=("save:500",), channels=3)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"variant": ["slow"]}, "has no 'variant'"),
        ({"variants": "slow"}, "variants is a list"),
        ({"scopes": [1]}, "scopes is a list"),
        ({"channels": 0}, "from 1 up"),
        ({"channels": True}, "from 1 up"),
        ({"simulated_only": 1}, "True or False"),
    ],
)
def test_what_a_mark_cannot_say_is_named(said, complaint):
    with pytest.raises(WrongMark, match=complaint):
        wanted(**said)


def test_a_mark_takes_no_positional_arguments():
    with pytest.raises(WrongMark, match="positional"):
        wanted_from_marks([pytest.mark.bigcommerce("slow").mark])


@pytest.mark.parametrize(
    "said", [{"variants": ["slow"]}, {"faults": ["save:500"]}, {"scopes": ["Customer"]}, {"channels": 2}]
)
def test_a_store_that_is_shaped_for_a_test_is_no_real_one(said):
    assert next(iter(said)) in wanted(**said).not_for_real_stores


def test_simulated_only_says_so():
    assert "simulated_only" in wanted(simulated_only=True).not_for_real_stores
    assert wanted(simulated_only=False).not_for_real_stores is None


def granted(*texts):
    return read_scopes(texts).granted([scope for scope in all_scopes() if scope.shown != "never"])


def test_the_two_scopes_of_every_retrieval_are_always_there():
    assert {"store_storefront_api", "store_storefront_api_customer_impersonation"} <= granted()


@pytest.mark.parametrize("text", ["Products=read-only", "products = Read-Only", "store_v2_products_read_only"])
def test_a_scope_is_named_as_in_the_form_or_as_in_oauth(text):
    assert granted(text) - granted() == {"store_v2_products_read_only"}
    assert read_scopes([text]).on_top == ("Products=read-only",)


def test_less_than_a_retrieval_sets_can_be_asked_for():
    assert granted() - granted("Storefront API tokens=none") == {"store_storefront_api"}
    assert read_scopes(["Storefront API tokens=none"]).asks_for_less
    assert not read_scopes(["Products=modify"]).asks_for_less


def test_access_scopes_are_those_of_private_tokens():
    assert read_scopes(["Customer", "Unauthenticated", "Customer"]).access == ("Customer", "Unauthenticated")


def test_scopes_that_only_some_stores_show_say_which():
    assert read_scopes(["B2B Edition=modify"]).is_about("b2b-edition")
    assert not read_scopes(["Products=modify"]).is_about("b2b-edition")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Produce=read-only", "'Produce'"),
        ("Products=everything", "read-only, modify"),
        ("store_v3_products", "neither"),
        ("App extensions=manage", "no form"),
    ],
)
def test_a_scope_that_there_is_not_is_named(text, complaint):
    with pytest.raises(WrongMark, match=complaint):
        read_scopes([text])
