"""A private token that was opened a moment ago is not opened again, unless anything about it is different."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from scripted import ScriptedBigCommerce

from companion.core.connection import checked_draft
from companion.core.secret import Secret
from companion.ports.connections import SecretField
from companion.service import add
from companion.service.opened_tokens import OpenedTokens, StorefrontToken
from companion.service.parts import Parts
from companion.service.storefront_token import private_token

MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
TOKEN = StorefrontToken(Secret("t"), MOMENT, MOMENT, 1, ("Unauthenticated",))


@dataclass
class Counted:
    """Opens, and counts how often."""

    times: int = 0
    first: Callable[[], object] = field(default=lambda: None)

    def __call__(self) -> StorefrontToken:
        self.times += 1
        self.first()
        return replace(TOKEN, channel_id=self.times)


def test_the_same_envelope_in_the_same_place_is_opened_once() -> None:
    opened, counted = OpenedTokens(), Counted()
    given = [opened.token("id", "hash", b"envelope", counted) for _ in range(3)]
    assert [each.channel_id for each in given] == [1, 1, 1]
    opened.forget()


@pytest.mark.parametrize(
    "other", [("other", "hash", b"envelope"), ("id", "other", b"envelope"), ("id", "hash", b"envelopf")]
)
def test_another_envelope_or_another_place_is_opened(other: tuple[str, str, bytes]) -> None:
    opened, counted = OpenedTokens(), Counted()
    opened.token("id", "hash", b"envelope", counted)
    assert opened.token(*other, counted).channel_id == 2
    opened.forget()


def test_what_does_not_open_is_not_kept() -> None:
    def fails() -> object:
        raise ValueError("it does not open")

    opened = OpenedTokens()
    for _ in range(2):
        with pytest.raises(ValueError, match="does not open"):
            opened.token("id", "hash", b"envelope", Counted(first=fails))
    assert opened.token("id", "hash", b"envelope", Counted()).channel_id == 1
    opened.forget()


def test_all_are_forgotten_after_a_while() -> None:
    forgotten = threading.Event()

    class Told(OpenedTokens):
        def forget(self) -> None:
            super().forget()
            forgotten.set()

    opened, counted = Told(seconds=0.01), Counted()
    opened.token("id", "hash", b"envelope", counted)
    assert forgotten.wait(30)
    assert opened.token("id", "hash", b"envelope", counted).channel_id == 2
    opened.forget()


def test_one_that_was_being_opened_while_they_were_forgotten_is_not_kept() -> None:
    opened = OpenedTokens()
    counted = Counted(first=opened.forget)
    for time in (1, 2):
        assert opened.token("id", "hash", b"envelope", counted).channel_id == time


def test_a_changed_envelope_in_the_database_is_noticed_at_once(parts: Parts, bigcommerce: ScriptedBigCommerce) -> None:
    draft = {"name": "Shop", "subdomain": "shop", "store_hash": "abc123", "access_token": Secret("t")}
    shop = add.add_connection(parts, checked_draft(**draft))  # type: ignore[arg-type]
    first = private_token(parts, shop.id)
    assert private_token(parts, shop.id) == private_token(parts, shop.id) == first
    sealed = parts.repository.get_with_secrets(shop.id).secrets[SecretField.MINTED_STOREFRONT_TOKEN]
    damaged = sealed[:-1] + bytes((sealed[-1] ^ 1,))
    parts.repository.put_secret(shop.id, SecretField.MINTED_STOREFRONT_TOKEN, damaged, expected_revision=1)
    assert private_token(parts, shop.id) != first
    assert len(bigcommerce.minted) == 2
