"""What a run sees, in words: kinds of pages, and nothing that stands on them."""

from __future__ import annotations

import pytest
from panel_pages import (
    ACCESS_TOKEN,
    CLIENT_ID,
    NAME,
    STORE,
    code_page,
    form_page,
    home_page,
    list_page,
    panel_tab,
    sign_in_page,
)
from written_pages import snapshot, tab

from automation.core.request import RetrievalRequest
from automation.core.seen import seen_in_words
from automation.core.snapshot import Observation, Tab

LOGIN = "https://login.bigcommerce.com/login"
SCOPES = RetrievalRequest(NAME).scopes


def words(*tabs: Tab) -> str:
    return seen_in_words(Observation(1.0, tabs), SCOPES)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (tab(snapshot("", "about:blank")), "An empty window."),
        (tab(snapshot(sign_in_page(), LOGIN)), "The sign-in page of BigCommerce."),
        (tab(snapshot(code_page(), LOGIN)), "BigCommerce asks for a one-time code."),
        (panel_tab(home_page()), "The store's control panel."),
        (panel_tab(list_page()), "The list of the store's API accounts."),
        (panel_tab(form_page()), "The form for a new API account."),
        (tab(snapshot("x", "https://sso.example/login")), "A page outside the control panel; it is not read."),
        (tab(snapshot("x", "https://www.bigcommerce.com/")), "Another page of BigCommerce's."),
        (tab(snapshot("x", LOGIN), failure="net::ERR_TIMED_OUT"), "A page that does not load."),
        (tab(snapshot("x", LOGIN), status=503), "An error page of the server (503)."),
    ],
)
def test_each_kind_of_page_is_named(shown: Tab, said: str):
    assert words(shown) == said


def test_a_tab_that_is_gone_and_a_store_page_beside_are_said():
    storefront = tab(snapshot("x", "https://maple.mybigcommerce.com/"), number=3)
    assert words(storefront) == "The tab in which this began is closed."
    assert words(panel_tab(home_page()), storefront).endswith("The store's page is open beside it.")


def test_nothing_that_stands_on_a_page_is_said():
    for shown in (panel_tab(form_page()), panel_tab(list_page()), tab(snapshot(sign_in_page(), LOGIN))):
        for private in (STORE, NAME, ACCESS_TOKEN, CLIENT_ID, "mybigcommerce"):
            assert private not in words(shown)
