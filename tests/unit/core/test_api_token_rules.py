"""What an API token of a tool may be limited to, and what a call needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from companion.core.api_tokens import (
    Action,
    ApiToken,
    checked_limits,
    hash_of_api_token,
    id_of_api_token,
    is_token_text,
    rest_actions,
    token_text,
)
from companion.core.errors import InvalidInput
from companion.core.proof import proof_key, proof_of
from companion.core.secret import Secret

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SHOP = "01a204ff-9355-7472-b89f-73702f86e0a4"


def limits(**changes: Any) -> Any:
    given = {"name": "ERP", "connections": [SHOP], "actions": ["read"], "expires_at": None, "now": NOW, **changes}
    return checked_limits(**given)


def test_what_is_left_out_is_limited_all_the_same() -> None:
    made = limits(actions=["graphql", "read", "graphql"], name="  ERP \t sync ")
    assert (made.name, made.actions) == ("ERP sync", (Action.READ, Action.GRAPHQL))
    assert made.expires_at == NOW + timedelta(days=90)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"name": "a\x1bb"}, "/name"),
        ({"name": "ERP\u202eknab"}, "/name"),
        ({"name": "\u2066ERP"}, "/name"),
        ({"actions": []}, "/actions"),
        ({"actions": ["read", "everything"]}, "/actions"),
        ({"connections": []}, "/connections"),
        ({"connections": [SHOP, "shop"]}, "/connections/1"),
        ({"connections": [f"01a204ff-9355-7472-b89f-{n:012}" for n in range(501)]}, "/connections"),
        ({"expires_at": NOW}, "/expires_at"),
        ({"expires_at": NOW + timedelta(days=367)}, "/expires_at"),
    ],
)
def test_what_does_not_limit_is_refused_and_pointed_at(changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        limits(**changes)
    assert [field.pointer for field in refused.value.fields] == [pointer]


def test_a_token_allows_its_actions_with_its_connections_until_its_end() -> None:
    token = ApiToken("id", b"", "ERP", (SHOP,), (Action.READ,), NOW, NOW + timedelta(days=1))
    assert token.allows(Action.READ, SHOP)
    assert token.allows(Action.READ, None)
    assert not token.allows(Action.READ, SHOP.replace("0", "1"))
    assert not token.allows(Action.VERIFY, SHOP)
    assert token.is_open(NOW)
    assert not token.is_open(NOW + timedelta(days=1))


def test_a_text_is_known_by_its_form_and_its_id_tells_nothing_of_its_hash() -> None:
    text = token_text(bytes(range(32)))
    assert is_token_text(text.reveal())
    for other in ("0" * 64, text.reveal()[:-1], text.reveal() + "0", text.reveal().upper(), text.reveal() + "\n"):
        assert not is_token_text(other)
    assert len(hash_of_api_token(text)) == 32
    assert id_of_api_token(text) not in hash_of_api_token(text).hex()
    assert text.reveal() not in repr(text)


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "v3/catalog/products", ["rest-read"]),
        ("HEAD", "v2/store", ["rest-read"]),
        ("POST", "v3/catalog/products", ["rest-write"]),
        ("DELETE", "v2/orders/1", ["rest-write"]),
        ("PROPFIND", "v2/orders/1", ["rest-write"]),
        ("GET", "v3/storefront/api-tokens-report", ["rest-read", "storefront-token"]),
        ("POST", "v3/storefront/api-token", ["rest-write", "storefront-token"]),
        ("POST", "v3/storefront/api-token-private", ["rest-write", "storefront-token"]),
        ("POST", "v3/storefront/api-token-customer-impersonation", ["rest-write", "storefront-token"]),
        ("DELETE", "v3/storefront/api-token", ["rest-write", "storefront-token"]),
        ("POST", "v3/Storefront/API-Token", ["rest-write", "storefront-token"]),
        ("POST", "v3/storefront;x=1/api-token", ["rest-write", "storefront-token"]),
        ("POST", "v3/storefront/%61pi-token", ["rest-write", "storefront-token"]),
        ("POST", "v3/storefront/ api-token", ["rest-write", "storefront-token"]),
        ("POST", "v3/catalog/storefront/api-token", ["rest-write"]),
    ],
)
def test_paths_that_give_storefront_tokens_need_that_action_too(method: str, path: str, needed: list[str]) -> None:
    assert [action.value for action in rest_actions(method, path)] == needed


def test_a_proof_is_bound_to_nonce_token_and_address() -> None:
    tool, folder = token_text(b"\1" * 32), Secret("f" * 64)
    proofs = {
        proof_of(nonce, proof_key(token), address=address)
        for nonce in ("00", "01")
        for token in (tool, folder)
        for address in (None, "127.0.0.1:1", "127.0.0.1:2")
    }
    assert len(proofs) == 12
    assert proof_key(folder).token_id is None
    assert proof_key(tool).key != tool.reveal().encode()
