from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.core.envelope import (
    KEY_BYTES,
    Envelope,
    WrappedKey,
    associated_data,
    envelope_from_bytes,
    open_envelope,
    rewrap_envelope,
    seal,
    seal_envelope,
    unseal,
    unwrap_data_key,
    wrap_data_key,
)
from companion.core.errors import Tampered, WrongKey

keys = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
plaintexts = st.binary(max_size=300)
parts = st.text(max_size=20)
places = st.tuples(parts, parts, parts)


class Keys:
    """Key-encryption keys by id, as a provider holds them."""

    def __init__(self, **held: bytes) -> None:
        self.held = held

    def wrap(self, data_key: bytes, associated_data: bytes) -> WrappedKey:
        key_id = next(iter(self.held))
        return wrap_data_key(
            data_key,
            key_encryption_key=self.held[key_id],
            key_id=key_id,
            associated_data=associated_data,
            entropy=os.urandom,
        )

    def unwrap(self, wrapped_key: WrappedKey, associated_data: bytes) -> bytes:
        if wrapped_key.key_id not in self.held:
            raise WrongKey(f"no key {wrapped_key.key_id}")
        return unwrap_data_key(
            wrapped_key, key_encryption_key=self.held[wrapped_key.key_id], associated_data=associated_data
        )


KEYS = Keys(k1=os.urandom(KEY_BYTES))


def bound(place: tuple[str, str, str]) -> bytes:
    return associated_data(connection_id=place[0], field=place[1], store_hash=place[2])


def sealed(plaintext: bytes, place: tuple[str, str, str]) -> bytes:
    return seal_envelope(plaintext, wrap=KEYS.wrap, associated_data=bound(place), entropy=os.urandom)


def opened(envelope: bytes, place: tuple[str, str, str]) -> bytes:
    return open_envelope(envelope, unwrap=KEYS.unwrap, associated_data=bound(place))


@given(plaintexts, places)
def test_what_is_sealed_unseals(plaintext: bytes, place: tuple[str, str, str]) -> None:
    assert opened(sealed(plaintext, place), place) == plaintext


@given(plaintexts, keys, st.binary(max_size=100))
def test_a_payload_unseals_with_its_key_and_associated_data(plaintext: bytes, key: bytes, data: bytes) -> None:
    payload = seal(plaintext, data_key=key, associated_data=data, entropy=os.urandom)
    assert unseal(payload, data_key=key, associated_data=data) == plaintext
    with pytest.raises(Tampered):
        unseal(payload, data_key=key, associated_data=data + b"\0")


@given(plaintexts, places, st.integers(1, 255))
def test_no_byte_can_be_changed(plaintext: bytes, place: tuple[str, str, str], difference: int) -> None:
    envelope = sealed(plaintext, place)
    for position in range(len(envelope)):
        changed = bytearray(envelope)
        changed[position] ^= difference
        with pytest.raises((Tampered, WrongKey)):
            opened(bytes(changed), place)


@given(plaintexts, places)
def test_it_cannot_be_cut_short_or_made_longer(plaintext: bytes, place: tuple[str, str, str]) -> None:
    envelope = sealed(plaintext, place)
    for length in range(len(envelope)):
        with pytest.raises(Tampered):
            opened(envelope[:length], place)
        if length:
            with pytest.raises(Tampered):
                opened(envelope[length:], place)
    with pytest.raises(Tampered):
        opened(envelope + b"\0", place)


@given(plaintexts, plaintexts, places, places)
def test_rows_cannot_be_swapped(
    one: bytes, other: bytes, here: tuple[str, str, str], there: tuple[str, str, str]
) -> None:
    if here == there:
        return
    first, second = sealed(one, here), sealed(other, there)
    for envelope, place in ((second, here), (first, there)):
        with pytest.raises(Tampered):
            opened(envelope, place)


@given(plaintexts, plaintexts, places)
def test_parts_of_two_envelopes_of_one_place_do_not_mix(one: bytes, other: bytes, place: tuple[str, str, str]) -> None:
    first, second = envelope_from_bytes(sealed(one, place)), envelope_from_bytes(sealed(other, place))
    with pytest.raises(Tampered):
        opened(Envelope(first.wrapped_key, second.payload).to_bytes(), place)


@given(places, places)
def test_no_two_places_have_the_same_associated_data(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert (bound(one) == bound(other)) == (one == other)


@given(plaintexts, places, keys)
def test_rewrapping_keeps_the_payload_and_the_secret(
    plaintext: bytes, place: tuple[str, str, str], new_key: bytes
) -> None:
    envelope = sealed(plaintext, place)
    new = Keys(k2=new_key)
    rewrapped = rewrap_envelope(envelope, unwrap=KEYS.unwrap, wrap=new.wrap, associated_data=bound(place))
    assert envelope_from_bytes(rewrapped).payload == envelope_from_bytes(envelope).payload
    assert open_envelope(rewrapped, unwrap=new.unwrap, associated_data=bound(place)) == plaintext
    with pytest.raises(WrongKey):
        opened(rewrapped, place)


@given(st.binary(max_size=400))
def test_any_bytes_are_taken_apart_and_put_together_again_or_refused(content: bytes) -> None:
    try:
        parts = envelope_from_bytes(content)
    except Tampered:
        return
    assert parts.to_bytes() == content
