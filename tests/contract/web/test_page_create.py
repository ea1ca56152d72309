"""Create connection: the whole form, whatever is pasted into it, and what a refusal leaves."""

from __future__ import annotations

import re
from typing import Any

import pytest
from web_pages import A_TOKEN, Visitor, WebPages

NEW = "/connections/new"


@pytest.fixture
def typed(pages: WebPages) -> dict[str, Any]:
    return {
        "name": "Flowers",
        "subdomain": pages.store.subdomain,
        "auth_type": "custom",
        "store_hash": pages.store.store_hash,
        "channel_id": "1",
        "access_token": pages.access_token(),
        "scopes": ["Unauthenticated"],
    }


def value_of(html: str, name: str) -> str:
    found = re.search(rf'<input id="{name}" name="{name}"[^>]*?value="([^"]*)"', html)
    assert found, name
    return found[1]


def error_at(html: str, name: str) -> str | None:
    found = re.search(rf'id="{name}-error">([^<]*)<', html)
    return found and found[1].strip()


def stored(pages: WebPages, name: str = "Flowers") -> dict[str, Any]:
    with pages.client() as client:
        return dict(client.connection(name))


def test_the_form_says_what_is_required_and_where_to_find_it(visitor: Visitor) -> None:
    html = visitor.get(NEW).text
    assert value_of(html, "channel_id") == "1"
    for name in ("name", "subdomain", "store_hash", "access_token"):
        assert re.search(rf'<input id="{name}"[^>]*aria-required="true" aria-describedby="{name}-help"', html), name
    assert not re.search(r'<input id="channel_id"[^>]*aria-required', html)
    assert "View storefront" in html
    assert len(re.findall(r'<svg class="drawing"[^>]* role="img">\s*<title>[^<]{20,}', html)) == 4
    for date in ("2026-06-30", "2027-03-31"):
        assert date in html


def test_a_whole_form_is_stored_and_verified(visitor: Visitor, pages: WebPages, typed: dict[str, Any]) -> None:
    typed |= {"scopes": ["Unauthenticated", "Customer"], "tags": " eu , live,, "}
    answer = visitor.post(NEW, typed)
    assert answer.status_code == 303
    shown = visitor.get(answer.headers["Location"])
    assert "was verified" in shown.text
    made = stored(pages)
    assert (made["status"], made["scopes"], made["tags"]) == ("ready", ["Unauthenticated", "Customer"], ["eu", "live"])
    assert typed["access_token"] not in shown.text


def test_whole_addresses_may_be_pasted(visitor: Visitor, pages: WebPages, typed: dict[str, Any]) -> None:
    store = pages.store
    typed |= {
        "subdomain": f" https://{store.subdomain}.mybigcommerce.com/?ctk=e237 ",
        "store_hash": f"https://store-{store.store_hash}.mybigcommerce.com/manage/dashboard",
        "channel_id": "",
    }
    assert visitor.post(NEW, typed).status_code == 303
    made = stored(pages)
    assert (made["subdomain"], made["store_hash"], made["channel_id"]) == (store.subdomain, store.store_hash, 1)


def test_a_refusal_stands_at_each_field_and_in_a_summary_and_loses_nothing_but_the_token(
    visitor: Visitor, pages: WebPages, typed: dict[str, Any]
) -> None:
    typed |= {"name": "متجر <1>", "subdomain": "shop.example.com", "store_hash": "", "channel_id": "zero", "tags": "eu"}
    answer = visitor.post(NEW, {**typed, "scopes": ["Customer"]})
    assert answer.status_code == 422
    html = answer.text
    assert "3 fields need another look" in html
    assert 'role="alert" tabindex="-1" autofocus' in html
    for name in ("subdomain", "store_hash", "channel_id"):
        assert error_at(html, name)
        assert f'<a href="#{name}">' in html
    assert error_at(html, "name") is None
    assert value_of(html, "name") == "متجر &lt;1&gt;"
    assert value_of(html, "subdomain") == "shop.example.com"
    assert value_of(html, "channel_id") == "zero"
    assert re.search(r'value="Customer" checked', html)
    assert not re.search(r'value="Unauthenticated" checked', html)
    assert typed["access_token"] not in html
    assert pages.log.getvalue().count(typed["access_token"]) == 0


def test_a_taken_name_is_told_at_the_name(visitor: Visitor, pages: WebPages, typed: dict[str, Any]) -> None:
    pages.connect("FLOWERS")
    answer = visitor.post(NEW, typed)
    assert answer.status_code == 409
    assert "already a connection" in (error_at(answer.text, "name") or "")


def test_scopes_go_with_custom_alone(visitor: Visitor, pages: WebPages, typed: dict[str, Any]) -> None:
    none = visitor.post(NEW, {**typed, "scopes": []})
    assert none.status_code == 422
    assert "at least one scope" in none.text
    assert visitor.post(NEW, {**typed, "auth_type": "token"}).status_code == 303
    made = stored(pages)
    assert (made["auth_type"], made["scopes"]) == ("token", [])


def test_the_pasted_file_gives_the_store_and_the_token(
    visitor: Visitor, pages: WebPages, typed: dict[str, Any]
) -> None:
    token = typed.pop("access_token")
    text = (
        f"ACCESS TOKEN: {token}\nCLIENT ID: made-up-client\nCLIENT SECRET: made-up-client-secret\nNAME: ERP\n"
        f"API PATH: https://api.bigcommerce.com/stores/{pages.store.store_hash}/v3/\n"
    )
    read = visitor.post("/connections/new/read", {"credentials": text}, shown_at=NEW)
    assert read.status_code == 200
    assert value_of(read.text, "store_hash") == pages.store.store_hash
    assert value_of(read.text, "name") == "ERP"
    for secret in (token, "made-up-client-secret"):
        assert secret not in read.text
    answer = visitor.post(NEW, {**typed, "store_hash": "", "credentials": text, "api_account": "ERP"})
    assert answer.status_code == 303
    made = stored(pages)
    assert made["store_hash"] == pages.store.store_hash
    assert made["api_account"] == {"name": "ERP", "client_id": "made-up-client"}
    assert made["status"] == "ready"


def test_a_file_that_is_none_is_refused_and_not_echoed(visitor: Visitor, typed: dict[str, Any]) -> None:
    typed.pop("access_token")
    text = f"my diary, with {A_TOKEN.reveal()}"
    answer = visitor.post(NEW, {**typed, "credentials": text})
    assert answer.status_code == 422
    assert "ACCESS TOKEN" in (error_at(answer.text, "credentials") or "")
    assert error_at(answer.text, "access_token") is None
    read = visitor.post("/connections/new/read", {"credentials": text}, shown_at=NEW)
    assert 'role="alert"' in read.text
    for html in (answer.text, read.text):
        assert "diary" not in html
        assert A_TOKEN.reveal() not in html


@pytest.mark.parametrize(
    ("field", "text", "value", "is_refused"),
    [
        ("store_hash", "https://api.bigcommerce.com/stores/ci4bzn8adz/v3/", "ci4bzn8adz", False),
        ("store_hash", "not a hash!", "not a hash!", True),
        ("subdomain", "https://celigo.mybigcommerce.com/?ctk=e237", "celigo", False),
        ("channel_id", "https://store-abc-17.mybigcommerce.com", "17", False),
        ("name", "", "", True),
    ],
)
def test_a_field_is_checked_while_the_others_are_filled_in(
    visitor: Visitor, field: str, text: str, value: str, is_refused: bool
) -> None:
    answer = visitor.post(f"/connections/new/check/{field}", {field: text}, shown_at=NEW)
    assert answer.status_code == 200
    assert value_of(answer.text, field) == value
    assert (error_at(answer.text, field) is not None) is is_refused
    assert "<html" not in answer.text


@pytest.mark.parametrize("field", ["store_hash", "subdomain", "channel_id", "name"])
@pytest.mark.parametrize(
    "paste",
    [
        "ACCESS TOKEN: made-up-token CLIENT ID: made-up-client\x07",
        '{"access_token": "made-up-token\x07"}',
        "the token is a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p\x07",
        "eyJhbGciOiJFUzI1NiJ9.made-up-token\x07",
    ],
)
def test_a_secret_that_was_pasted_into_another_field_is_refused_and_not_echoed(
    visitor: Visitor, typed: dict[str, Any], field: str, paste: str
) -> None:
    alone = visitor.post(f"/connections/new/check/{field}", {field: paste}, shown_at=NEW)
    whole = visitor.post(NEW, {**typed, field: paste})
    assert (alone.status_code, whole.status_code) == (200, 422)
    for html in (alone.text, whole.text):
        assert value_of(html, field) == ""
        assert f'id="{field}-error"' in html
        assert "looked like a secret" in html
        assert "made-up-token" not in html
        assert "a1b2c3d4" not in html


def test_secrets_are_not_checked_by_themselves(visitor: Visitor) -> None:
    for field in ("access_token", "storefront_token", "credentials", "nonsense"):
        answer = visitor.post(f"/connections/new/check/{field}", {field: A_TOKEN.reveal()}, shown_at=NEW)
        assert answer.status_code == 404
        assert A_TOKEN.reveal() not in answer.text


def test_too_much_is_refused(visitor: Visitor, typed: dict[str, Any]) -> None:
    assert visitor.post(NEW, {**typed, "name": "x" * 300_000}).status_code == 413
