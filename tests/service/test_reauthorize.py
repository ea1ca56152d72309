"""Reauthorizing in place: the new is proven before the old goes, and nothing is done twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from scripted import Clock, ScriptedBigCommerce, storefront_token

from companion.core.answers import Answer
from companion.core.connection import ApiAccount, AuthType, Connection, Status, checked_draft
from companion.core.errors import CompanionError, InvalidInput, WrongWorld
from companion.core.secret import Secret
from companion.ports.connections import SecretField
from companion.service import add
from companion.service.parts import Parts
from companion.service.reauthorize import reauthorize_connection
from companion.service.storefront_token import private_token


def draft(**changes: Any) -> Any:
    form = {
        "name": "Shop",
        "subdomain": "shop",
        "store_hash": "abc123",
        "access_token": Secret("stored"),
        "api_account": ApiAccount("ERP connection", "client"),
        "oauth_scopes": ["store_storefront_api"],
    }
    return checked_draft(**{**form, **changes})


@pytest.fixture
def old_shop(parts: Parts) -> Connection:
    kept = storefront_token(datetime(2026, 6, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC))
    return add.add_connection(parts, draft(auth_type="token", storefront_token=Secret(kept)))


def test_a_token_connection_becomes_custom_with_its_stored_access_token(
    parts: Parts, old_shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    done = reauthorize_connection(parts, old_shop.id)
    assert (done.id, done.auth_type, done.scopes, done.status) == (
        old_shop.id, AuthType.CUSTOM, ("Unauthenticated",), Status.READY,
    )  # fmt: skip
    assert (done.revision, done.created_at, done.api_account) == (2, old_shop.created_at, old_shop.api_account)
    assert done.storefront_token_set is False
    stored = parts.repository.get_with_secrets(old_shop.id)
    assert set(stored.secrets) == {SecretField.ACCESS_TOKEN}
    access_token = parts.open_secret(stored, SecretField.ACCESS_TOKEN)
    assert access_token is not None
    assert access_token.reveal() == "stored"
    assert bigcommerce.revoked == []  # what the user gave may be in use elsewhere
    assert private_token(parts, old_shop.id).scopes == ("Unauthenticated",)


def test_a_second_time_there_is_nothing_to_do(
    parts: Parts, old_shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    done = reauthorize_connection(parts, old_shop.id)
    calls = len(bigcommerce.calls)
    assert reauthorize_connection(parts, old_shop.id) == done
    assert len(bigcommerce.calls) == calls


def test_other_scopes_and_channel_take_the_place_of_the_old_and_revoke_their_token(
    parts: Parts, bigcommerce: ScriptedBigCommerce
) -> None:
    shop = add.add_connection(parts, draft())
    old = private_token(parts, shop.id).token.reveal()
    done = reauthorize_connection(parts, shop.id, scopes=["Unauthenticated", "Customer"], channel_id=7)
    assert (done.scopes, done.channel_id) == (("Unauthenticated", "Customer"), 7)
    assert bigcommerce.revoked == [old]


def test_what_is_not_proven_changes_nothing(
    parts: Parts, old_shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    before = parts.repository.get_with_secrets(old_shop.id)
    bigcommerce.mint_answer = Answer(403, "api.bigcommerce.com")
    bigcommerce.reads["v3/storefront/api-token-private?limit=1"] = Answer(403, "api.bigcommerce.com")
    with pytest.raises(CompanionError):
        reauthorize_connection(parts, old_shop.id)
    assert parts.repository.get_with_secrets(old_shop.id) == before


def test_a_new_access_token_takes_the_place_of_the_stored_one_and_its_account_is_not_known(
    parts: Parts, old_shop: Connection, clock: Clock
) -> None:
    clock.move(timedelta(hours=1))
    done = reauthorize_connection(parts, old_shop.id, access_token=Secret("new"))
    stored = parts.repository.get_with_secrets(old_shop.id)
    access_token = parts.open_secret(stored, SecretField.ACCESS_TOKEN)
    assert access_token is not None
    assert access_token.reveal() == "new"
    assert (done.api_account, done.oauth_scopes) == (None, None)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"scopes": ["Everything"]}, "/scopes"),
        ({"scopes": []}, "/scopes"),
        ({"channel_id": 0}, "/channel_id"),
        ({"access_token": Secret("two words")}, "/access_token"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(
    parts: Parts, old_shop: Connection, changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        reauthorize_connection(parts, old_shop.id, **changes)
    assert [field.pointer.split("/")[1] for field in refusal.value.fields] == [pointer.strip("/")]


def test_in_the_other_world_nothing_is_asked(
    other_world: Parts, old_shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    with pytest.raises(WrongWorld):
        reauthorize_connection(other_world, old_shop.id)
    assert bigcommerce.calls == []
