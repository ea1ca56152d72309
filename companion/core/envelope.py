"""Envelope encryption: one fresh data key seals one secret; a key provider wraps that data key.

Binary, in this order. Lengths are unsigned and big-endian.

    envelope   1 byte version, 1 byte length of the key id, key id (ASCII),
               2 bytes length of the wrapped data key, wrapped data key, payload
    payload    1 byte version, 12 bytes nonce, ciphertext as long as the plaintext, 16 bytes tag

The payload is AES-256-GCM under the data key. Its associated data binds it to its place: format version, connection id,
field and store hash, each with its length before it. The data key is wrapped with the same associated data and, after
it, the id of the key-encryption key. So a record moved to another row, field or store does not open, and rewrapping
replaces the wrapped data key while the payload's bytes stay as they are.

A 96-bit random nonce and a 128-bit tag are the one combination used (NIST SP 800-38D, 8.2.2 and 5.2.1.2). A data key
seals one payload only, so the limit of 2^32 nonces for one key concerns the key-encryption key alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from companion.core.entropy import Entropy
from companion.core.errors import Tampered

FORMAT_VERSION = 1
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
MAX_PLAINTEXT_BYTES = 64 * 1024
MAX_WRAPPED_KEY_BYTES = 6144  # the most that AWS KMS gives back for any key (API reference, Encrypt)
MAX_ENVELOPE_BYTES = 2 + 64 + 2 + MAX_WRAPPED_KEY_BYTES + 1 + NONCE_BYTES + MAX_PLAINTEXT_BYTES + TAG_BYTES

KEY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

_SMALLEST_PAYLOAD = 1 + NONCE_BYTES + TAG_BYTES
_PURPOSE = b"bigcommerce-companion secret"
_SESSION_PURPOSE = b"bigcommerce-companion browser session"
_KEY_FILE_PURPOSE = b"bigcommerce-companion key-encryption keys"
_KEY_CHECK_FIELD = "key-check"
_AUDIT_KEY_FIELD = "audit-key"
_CHAPTER_KEY_FIELD = "audit-chapter-key"
_KEY_CHECK_PLAINTEXT = b"bigcommerce-companion key check"


@dataclass(frozen=True)
class WrappedKey:
    """A data key as a key provider gave it back.

    Attributes:
        key_id: of the key-encryption key that wrapped it.
        wrapped: what that provider needs to unwrap it; opaque to everybody else.
    """

    key_id: str
    wrapped: bytes


class Wrap(Protocol):
    """Wraps a data key under the active key-encryption key."""

    def __call__(self, data_key: bytes, associated_data: bytes) -> WrappedKey:
        """Return the wrapped data key; `associated_data` is bound to it, together with the key's id."""
        ...


class Unwrap(Protocol):
    """Unwraps a data key."""

    def __call__(self, wrapped_key: WrappedKey, associated_data: bytes) -> bytes:
        """Return the data key. Raises `WrongKey` for a key id that is not held, `Tampered` where it does not open."""
        ...


@dataclass(frozen=True)
class Envelope:
    """The parts of an envelope.

    Attributes:
        wrapped_key: the data key, wrapped.
        payload: what `seal` returned.
    """

    wrapped_key: WrappedKey
    payload: bytes

    def to_bytes(self) -> bytes:
        """Return the binary form described at the top of this module."""
        key_id = self.wrapped_key.key_id.encode("ascii")
        wrapped = self.wrapped_key.wrapped
        if not KEY_ID.fullmatch(self.wrapped_key.key_id) or not 1 <= len(wrapped) <= MAX_WRAPPED_KEY_BYTES:
            raise ValueError("a key id has 1 to 64 of a-z, 0-9 and -, a wrapped key 1 to 6144 bytes")
        return b"".join(
            (
                bytes((FORMAT_VERSION, len(key_id))),
                key_id,
                len(wrapped).to_bytes(2, "big"),
                wrapped,
                self.payload,
            )
        )


def associated_data(*, connection_id: str, field: str, store_hash: str) -> bytes:
    """Return what binds a secret to its place: purpose, format version, connection id, field and store hash.

    Each part has its length before it, so that no two places give the same bytes.
    """
    return b"".join(
        _with_length(part)
        for part in (
            _PURPOSE,
            bytes((FORMAT_VERSION,)),
            connection_id.encode(),
            field.encode(),
            store_hash.encode(),
        )
    )


def session_associated_data(*, folder_id: str, user: bytes, world: str, connection_id: str, ends_at: str) -> bytes:
    """Return what binds a kept browser session to its place: data folder, user, world, connection and end.

    The purpose that stands first is none of `associated_data`, so that no session opens as another secret.
    """
    parts = (folder_id.encode(), b"browser_session", user, world.encode(), connection_id.encode(), ends_at.encode())
    return b"".join(map(_with_length, (_SESSION_PURPOSE, bytes((FORMAT_VERSION,)), *parts)))


def key_file_associated_data(folder_id: str, derivation: bytes) -> bytes:
    """Return what binds sealed key-encryption keys to their place: data folder, and whence the key that seals them."""
    return b"".join(map(_with_length, (_KEY_FILE_PURPOSE, bytes((FORMAT_VERSION,)), folder_id.encode(), derivation)))


def audit_key_associated_data(folder_id: str) -> bytes:
    """Return what binds the key of the audit chain to its data folder."""
    return associated_data(connection_id=folder_id, field=_AUDIT_KEY_FIELD, store_hash="")


def chapter_key_associated_data(folder_id: str, number: int) -> bytes:
    """Return what binds the key of an earlier chapter of the audit record to its data folder, or to its backup."""
    return associated_data(connection_id=folder_id, field=_CHAPTER_KEY_FIELD, store_hash=str(number))


def wrapping_associated_data(associated_data: bytes, key_id: str) -> bytes:
    """Return the associated data of a wrapped data key: that of its payload, then the key-encryption key's id."""
    return associated_data + _with_length(key_id.encode())


def seal(plaintext: bytes, *, data_key: bytes, associated_data: bytes, entropy: Entropy) -> bytes:
    """Seal `plaintext` so that only this `data_key` with this `associated_data` opens it.

    Args:
        data_key: 32 bytes, fresh for this envelope.
        entropy: n -> n random bytes. A test passes fixed ones to reproduce a vector.

    Returns:
        1 version byte, 12 bytes nonce, ciphertext as long as the plaintext, 16 bytes tag.

    Raises:
        ValueError: the key or the nonce has not the length this format demands, or the plaintext is too long.
    """
    if len(plaintext) > MAX_PLAINTEXT_BYTES:
        raise ValueError(f"a secret has at most {MAX_PLAINTEXT_BYTES} bytes")
    nonce = entropy(NONCE_BYTES)
    if len(nonce) != NONCE_BYTES:
        raise ValueError("the source of randomness gave too few bytes, or too many")
    return bytes((FORMAT_VERSION,)) + nonce + cipher_of(data_key).encrypt(nonce, plaintext, associated_data)


def unseal(payload: bytes, *, data_key: bytes, associated_data: bytes) -> bytes:
    """Open what `seal` returned.

    Raises:
        Tampered: wrong data key, other associated data, or any byte of the payload changed, added or missing.
    """
    _check_payload(payload)
    nonce, ciphertext = payload[1 : 1 + NONCE_BYTES], payload[1 + NONCE_BYTES :]
    try:
        return cipher_of(data_key).decrypt(nonce, ciphertext, associated_data)
    except InvalidTag:
        raise _does_not_open("It was changed, or belongs to another connection, field or store.") from None


def wrap_data_key(
    data_key: bytes, *, key_encryption_key: bytes | AESGCM, key_id: str, associated_data: bytes, entropy: Entropy
) -> WrappedKey:
    """Wrap a data key with AES-256-GCM, for key providers that hold the key-encryption key in memory.

    Args:
        key_encryption_key: 32 bytes, or what `cipher_of` made of them: a rotation uses one many times.

    Returns:
        With `wrapped` as 12 bytes nonce, 32 bytes ciphertext, 16 bytes tag.
    """
    nonce = entropy(NONCE_BYTES)
    if len(nonce) != NONCE_BYTES or len(data_key) != KEY_BYTES:
        raise ValueError("a nonce has 12 bytes, a data key 32")
    bound = wrapping_associated_data(associated_data, key_id)
    return WrappedKey(
        key_id,
        nonce
        + (key_encryption_key if isinstance(key_encryption_key, AESGCM) else cipher_of(key_encryption_key)).encrypt(
            nonce, data_key, bound
        ),
    )


def unwrap_data_key(wrapped_key: WrappedKey, *, key_encryption_key: bytes | AESGCM, associated_data: bytes) -> bytes:
    """Undo `wrap_data_key`.

    Raises:
        Tampered: another key-encryption key or key id, other associated data, or changed bytes.
    """
    wrapped = wrapped_key.wrapped
    if len(wrapped) != NONCE_BYTES + KEY_BYTES + TAG_BYTES:
        raise _does_not_open("Its wrapped data key has a wrong length.")
    bound = wrapping_associated_data(associated_data, wrapped_key.key_id)
    try:
        return (
            key_encryption_key if isinstance(key_encryption_key, AESGCM) else cipher_of(key_encryption_key)
        ).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound)
    except InvalidTag:
        raise _does_not_open("Its wrapped data key was changed, or belongs to another place or key.") from None


def seal_envelope(plaintext: bytes, *, wrap: Wrap, associated_data: bytes, entropy: Entropy) -> bytes:
    """Seal `plaintext` under a fresh data key, wrap that key, and return the envelope's bytes."""
    data_key = entropy(KEY_BYTES)
    payload = seal(plaintext, data_key=data_key, associated_data=associated_data, entropy=entropy)
    return Envelope(wrap(data_key, associated_data), payload).to_bytes()


def open_envelope(envelope: bytes, *, unwrap: Unwrap, associated_data: bytes) -> bytes:
    """Return the plaintext of an envelope.

    Raises:
        Tampered: it is malformed, was changed, or was sealed for another place.
        WrongKey: from `unwrap`; it names a key-encryption key that is not held.
    """
    parts = envelope_from_bytes(envelope)
    data_key = unwrap(parts.wrapped_key, associated_data)
    return unseal(parts.payload, data_key=data_key, associated_data=associated_data)


def rewrap_envelope(envelope: bytes, *, unwrap: Unwrap, wrap: Wrap, associated_data: bytes) -> bytes:
    """Return the envelope with its data key wrapped anew; the payload is neither opened nor changed.

    Raises:
        Tampered, WrongKey: as `open_envelope`.
    """
    parts = envelope_from_bytes(envelope)
    return Envelope(wrap(unwrap(parts.wrapped_key, associated_data), associated_data), parts.payload).to_bytes()


def envelope_from_bytes(envelope: bytes) -> Envelope:
    """Take an envelope apart, opening nothing.

    Raises:
        Tampered: unknown version, cut short, or longer than any envelope.
    """
    if not 4 <= len(envelope) <= MAX_ENVELOPE_BYTES:
        raise _does_not_open("It is cut short, or longer than any.")
    if envelope[0] != FORMAT_VERSION:
        raise _does_not_open(f"Its format version is {envelope[0]}; this program reads version {FORMAT_VERSION}.")
    end_of_key_id = 2 + envelope[1]
    start_of_wrapped = end_of_key_id + 2
    key_id = envelope[2:end_of_key_id].decode("latin-1")
    end_of_wrapped = start_of_wrapped + int.from_bytes(envelope[end_of_key_id:start_of_wrapped], "big")
    wrapped, payload = envelope[start_of_wrapped:end_of_wrapped], envelope[end_of_wrapped:]
    if not KEY_ID.fullmatch(key_id) or not 1 <= len(wrapped) <= MAX_WRAPPED_KEY_BYTES:
        raise _does_not_open("Its key id or wrapped data key is malformed.")
    _check_payload(payload)
    return Envelope(WrappedKey(key_id, wrapped), payload)


def key_check_record(*, folder_id: str, wrap: Wrap, entropy: Entropy) -> bytes:
    """Return an envelope by which a wrong key is noticed before anything else is opened or written."""
    bound = associated_data(connection_id=folder_id, field=_KEY_CHECK_FIELD, store_hash="")
    return seal_envelope(_KEY_CHECK_PLAINTEXT, wrap=wrap, associated_data=bound, entropy=entropy)


def passes_key_check(record: bytes, *, folder_id: str, unwrap: Unwrap) -> bool:
    """Say whether `unwrap` opens the record that `key_check_record` made for this data folder.

    Raises:
        WrongKey: from `unwrap`; the record names a key-encryption key that is not held.
    """
    bound = associated_data(connection_id=folder_id, field=_KEY_CHECK_FIELD, store_hash="")
    try:
        return open_envelope(record, unwrap=unwrap, associated_data=bound) == _KEY_CHECK_PLAINTEXT
    except Tampered:
        return False


def _check_payload(payload: bytes) -> None:
    if not _SMALLEST_PAYLOAD <= len(payload) <= _SMALLEST_PAYLOAD + MAX_PLAINTEXT_BYTES:
        raise _does_not_open("It is cut short, or longer than any.")
    if payload[0] != FORMAT_VERSION:
        raise _does_not_open(f"Its format version is {payload[0]}; this program reads version {FORMAT_VERSION}.")


def cipher_of(key: bytes) -> AESGCM:
    """Return the cipher of a key of 32 bytes."""
    if len(key) != KEY_BYTES:  # AESGCM would take 128 and 192 bits as well
        raise ValueError("a key has 32 bytes")
    return AESGCM(key)


def _with_length(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part


def _does_not_open(why: str) -> Tampered:
    return Tampered(
        "A stored secret does not open.",
        why=why,
        next_step="Restore the database from a backup, or give the access token again with `companion edit NAME`.",
    )
