"""The GraphQL Storefront API as scripts of a page meet it: preflights, origins, tokens for servers, sessions."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from simulated_store.api.storefront_tokens import mint
from simulated_store.api.token_rules import TokenRequest
from simulated_store.state import SimulatedBigCommerce
from simulated_store.store import Family

pytestmark = pytest.mark.browser

FETCH = """async ([url, token, query]) => {
  try {
    const answer = await fetch(url, {
      method: "POST",
      credentials: "include",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ query }),
    });
    return await answer.json();
  } catch (error) {
    return error.name;
  }
}"""
NAME = "{ site { settings { storeName } } }"
Ask = Callable[..., Any]


@pytest.fixture
def ask(bigcommerce: SimulatedBigCommerce, page: Page) -> Ask:
    """Ask the first store from a page of `origin`, with a token of a family for `origins`."""
    store = bigcommerce.store
    bigcommerce.add_store(custom_domain="shop.example", launched=True)
    store.launched = True
    account = store.create_api_account("front end", frozenset({"store_storefront_api"}))

    def asked(origin: str, *origins: str, family: Family = "simple", query: str = NAME) -> Any:
        request = TokenRequest((1,), int(bigcommerce.now()) + 600, origins, ("Unauthenticated",))
        token = mint(bigcommerce, store, account, family, request)
        page.goto(f"{origin}/")
        return page.evaluate(FETCH, [f"https://{store.vanity_host}/graphql", token.jwt, query])

    return asked


def test_a_page_of_a_named_origin_gets_an_answer(ask: Ask, bigcommerce: SimulatedBigCommerce) -> None:
    answer = ask("https://shop.example", "https://shop.example")
    assert answer == {"data": {"site": {"settings": {"storeName": bigcommerce.store.name}}}}
    asked = [(each.method, each.status) for each in bigcommerce.requests if each.path == "/graphql"]
    assert asked == [("OPTIONS", 204), ("POST", 200)]


@pytest.mark.parametrize(
    ("origins", "family"),
    [(["https://other.example"], "simple"), ([], "simple"), (["https://shop.example"], "private")],
)
def test_any_other_page_gets_nothing_that_it_could_read(
    ask: Ask, bigcommerce: SimulatedBigCommerce, origins: list[str], family: Family
) -> None:
    assert ask("https://shop.example", *origins, family=family) == "TypeError"
    assert bigcommerce.requests[-1].status == 401


def test_a_login_keeps_a_session_in_the_browser(ask: Ask, bigcommerce: SimulatedBigCommerce) -> None:
    shopper, own = bigcommerce.store.api_records.shoppers.people[0], f"https://{bigcommerce.store.vanity_host}"
    login = f'mutation {{ login(email: "{shopper.email}", password: "{shopper.password}") {{ result }} }}'
    assert ask(own, own, query=login) == {"data": {"login": {"result": "success"}}}
    assert ask(own, own, query="{ customer { email } }") == {"data": {"customer": {"email": shopper.email}}}
    ask(own, own, query="mutation { logout { result } }")
    assert ask(own, own, query="{ customer { email } }") == {"data": {"customer": None}}
