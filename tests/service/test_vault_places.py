from __future__ import annotations

import os
from itertools import permutations

import pytest

from companion.core.envelope import envelope_from_bytes
from companion.core.errors import Tampered, WrongKey
from companion.core.secret import Secret
from companion.keys.held import HeldKeys, LocalKeys, keys_from_text, keys_to_text, new_keys
from companion.ports.connections import SecretField
from companion.service.vault import Vault

CANARY = Secret("made-up-access-token-0123456789abcdef")
PLACES = [
    ("c1", SecretField.ACCESS_TOKEN, "abc"),
    ("c2", SecretField.ACCESS_TOKEN, "abc"),
    ("c1", SecretField.MINTED_STOREFRONT_TOKEN, "abc"),
    ("c1", SecretField.ACCESS_TOKEN, "abd"),
]


def vault_with(held: HeldKeys) -> Vault:
    return Vault(LocalKeys("file", held), os.urandom)


@pytest.fixture
def vault() -> Vault:
    return vault_with(new_keys(os.urandom))


def test_a_secret_opens_where_it_was_sealed(vault: Vault) -> None:
    for place in PLACES:
        assert vault.open(*place, vault.seal(*place, CANARY)) == CANARY


@pytest.mark.parametrize(("sealed_for", "opened_as"), list(permutations(PLACES, 2)))
def test_a_secret_opens_nowhere_else_and_the_connection_is_named(
    vault: Vault, sealed_for: tuple[str, SecretField, str], opened_as: tuple[str, SecretField, str]
) -> None:
    envelope = vault.seal(*sealed_for, CANARY)
    with pytest.raises(Tampered, match=f"connection {opened_as[0]} does not open"):
        vault.open(*opened_as, envelope)


def test_an_envelope_shows_nothing_of_the_secret_and_names_its_key(vault: Vault) -> None:
    envelope = vault.seal(*PLACES[0], CANARY)
    assert CANARY.reveal().encode() not in envelope
    assert envelope_from_bytes(envelope).wrapped_key.key_id == vault.keys.active_key_id
    assert CANARY.reveal() not in repr(vault)


def test_older_keys_open_and_only_the_active_one_seals() -> None:
    old = new_keys(os.urandom)
    envelope = vault_with(old).seal(*PLACES[0], CANARY)
    new = new_keys(os.urandom)
    both = vault_with(HeldKeys(new.active, old.keys | new.keys))
    assert both.open(*PLACES[0], envelope) == CANARY
    with pytest.raises(WrongKey, match=old.active):
        vault_with(new).open(*PLACES[0], envelope)
    assert vault_with(new).open(*PLACES[0], both.seal(*PLACES[0], CANARY)) == CANARY


def test_keys_are_kept_as_text_and_never_shown() -> None:
    held = new_keys(os.urandom)
    assert keys_from_text(keys_to_text(held), where="here") == held
    assert held.keys[held.active].hex() not in repr(held)
    assert "keys" not in repr(held)
