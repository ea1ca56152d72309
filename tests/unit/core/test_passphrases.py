"""Keys out of passphrases."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from companion.core.errors import InvalidInput, WrongPassphrase
from companion.core.passphrases import (
    COST,
    Cost,
    checked_new_passphrase,
    derivation_from_document,
    generated_passphrase,
    key_from,
    new_key_from,
)
from companion.core.secret import Secret

CHEAP = Cost(memory_kib=64, iterations=1, lanes=1)
PASSPHRASE = Secret("correct horse battery staple")


def test_argon2id_is_that_of_rfc_9106() -> None:
    derived = Argon2id(
        salt=b"\x02" * 16, length=32, iterations=3, lanes=4, memory_cost=32, ad=b"\x04" * 12, secret=b"\x03" * 8
    ).derive(b"\x01" * 32)
    assert derived.hex() == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"  # section 5.3


def test_new_keys_cost_what_rfc_9106_recommends() -> None:
    assert (COST.memory_kib, COST.iterations, COST.lanes) == (65_536, 3, 4)


def test_the_same_passphrase_gives_the_same_key_and_no_other_does() -> None:
    made = new_key_from(PASSPHRASE, entropy=os.urandom, cost=CHEAP)
    read = derivation_from_document(made.derivation.document())
    assert key_from(PASSPHRASE, read) == made
    assert new_key_from(PASSPHRASE, entropy=os.urandom, cost=CHEAP).key != made.key
    assert made.key not in (made.derivation.commitment, made.derivation.salt)
    assert repr(made.key) not in repr(made)
    told = set()
    for wrong in ("", "c", "correct horse battery stapl", "Correct horse battery staple", "x" * 900, "\ud800"):
        with pytest.raises(WrongPassphrase) as raised:
            key_from(Secret(wrong), read)
        told.add(str(raised.value))
    assert len(told) == 1


def test_a_passphrase_is_the_same_on_every_keyboard() -> None:
    made = new_key_from(Secret("Pa\u0308rchen ﬁnden Ko\u0308nige"), entropy=os.urandom, cost=CHEAP)
    assert key_from(Secret("P\u00e4rchen finden K\u00f6nige"), made.derivation) == made


@pytest.mark.parametrize("text", ["", "fourteen chars", "x" * 1025])
def test_too_short_and_too_long_ones_are_not_taken(text: str) -> None:
    with pytest.raises(InvalidInput):
        checked_new_passphrase(Secret(text))


@pytest.mark.parametrize("text", ["fifteen letters", "x" * 1024, "пятнадцать букв"])
def test_long_ones_are_taken(text: str) -> None:
    assert checked_new_passphrase(Secret(text)).reveal() == text


def test_a_generated_one_is_long_enough_and_never_the_same() -> None:
    made = {generated_passphrase(os.urandom).reveal() for _ in range(50)}
    assert len(made) == 50
    for text in made:
        assert [len(group) for group in text.split("-")] == [5] * 6
        checked_new_passphrase(Secret(text))


@pytest.mark.parametrize(
    "change",
    [
        {"memory_kib": 2**21}, {"memory_kib": 0}, {"memory_kib": 7, "lanes": 1}, {"iterations": 17}, {"lanes": 0},
        {"lanes": 2.0}, {"iterations": True}, {"salt": "AA=="}, {"salt": "?"}, {"commitment": ""},
        {"algorithm": "argon2i"}, {"memory_kib": "64"}, {"salt": None},
    ],
)  # fmt: skip
def test_a_document_that_is_none_or_costs_too_much_is_refused(change: dict[str, object]) -> None:
    document = new_key_from(PASSPHRASE, entropy=os.urandom, cost=CHEAP).derivation.document()
    with pytest.raises(ValueError):
        derivation_from_document(document | change)
    for other in (None, [], "x", {}):
        with pytest.raises(ValueError):
            derivation_from_document(other)
