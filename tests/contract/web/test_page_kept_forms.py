"""Without scripts: what was typed while the session ended is kept over the sign-in, but for what is secret."""

from __future__ import annotations

import re
from html import unescape

import httpx2
import pytest
from web_pages import A_TOKEN, Visitor, WebPages

TYPED = {
    "name": "Flowers <b>& Co</b>",
    "subdomain": "celigo",
    "store_hash": "ci4bzn8adz",
    "auth_type": "custom",
    "channel_id": "2",
    "scopes": ["Unauthenticated", "Customer"],
    "tags": "eu, live",
}
SECRET = {
    "access_token": A_TOKEN.reveal(),
    "credentials": f"ACCESS TOKEN: {A_TOKEN.reveal()}\nCLIENT ID: x\nCLIENT SECRET: y",
    "storefront_token": "eyJhbGciOiJFUzI1NiJ9.eyJjaWQiOjF9.c2lnbmF0dXJl",
}


def go_on(visitor: Visitor, page: httpx2.Response) -> httpx2.Response:
    """Press “Go on with what you typed”."""
    form = re.search(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    assert form, page.text
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[2]):
        fields.setdefault(name, []).append(unescape(value))
    return visitor.http.post(form[1], data=fields)


def of_field(page: httpx2.Response, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page.text)
    assert found, page.text
    value = re.search(r'value="([^"]*)"', found[0])
    return unescape(value[1]) if value else ""


@pytest.mark.parametrize("where", ["/connections/new", "/connections/{id}/edit"])
def test_a_connections_form_is_kept_and_nothing_is_stored(stranger: Visitor, pages: WebPages, where: str) -> None:
    before = pages.connect("There before")
    path = where.format(id=before["id"])
    ended = stranger.http.post(path, data={**TYPED, **SECRET, "anti_forgery": "0" * 64, "revision": "1"})
    assert ended.status_code == 401
    assert "Go on with what you typed" in ended.text

    stranger.sign_in(pages.sign_in_path())
    again = go_on(stranger, ended)
    assert again.status_code == 403
    for name in ("name", "subdomain", "store_hash", "channel_id", "tags"):
        assert of_field(again, name) == TYPED[name]
    assert len(re.findall(r'<input[^>]*name="scopes"[^>]*checked', again.text)) == 2
    assert "the session in which it was typed has ended" in again.text
    for page in (ended, again):
        for secret in SECRET.values():
            assert secret not in unescape(page.text)
        assert "<b>&" not in page.text
    if "edit" in where:  # what changed meanwhile is not written over
        assert of_field(again, "revision") == "1"
    with pages.client() as client:
        assert [each["name"] for each in client.all_connections()] == ["There before"]


def test_a_query_is_kept_and_not_run(stranger: Visitor, pages: WebPages) -> None:
    path = f"/connections/{pages.connect('Shop')['id']}/graphql"
    ended = stranger.http.post(path, data={"query": '{ site { <x> } }\n"', "variables": '{"a": 1}'})
    stranger.sign_in(pages.sign_in_path())
    again = go_on(stranger, ended)
    assert again.status_code == 403
    assert '{ site { <x> } }\n"' in unescape(again.text)
    assert '{"a": 1}' in unescape(again.text)
    assert "Nothing was run" in again.text


def test_a_query_with_a_secret_in_it_is_not_kept(stranger: Visitor, pages: WebPages) -> None:
    path = f"/connections/{pages.connect('Shop')['id']}/graphql"
    secret = A_TOKEN.reveal()
    ended = stranger.http.post(path, data={"query": f"# {secret}", "variables": f'{{"token": "{secret}", "a": 1}}'})
    assert ended.status_code == 401
    assert secret not in ended.text


def test_other_forms_and_other_senders_get_nothing_back(stranger: Visitor, pages: WebPages) -> None:
    ended = stranger.http.post("/keys/backup", data={"name": "typed", "passphrase": "twelve wet owls sang"})
    assert (ended.status_code, "typed" in ended.text) == (401, False)
    elsewhere = stranger.http.post("/connections/new", data=TYPED, headers={"Sec-Fetch-Site": "same-site"})
    assert (elsewhere.status_code, "ci4bzn8adz" in elsewhere.text) == (403, False)
