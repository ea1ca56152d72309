from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from companion.core.envelope import (
    KEY_BYTES,
    MAX_ENVELOPE_BYTES,
    MAX_PLAINTEXT_BYTES,
    NONCE_BYTES,
    TAG_BYTES,
    Envelope,
    Unwrap,
    Wrap,
    WrappedKey,
    associated_data,
    envelope_from_bytes,
    key_check_record,
    open_envelope,
    passes_key_check,
    rewrap_envelope,
    seal,
    seal_envelope,
    unseal,
    unwrap_data_key,
    wrap_data_key,
    wrapping_associated_data,
)
from companion.core.errors import Tampered

VECTORS = json.loads((Path(__file__).parents[3] / "fixtures" / "vectors" / "envelope-v1.json").read_text())
PLACE = associated_data(connection_id="c1", field="access_token", store_hash="abc123")


def wrapping(key: bytes, key_id: str = "key-1") -> tuple[Wrap, Unwrap]:
    def wrap(data_key: bytes, associated_data: bytes) -> WrappedKey:
        return wrap_data_key(
            data_key, key_encryption_key=key, key_id=key_id, associated_data=associated_data, entropy=os.urandom
        )

    def unwrap(wrapped_key: WrappedKey, associated_data: bytes) -> bytes:
        return unwrap_data_key(wrapped_key, key_encryption_key=key, associated_data=associated_data)

    return wrap, unwrap


def counting_entropy() -> Any:
    """0, 1, 2, … without end: what the vectors were made with."""
    counter = iter(range(10_000))
    return lambda count: bytes(next(counter) % 256 for _ in range(count))


@pytest.mark.parametrize("vector", VECTORS["good"], ids=lambda vector: vector["about"])
def test_an_envelope_of_this_format_opens_in_every_later_version(vector: dict[str, str]) -> None:
    _, unwrap = wrapping(bytes.fromhex(vector["key_encryption_key"]))
    bound = associated_data(
        connection_id=vector["connection_id"], field=vector["field"], store_hash=vector["store_hash"]
    )
    opened = open_envelope(bytes.fromhex(vector["envelope"]), unwrap=unwrap, associated_data=bound)
    assert opened.decode() == vector["plaintext"]


@pytest.mark.parametrize("vector", VECTORS["good"], ids=lambda vector: vector["about"])
def test_the_same_randomness_gives_the_same_bytes(vector: dict[str, str]) -> None:
    entropy = counting_entropy()

    def wrap(data_key: bytes, associated_data: bytes) -> WrappedKey:
        return wrap_data_key(
            data_key,
            key_encryption_key=bytes.fromhex(vector["key_encryption_key"]),
            key_id=vector["key_id"],
            associated_data=associated_data,
            entropy=entropy,
        )

    bound = associated_data(
        connection_id=vector["connection_id"], field=vector["field"], store_hash=vector["store_hash"]
    )
    sealed = seal_envelope(vector["plaintext"].encode(), wrap=wrap, associated_data=bound, entropy=entropy)
    assert sealed.hex() == vector["envelope"]


@pytest.mark.parametrize("vector", VECTORS["broken"], ids=lambda vector: vector["about"])
def test_a_broken_envelope_is_refused(vector: dict[str, str]) -> None:
    _, unwrap = wrapping(bytes.fromhex(vector["key_encryption_key"]))
    bound = associated_data(
        connection_id=vector["connection_id"], field=vector["field"], store_hash=vector["store_hash"]
    )
    with pytest.raises(Tampered):
        open_envelope(bytes.fromhex(vector["envelope"]), unwrap=unwrap, associated_data=bound)


def test_the_associated_data_holds_every_part_with_its_length_before_it() -> None:
    assert associated_data(connection_id="c1", field="f", store_hash="abc") == (
        b"\0\0\0\x1cbigcommerce-companion secret" + b"\0\0\0\x01\x01" + b"\0\0\0\x02c1" + b"\0\0\0\x01f\0\0\0\x03abc"
    )
    assert wrapping_associated_data(b"bound", "key-1") == b"bound\0\0\0\x05key-1"


def test_parts_that_run_together_do_not_give_the_same_associated_data() -> None:
    places = [("ab", "c", "d"), ("a", "bc", "d"), ("a", "b", "cd"), ("abc", "", "d"), ("", "abcd", "")]
    bound = {associated_data(connection_id=c, field=f, store_hash=s) for c, f, s in places}
    assert len(bound) == len(places)


def test_each_secret_gets_a_data_key_and_nonces_of_its_own() -> None:
    taken: list[int] = []

    def entropy(count: int) -> bytes:
        taken.append(count)
        return os.urandom(count)

    key = os.urandom(KEY_BYTES)
    seen: list[bytes] = []

    def wrap(data_key: bytes, associated_data: bytes) -> WrappedKey:
        seen.append(data_key)
        return wrap_data_key(
            data_key, key_encryption_key=key, key_id="key-1", associated_data=associated_data, entropy=entropy
        )

    for _ in range(2):
        seal_envelope(b"secret", wrap=wrap, associated_data=PLACE, entropy=entropy)
    assert taken == [KEY_BYTES, NONCE_BYTES, NONCE_BYTES] * 2
    assert len(set(seen)) == 2


def test_rewrapping_leaves_the_payload_as_it_is_and_the_old_key_opens_nothing() -> None:
    wrap_old, unwrap_old = wrapping(os.urandom(KEY_BYTES), "key-old")
    wrap_new, unwrap_new = wrapping(os.urandom(KEY_BYTES), "key-new")
    old = seal_envelope(b"secret", wrap=wrap_old, associated_data=PLACE, entropy=os.urandom)
    new = rewrap_envelope(old, unwrap=unwrap_old, wrap=wrap_new, associated_data=PLACE)
    assert envelope_from_bytes(new).payload == envelope_from_bytes(old).payload
    assert envelope_from_bytes(new).wrapped_key.key_id == "key-new"
    assert open_envelope(new, unwrap=unwrap_new, associated_data=PLACE) == b"secret"
    with pytest.raises(Tampered):
        open_envelope(new, unwrap=unwrap_old, associated_data=PLACE)


def test_a_wrapped_data_key_does_not_open_under_another_key_id() -> None:
    key = os.urandom(KEY_BYTES)
    wrap, unwrap = wrapping(key)
    wrapped = wrap(os.urandom(KEY_BYTES), PLACE)
    with pytest.raises(Tampered):
        unwrap(WrappedKey("key-2", wrapped.wrapped), PLACE)


@pytest.mark.parametrize("size", [16, 24, 31, 33, 0])
def test_only_256_bit_keys_are_taken(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(b"secret", data_key=bytes(size), associated_data=b"", entropy=os.urandom)


@pytest.mark.parametrize("size", [0, 11, 13])
def test_a_source_that_gives_too_little_randomness_is_noticed(size: int) -> None:
    with pytest.raises(ValueError, match="randomness"):
        seal(b"secret", data_key=bytes(KEY_BYTES), associated_data=b"", entropy=lambda _count: bytes(size))


def test_the_longest_and_the_shortest_plaintext_fit_and_one_byte_more_does_not() -> None:
    wrap, unwrap = wrapping(os.urandom(KEY_BYTES))
    for plaintext in (b"", bytes(MAX_PLAINTEXT_BYTES)):
        envelope = seal_envelope(plaintext, wrap=wrap, associated_data=PLACE, entropy=os.urandom)
        assert open_envelope(envelope, unwrap=unwrap, associated_data=PLACE) == plaintext
    with pytest.raises(ValueError, match="at most"):
        seal_envelope(bytes(MAX_PLAINTEXT_BYTES + 1), wrap=wrap, associated_data=PLACE, entropy=os.urandom)


def test_a_payload_has_a_tag_of_128_bits() -> None:
    payload = seal(b"secret", data_key=bytes(KEY_BYTES), associated_data=b"", entropy=os.urandom)
    assert len(payload) == 1 + NONCE_BYTES + len(b"secret") + TAG_BYTES
    for missing in range(1, TAG_BYTES + 1):
        with pytest.raises(Tampered):
            unseal(payload[:-missing], data_key=bytes(KEY_BYTES), associated_data=b"")


def test_what_is_too_long_for_any_envelope_is_refused_unopened() -> None:
    with pytest.raises(Tampered):
        envelope_from_bytes(b"\x01" + bytes(MAX_ENVELOPE_BYTES))


def test_plain_text_in_place_of_an_envelope_is_refused() -> None:
    with pytest.raises(Tampered):
        envelope_from_bytes(b"a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p")


@pytest.mark.parametrize("key_id", ["", "KEY", "a b", "ä", "-a", "k" * 65])
def test_a_key_id_that_is_none_is_not_written(key_id: str) -> None:
    payload = seal(b"", data_key=bytes(KEY_BYTES), associated_data=b"", entropy=os.urandom)
    with pytest.raises(ValueError, match=r"key id|ascii"):
        Envelope(WrappedKey(key_id, b"wrapped"), payload).to_bytes()


def test_the_key_check_record_tells_the_right_key_from_another() -> None:
    wrap, unwrap = wrapping(os.urandom(KEY_BYTES))
    record = key_check_record(folder_id="folder-1", wrap=wrap, entropy=os.urandom)
    assert passes_key_check(record, folder_id="folder-1", unwrap=unwrap)
    assert not passes_key_check(record, folder_id="folder-2", unwrap=unwrap)
    assert not passes_key_check(record, folder_id="folder-1", unwrap=wrapping(os.urandom(KEY_BYTES))[1])
    assert not passes_key_check(b"", folder_id="folder-1", unwrap=unwrap)
