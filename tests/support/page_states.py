"""Takes a picture of every state of the web page: `make screenshots`. Their folder is ignored by git."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from chromium import chromium_path
from playwright.sync_api import Browser, Page, sync_playwright
from web_pages import A_TOKEN, WebPages, web_pages

from companion.core.errors import Locked, WrongKey

WIDTHS = (360, 768, 1440)
LONG_NAME = "Distribuidora Iberoamericana de Artículos para el Hogar y la Oficina, S. A. de C. V."
ARABIC_NAME = "متجر الزهور والهدايا"

Act = Callable[[Page, WebPages, dict[str, str]], None]


def fill(pages: WebPages) -> dict[str, str]:
    """Store connections in every state; returns their ids by what they are good for."""
    ready = pages.connect(LONG_NAME, tags=["méxico", "producción", "mayoristas", "b2b", "2026"])
    arabic = pages.connect(ARABIC_NAME, tags=["العربية"])
    attention = pages.connect("Flowers & Co", access_token=pages.access_token(frozenset({"store_storefront_api"})))
    broken = pages.connect("Garden Supplies", access_token="made-up-token-that-nobody-knows")
    old = pages.connect("Old Catalyst storefront", auth_type="token")
    fresh = pages.connect("Zebra Prints", tags=["new"])
    for each in (ready, arabic, attention, broken, old):
        pages.verify(each["id"])
    with pages.client() as client:
        client.graphql(ready["id"], "{ site { settings { storeName } } }")
        client.create_api_token("Nightly price sync", connections=[ready["id"]], actions=["read", "graphql"])
    return {
        "ready": ready["id"],
        "arabic": arabic["id"],
        "attention": attention["id"],
        "broken": broken["id"],
        "old": old["id"],
        "fresh": fresh["id"],
    }


def go(path: str) -> Act:
    def act(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
        page.goto(pages.url + path.format(**ids))

    return act


def refused_form(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(pages.url + "/connections/new")
    page.get_by_label("Name your connection").fill(LONG_NAME)
    page.get_by_label("Subdomain").fill("shop.example.com")
    page.get_by_label("Channel ID").fill("zero")
    page.get_by_role("button", name="Save and verify").click()
    page.locator("#refusals").wait_for()


def token_chosen(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(pages.url + "/connections/new")
    page.locator("#auth_type-token").check()


def answered_query(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(f"{pages.url}/connections/{ids['ready']}/graphql")
    page.get_by_role("button", name="Run the query").click()
    page.locator("#answer").wait_for()


def refused_edit(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(f"{pages.url}/connections/{ids['ready']}/edit")
    page.locator("#access_token").fill(A_TOKEN.reveal())
    page.get_by_role("button", name="Try and save").click()
    page.get_by_role("alert").wait_for()


def refused_deletion(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(f"{pages.url}/connections/{ids['ready']}/delete")
    page.get_by_label("Type its name").fill("another")
    page.get_by_role("button", name="Delete it here").click()
    page.get_by_role("alert").wait_for()


def in_maintenance(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(f"{pages.url}/connections/{ids['fresh']}")
    pages.store.maintenance = True
    page.get_by_role("button", name="Verify now").click()
    page.get_by_role("alert").wait_for()
    pages.store.maintenance = False


def refused_tool(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(f"{pages.url}/tools/new")
    page.get_by_role("button", name="Make its API token").click()
    page.get_by_role("alert").wait_for()


def checked_record(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(f"{pages.url}/record")
    page.get_by_role("button", name="Check that it is whole").click()
    page.get_by_text("The record is whole").wait_for()


def asked_to_sign_in(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(pages.url + pages.sign_in_path())


def failing(error: Exception) -> Act:
    """The list of connections, where looking for them fails."""

    def act(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
        with patch("companion.service.find.overview", side_effect=error):
            page.goto(pages.url)

    return act


def away(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(pages.url + "/connections/new")
    page.route("**/check/**", lambda route: route.abort("connectionrefused"))
    page.get_by_label("Name your connection").fill("Flowers & Co")
    page.get_by_label("Subdomain").focus()
    page.get_by_text("The service does not answer").wait_for()
    page.unroute("**/check/**")


def asked_who_it_is(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    with patch("companion.core.web_sessions.CONFIRMED_FOR", timedelta(0)):
        page.goto(pages.url + "/tools/new")


STATES: dict[str, Act] = {
    "list": go("/"),
    "list-found": go("/?q=flower"),
    "list-nothing": go("/?q=nothing-like-this&status=broken"),
    "list-tag": go("/?tag=producci%C3%B3n"),
    "list-stops-working": go("/?auth=token"),
    "create": go("/connections/new"),
    "create-refused": refused_form,
    "create-token": token_chosen,
    "connection-ready": go("/connections/{ready}"),
    "connection-arabic": go("/connections/{arabic}"),
    "connection-attention": go("/connections/{attention}"),
    "connection-broken": go("/connections/{broken}"),
    "connection-fresh": go("/connections/{fresh}"),
    "connection-unreachable": in_maintenance,
    "graphql": go("/connections/{ready}/graphql"),
    "graphql-answered": answered_query,
    "edit": go("/connections/{ready}/edit"),
    "edit-refused": refused_edit,
    "reauthorize": go("/connections/{old}/reauthorize"),
    "rotate": go("/connections/{ready}/rotate"),
    "export": go("/connections/{ready}/export"),
    "delete": go("/connections/{ready}/delete"),
    "delete-refused": refused_deletion,
    "history": go("/connections/{ready}/history"),
    "tools": go("/tools"),
    "tool-new": go("/tools/new"),
    "tool-refused": refused_tool,
    "keys": go("/keys"),
    "backup": go("/keys/backup"),
    "record": go("/record"),
    "record-whole": checked_record,
    "retrieval-new": go("/retrieval"),
    "not-found": go("/nowhere"),
    "confirm": asked_who_it_is,
    "locked": failing(Locked("The keys are locked.")),
    "wrong-key": failing(
        WrongKey(
            "A stored secret could not be opened.",
            why="It is sealed under key-0123456789abcdef, which the key provider `file` does not hold.",
            next_step="Bring back the key under which it was sealed, or give the access token again.",
        )
    ),
    "unexpected": failing(RuntimeError("not to be shown")),
    "away": away,
}
"""What is seen with connections, in the order it is taken."""

SIGNED_OUT: dict[str, Act] = {
    "signed-out": go("/"),
    "sign-in": asked_to_sign_in,
    "link-refused": lambda page, pages, _: _spend(page, pages.url + "/sign-in/" + "0" * 64),
}


def _spend(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="not valid any more").wait_for()


def sign_in(page: Page, pages: WebPages) -> None:
    """Sign in with a new link."""
    page.goto(pages.url + pages.sign_in_path())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(pages.url + "/")


def contexts(browser: Browser) -> dict[str, dict[str, Any]]:
    """Return what each look of the page is opened with."""
    return {
        f"{width}-{scheme}": {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
        for width in WIDTHS
        for scheme in ("light", "dark")
    }


def take(folder: Path, only: str = "") -> int:
    """Write a picture of each state at each width, light and dark; returns how many.

    Args:
        only: a regular expression for the names of the pictures that are wanted, such as `^list.*-360-`; all if empty.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken = 0
    with tempfile.TemporaryDirectory() as place, web_pages(Path(place)) as pages, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path())
        looks = contexts(browser)
        ids: dict[str, str] = {}
        for states, is_signed_in in ((SIGNED_OUT, False), ({"first-run": go("/")}, True), (STATES, True)):
            if states is STATES:
                ids = fill(pages)
            for look, options in looks.items():
                context = browser.new_context(**options)
                page = context.new_page()
                if is_signed_in:
                    sign_in(page, pages)
                for name, act in states.items():
                    if not re.search(only, f"{name}-{look}"):
                        continue
                    act(page, pages, ids)
                    page.screenshot(path=folder / f"{name}-{look}.png", full_page=True)
                    taken += 1
                context.close()
        browser.close()
    return taken


if __name__ == "__main__":
    sys.stdout.write(f"{take(Path(sys.argv[1]), *sys.argv[2:])} pictures in {sys.argv[1]}\n")
