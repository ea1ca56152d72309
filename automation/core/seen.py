"""What a run sees, in words for who watches it from elsewhere: kinds of pages, never anything that stands on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from automation.core.extract.account_form import account_form
from automation.core.extract.addresses import Place, place_of
from automation.core.extract.api_accounts import api_accounts_list
from automation.core.extract.credentials_window import credentials_window
from automation.core.extract.document import Document
from automation.core.extract.sign_in import challenge_of, code_form, is_picker_page, lock_of, picker, sign_in_form
from automation.core.request import WantedScope
from automation.core.snapshot import Busy, Observation, Tab
from automation.core.view import View

_ON_SIGN_IN: tuple[tuple[str, Callable[[Document], object]], ...] = (
    ("BigCommerce says that this user is locked.", lock_of),
    ("BigCommerce asks for a proof that a person is there.", challenge_of),
    ("BigCommerce asks for a one-time code.", code_form),
    ("BigCommerce asks which account or store to use.", lambda document: is_picker_page(document) or picker(document)),
    ("The sign-in page of BigCommerce.", sign_in_form),
)


def seen_in_words(observation: Observation, scopes: Iterable[WantedScope] = ()) -> str:
    """Return one or two sentences on what is open.

    Args:
        scopes: those that the run sets, by which the form for a new API account is told from others.
    """
    main = next((tab for tab in observation.tabs if tab.number == 0), None)
    if main is None:
        return "The tab in which this began is closed."
    beside = any(place_of(tab.url) is Place.STOREFRONT for tab in observation.tabs if tab is not main)
    return _main(main, tuple(scopes)) + (" The store's page is open beside it." if beside else "")


def _main(tab: Tab, scopes: tuple[WantedScope, ...]) -> str:
    if tab.failure is not None:
        return "A page that does not load."
    if tab.status is not None and tab.status >= 500:
        return f"An error page of the server ({tab.status})."
    match place_of(tab.url):
        case Place.BLANK:
            return "An empty window."
        case Place.SIGN_IN:
            return _first(View(tab), _ON_SIGN_IN) or _or_loading(View(tab), "A page of BigCommerce's sign-in.")
        case Place.PANEL:
            return _first(View(tab), _on_panel(scopes)) or _or_loading(View(tab), "The store's control panel.")
        case Place.STOREFRONT:
            return "A page outside the control panel; it is not read."
        case _:
            return "Another page of BigCommerce's."


def _on_panel(scopes: tuple[WantedScope, ...]) -> tuple[tuple[str, Callable[[Document], object]], ...]:
    return (
        ("The window with the credentials, which are shown once.", credentials_window),
        ("The form for a new API account.", lambda document: account_form(document, scopes)),
        ("The list of the store's API accounts.", api_accounts_list),
    )


def _first(view: View, kinds: tuple[tuple[str, Callable[[Document], object]], ...]) -> str | None:
    for words, reads in kinds:
        if view.read(lambda document, reads=reads: reads(document) or None) is not None:  # type: ignore[misc]
            return words
    return None


def _or_loading(view: View, words: str) -> str:
    return f"{words.removesuffix('.')}, still loading." if view.busy is Busy.LOADING else words
