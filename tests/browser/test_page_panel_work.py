"""Rotating, and deleting with the API account, from the page: in a real browser, against the simulated store."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
from axe_findings import wrong_with
from by_keyboard import enter, tab_to
from playwright.sync_api import Page, expect
from programs import wait_until
from retrieval_screen import PATIENCE
from retrieving_service import GONE, RetrievingService, Serving

from simulated_store.state import SimulatedBigCommerce, Store, Variants

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups"),
]

SOMETIMES = pytest.mark.sampled(1, group="panel work")
"""Each takes many seconds in a browser; what they stop is stopped in other tests as well."""

SCOPES = ("store_storefront_api", "store_storefront_api_customer_impersonation")


def connect(service: RetrievingService, store: Store) -> dict[str, Any]:
    """Store a connection with an API account of the simulated store."""
    account = store.create_api_account("ERP k3v9q2x7ab", frozenset({*SCOPES, "store_metafield_write"}))
    answer = service.http.post(
        "/connections",
        json={
            "name": "Flowers & Co",
            "subdomain": store.subdomain,
            "store_hash": store.store_hash,
            "access_token": account.access_token,
            "api_account": {"name": account.name, "client_id": account.client_id},
            "oauth_scopes": list(SCOPES),
        },
    )
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def heading(page: Page, name: str) -> None:
    over = page.get_by_role("heading", name="It could not be finished")
    wanted = page.get_by_role("heading", name=name, exact=True)
    expect(wanted.or_(over)).to_be_visible(timeout=PATIENCE)
    assert wanted.is_visible(), page.locator("#work").inner_text()


@SOMETIMES
def test_by_keyboard_alone_it_is_rotated_and_then_deleted_with_its_api_account(
    serve: Serving, signed_in: Callable[..., Page], store: Store
) -> None:
    service = serve()
    connection = connect(service, store)
    page = signed_in(service)
    page.goto(f"{service.url}/connections/{connection['id']}")
    enter(page, page.get_by_role("link", name="Rotate the access token"))
    enter(page, page.get_by_role("button", name="Rotate it now"))
    heading(page, "The access token is rotated")
    expect(page.get_by_role("status").filter(has_text="the old API account is deleted")).to_be_visible()
    assert wrong_with(page) == []
    [account] = store.api_accounts
    assert account.name != "ERP k3v9q2x7ab"
    enter(page, page.get_by_role("link", name="Open the connection"))
    expect(page.get_by_text(account.name).first).to_be_visible()
    enter(page, page.get_by_role("link", name="Delete", exact=True))
    tab_to(page, page.get_by_label("Type its name"))
    page.keyboard.type("flowers & co")
    enter(page, page.get_by_role("button", name="Delete it here and at BigCommerce"))
    heading(page, "It is deleted, here and at BigCommerce")
    assert store.api_accounts == []
    assert service.http.get(f"/connections/{connection['id']}").status_code == 404
    for secret in (account.access_token, account.client_secret):
        assert secret not in page.content()


@SOMETIMES
def test_without_a_script_a_rotation_is_cancelled_and_the_connection_is_as_it_was(
    serve: Serving, signed_in: Callable[..., Page], bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    bigcommerce.variants = Variants(txt="never")
    service = serve()
    connection = connect(service, store)
    page = signed_in(service, java_script_enabled=False)
    page.goto(f"{service.url}/connections/{connection['id']}/rotate")
    page.get_by_role("button", name="Rotate it now").click()
    heading(page, "Rotating the access token")
    wait_until(lambda: len(store.api_accounts) == 2, service.process)
    other = page.context.new_page()
    other.goto(f"{service.url}/connections/{connection['id']}/rotate")
    other.get_by_role("button", name="Rotate it now").click()
    expect(other.get_by_text("There is one at a time.")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    heading(page, "Cancelled")
    assert [each.name for each in store.api_accounts] == ["ERP k3v9q2x7ab"]
    assert service.http.post(f"/connections/{connection['id']}/verify").json()["status"] == "ready"


@SOMETIMES
def test_a_service_that_is_stopped_ends_a_rotation_in_order(
    serve: Serving, signed_in: Callable[..., Page], bigcommerce: SimulatedBigCommerce, store: Store
) -> None:
    bigcommerce.variants = Variants(txt="never")
    service = serve()
    connection = connect(service, store)
    page = signed_in(service)
    page.goto(f"{service.url}/connections/{connection['id']}/rotate")
    page.get_by_role("button", name="Rotate it now").click()
    wait_until(lambda: len(store.api_accounts) == 2, service.process)
    assert wrong_with(page) == []
    below = service.children()
    service.stop()
    assert psutil.wait_procs(below, timeout=GONE)[1] == []
    assert [each.name for each in store.api_accounts] == ["ERP k3v9q2x7ab"]
    assert service.program.left_behind() == []


def test_with_nothing_to_sign_in_with_the_page_names_the_commands(
    serve: Serving, signed_in: Callable[..., Page], store: Store
) -> None:
    service = serve(BIGCOMMERCE_PASSWORD="")
    connection = connect(service, store)
    page = signed_in(service)
    page.goto(f"{service.url}/connections/{connection['id']}/rotate")
    expect(page.get_by_role("button", name="Rotate it now")).to_have_count(0)
    expect(page.get_by_text("companion rotate")).to_be_visible()
    page.goto(f"{service.url}/connections/{connection['id']}/delete")
    expect(page.get_by_role("button", name="Delete it here", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="at BigCommerce")).to_have_count(0)
    expect(page.get_by_text("--revoke")).to_be_visible()
