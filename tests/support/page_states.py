"""Takes a picture of every state of the web page: `make screenshots`. Their folder is ignored by git."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Literal, NamedTuple
from unittest.mock import patch

from chromium import chromium_path
from playwright.sync_api import Browser, Page, sync_playwright
from retrieval_states import RETRIEVAL_STATES, Act, pages_with_retrievals
from web_pages import A_TOKEN, WebPages

from companion.core.audit import Anchor, Finding
from companion.core.errors import InMaintenance, Locked, RateLimited, WrongKey
from companion.service.audit import ChainState

WIDTHS = (360, 768, 1440)


class Look(NamedTuple):
    """How a screen that is open already is looked at; a tab goes from one to the other without loading it again."""

    width: int
    color_scheme: Literal["light", "dark"] = "light"
    forced_colors: Literal["active", "none"] = "none"
    media: Literal["print", "screen"] = "screen"

    def put_on(self, page: Page) -> None:
        """Show the page so; nothing fades, so that what is measured is not half-way."""
        page.set_viewport_size({"width": self.width, "height": 900})
        page.emulate_media(
            color_scheme=self.color_scheme,
            forced_colors=self.forced_colors,
            media=self.media,
            reduced_motion="reduce",
        )


LONG_NAME = "Distribuidora Iberoamericana de Artículos para el Hogar y la Oficina, S. A. de C. V."
ARABIC_NAME = "متجر الزهور والهدايا"
MIXED_NAME = "🌸 Fleurs & Cie <b> | متجر 123 👩🏽‍🌾"
UNBROKEN_NAME = "Import-2026-11-27-" + "x" * 80
PASSPHRASE = "correct horse battery staple"


def fill(pages: WebPages) -> dict[str, str]:
    """Store connections in every state; returns their ids by what they are good for."""
    ready = pages.connect(LONG_NAME, tags=["méxico", "producción", "mayoristas", "b2b", "2026"])
    arabic = pages.connect(ARABIC_NAME, tags=["العربية"])
    attention = pages.connect("Flowers & Co", access_token=pages.access_token(frozenset({"store_storefront_api"})))
    broken = pages.connect("Garden Supplies", access_token="made-up-token-that-nobody-knows")
    old = pages.connect("Old Catalyst storefront", auth_type="token")
    mixed = pages.connect(MIXED_NAME, tags=["🌸", "<b>", "عاجل"])
    unbroken = pages.connect(UNBROKEN_NAME, tags=["y" * 50])
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
        "mixed": mixed["id"],
        "unbroken": unbroken["id"],
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
    page.get_by_role("button", name="Delete it here", exact=True).click()
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


def form_of_an_ended_session(page: Page, pages: WebPages, _: dict[str, str]) -> None:
    """As a browser without scripts sends it."""
    page.goto(pages.url + "/")
    page.evaluate("""() => {
        const form = Object.assign(document.createElement("form"), { method: "post", action: "/connections/new" });
        const typed = { name: "Flowers", subdomain: "celigo", store_hash: "ci4bzn8adz", access_token: "made-up" };
        for (const [name, value] of Object.entries(typed))
            form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
        document.body.append(form);
        form.submit();
    }""")
    page.get_by_role("button", name="Go on with what you typed").wait_for()


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


def searching(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    """The list while an answer is awaited."""
    page.goto(pages.url)
    page.route("**/?q=*", lambda _: None)
    page.get_by_label("Search by name").press_sequentially("flo")
    page.locator("#found.htmx-request").wait_for()
    page.unroute("**/?q=*")


def paged(path: str) -> Act:
    """The list where it has more than one page."""

    def act(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
        with patch("companion.web.pages.connections._PAGE", 3):
            page.goto(pages.url + path)

    return act


def refused_file(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(pages.url + "/connections/new")
    page.get_by_text("You have the downloaded .txt file?").click()
    page.locator("#credentials").fill("CLIENT ID: made-up\nno token in here")
    page.locator("#credentials").dispatch_event("change")
    page.locator("#read .error").wait_for()


def cleared_edit(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(f"{pages.url}/connections/{ids['ready']}/edit")
    for label in ("Name your connection", "Subdomain", "Store hash"):
        page.get_by_label(label).fill("")
    page.get_by_label("Unauthenticated").uncheck()
    page.get_by_role("button", name="Try and save").click()
    page.locator("#refusals").wait_for()


def refused_query(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(f"{pages.url}/connections/{ids['ready']}/graphql")
    page.get_by_label("Query").fill("{ site { nothingOfThisName } }")
    page.get_by_role("button", name="Run the query").click()
    page.locator("#answer").wait_for()


def refused_reauthorization(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(f"{pages.url}/connections/{ids['broken']}/reauthorize")
    page.get_by_role("checkbox", name="Customer").check()
    page.get_by_role("button", name="Reauthorize").click()
    page.get_by_role("alert").wait_for()


def left_as_they_were(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(pages.url + "/?auth=token")
    pages.store.maintenance = True
    page.get_by_role("button", name="Reauthorize all").click()
    page.get_by_role("heading", name="reauthorized").wait_for()
    pages.store.maintenance = False


def tool_made(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(pages.url + "/tools/new")
    page.get_by_label("Name of the tool").fill(f"Sincronización {next(_tools)}")
    page.locator("#action-graphql").check()
    page.get_by_role("radio", name="All").check()
    page.get_by_role("button", name="Make its API token").click()
    page.locator("#made").wait_for()


def broken_record(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    page.goto(f"{pages.url}/record")
    state = ChainState(Anchor(12, b"\0" * 32), Finding(7, "The entry is not the one that was written."))
    with patch("companion.service.audit.chain_state", return_value=state):
        page.get_by_role("button", name="Check that it is whole").click()
        page.get_by_text("The record is not whole").wait_for()


def old_form(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    """A form that was shown to a session that is over."""
    page.goto(f"{pages.url}/keys/backup")
    # Past the script, which would give it the token of the session that there is.
    page.locator('main [name="anti_forgery"]').evaluate("each => { each.value = '0'.repeat(64); each.form.submit() }")
    page.get_by_role("heading", name="not allowed").wait_for()


def locked(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    with pages.client() as client:
        client.lock()
    page.goto(pages.url)


def wrong_passphrase(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    locked(page, pages, ids)
    page.get_by_label("Passphrase").fill("another passphrase")
    page.get_by_role("button", name="Unlock").click()
    page.get_by_role("alert").wait_for()


def unlocked(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    with patch("companion.service.unlocking._FIRST_PAUSE", timedelta(0)):
        locked(page, pages, ids)
        page.get_by_label("Passphrase").fill(PASSPHRASE)
        page.get_by_role("button", name="Unlock").click()
        page.wait_for_url(pages.url + "/")


def asked_for_passphrase(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    unlocked(page, pages, ids)
    asked_who_it_is(page, pages, ids)


def keys_under_passphrase(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    unlocked(page, pages, ids)
    page.goto(pages.url + "/keys")


def asked_who_it_is(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    with patch("companion.core.web_sessions.CONFIRMED_FOR", timedelta(0)):
        page.goto(pages.url + "/tools/new")


_tools = count(1)

STATES: dict[str, Act] = {
    "list": go("/"),
    "list-found": go("/?q=flower"),
    "list-nothing": go("/?q=nothing-like-this&status=broken"),
    "list-nothing-ends": go("/?q=nothing-like-this&auth=token"),
    "list-tag": go("/?tag=producci%C3%B3n"),
    "list-first-page": paged("/"),
    "list-next-page": paged("/?after=garden%20supplies"),
    "list-loading": searching,
    "list-stops-working": go("/?auth=token"),
    "create": go("/connections/new"),
    "create-refused": refused_form,
    "create-refused-file": refused_file,
    "create-token": token_chosen,
    "connection-ready": go("/connections/{ready}?done=verified"),
    "connection-arabic": go("/connections/{arabic}"),
    "connection-attention": go("/connections/{attention}"),
    "connection-broken": go("/connections/{broken}"),
    "connection-token": go("/connections/{old}"),
    "connection-fresh": go("/connections/{fresh}?done=added-unproven"),
    "connection-mixed": go("/connections/{mixed}"),
    "connection-unbroken": go("/connections/{unbroken}"),
    "connection-unreachable": in_maintenance,
    "graphql": go("/connections/{ready}/graphql"),
    "graphql-answered": answered_query,
    "graphql-refused": refused_query,
    "edit": go("/connections/{ready}/edit"),
    "edit-refused": refused_edit,
    "edit-cleared": cleared_edit,
    "reauthorize": go("/connections/{old}/reauthorize"),
    "reauthorize-refused": refused_reauthorization,
    "reauthorized": left_as_they_were,
    "rotate": go("/connections/{ready}/rotate"),
    "export": go("/connections/{ready}/export"),
    "delete": go("/connections/{ready}/delete"),
    "delete-refused": refused_deletion,
    "history": go("/connections/{ready}/history"),
    "tools": go("/tools"),
    "tool-new": go("/tools/new"),
    "tool-refused": refused_tool,
    "tool-made": tool_made,
    "keys": go("/keys"),
    "backup": go("/keys/backup"),
    "record": go("/record"),
    "record-nothing": go("/record?action=restore"),
    "record-whole": checked_record,
    "record-broken": broken_record,
    **RETRIEVAL_STATES,
    "not-found": go("/nowhere"),
    "old-form": old_form,
    "confirm": asked_who_it_is,
    "locked": failing(Locked("The keys are locked.")),
    "wrong-key": failing(
        WrongKey(
            "A stored secret could not be opened.",
            why="It is sealed under key-0123456789abcdef, which the key provider `file` does not hold.",
            next_step="Bring back the key under which it was sealed, or give the access token again.",
        )
    ),
    "maintenance": failing(
        InMaintenance(
            "BigCommerce did not answer.",
            why="The store is in maintenance, suspended, or BigCommerce is down (503).",
            next_step="Try later: status.bigcommerce.com tells of outages.",
        )
    ),
    "rate-limited": failing(RateLimited("BigCommerce limits the requests.", next_step="Try again in a minute.")),
    "unexpected": failing(RuntimeError("not to be shown")),
    "away": away,
}
"""What is seen with connections, in the order it is taken."""

SIGNED_OUT: dict[str, Act] = {
    "signed-out": go("/"),
    "expired": go("/connections/new"),
    "expired-form": form_of_an_ended_session,
    "sign-in": asked_to_sign_in,
    "link-refused": lambda page, pages, _: _spend(page, pages.url + "/sign-in/" + "0" * 64),
}

EMPTY: dict[str, Act] = {"first-run": go("/"), "first-run-again": go("/?done=deleted"), "tools-none": go("/tools")}
"""What is seen before there is a connection."""

UNDER_PASSPHRASE: dict[str, Act] = {
    "locked-passphrase": locked,
    "locked-wrong": wrong_passphrase,
    "confirm-passphrase": asked_for_passphrase,
    "keys-passphrase": keys_under_passphrase,
}
"""What is seen where the keys are sealed under a passphrase."""


def _spend(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="not valid any more").wait_for()


def sign_in(page: Page, pages: WebPages) -> None:
    """Sign in with a new link."""
    page.goto(pages.url + pages.sign_in_path())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(pages.url + "/")


LOOKS: dict[str, Look] = {
    f"{width}-{scheme}": Look(width, scheme) for width in WIDTHS for scheme in ("light", "dark")
} | {"768-forced": Look(768, forced_colors="active"), "768-print": Look(768, media="print")}
"""Every way in which a picture is taken of each state."""


def take(folder: Path, only: str = "") -> int:
    """Write a picture of each state in each look, each loaded once; returns how many.

    Args:
        only: a regular expression for the names of the pictures that are wanted, such as `^list.*-360-`; all if empty.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken = 0
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path())
        with pages_with_retrievals(Path(place) / "one") as pages:
            taken += _take(folder, only, browser, pages, SIGNED_OUT, {}, signed_in=False)
            taken += _take(folder, only, browser, pages, EMPTY, {})
            taken += _take(folder, only, browser, pages, STATES, fill(pages))
        with pages_with_retrievals(Path(place) / "two", key_provider="passphrase", passphrase=PASSPHRASE) as pages:
            taken += _take(folder, only, browser, pages, UNDER_PASSPHRASE, {})
        browser.close()
    return taken


def _take(
    folder: Path,
    only: str,
    browser: Browser,
    pages: WebPages,
    states: Mapping[str, Act],
    ids: dict[str, str],
    *,
    signed_in: bool = True,
) -> int:
    pictures = {name: [look for look in LOOKS if re.search(only, f"{name}-{look}")] for name in states}
    if not any(pictures.values()):
        return 0
    page = browser.new_page()
    if signed_in:
        sign_in(page, pages)
    for name, act in states.items():
        if pictures[name]:
            LOOKS["1440-light"].put_on(page)
            act(page, pages, ids)
        for look in pictures[name]:
            LOOKS[look].put_on(page)
            page.screenshot(path=folder / f"{name}-{look}.png", full_page=True)
    page.context.close()
    return sum(len(each) for each in pictures.values())


if __name__ == "__main__":
    sys.stdout.write(f"{take(Path(sys.argv[1]), *sys.argv[2:])} pictures in {sys.argv[1]}\n")
