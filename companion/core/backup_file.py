"""The file that `companion backup` writes: one stream of bytes, sealed under a passphrase of its own.

    head       the line `bigcommerce-companion backup 2`, 4 bytes length, then a JSON object: how the key is derived
               (`derivation`), the 7 bytes that all nonces begin with (`nonce_prefix`), the id of the key (`key_id`)
    chunks     AES-256-GCM of 64 KiB of content each, the last one of less, each with its tag of 16 bytes
    content    lines of JSON, UTF-8: one of the kind `backup`, one `connection` each, the audit chain as
               `companion.core.backup_audit` says, and last one of the kind `end`, which counts them

The nonce of a chunk is the prefix, its number (4 bytes, big-endian) and a byte that is 1 for the last chunk alone; its
associated data are the whole head. So no chunk can be changed, left out, doubled, moved or cut off unnoticed (the
construction STREAM of Hoang, Reyhanitabar, Rogaway and Vizár, 2015, as age and Tink use it). Argon2id gives the key;
HKDF-SHA256 makes of it one for the chunks and one that wraps the data keys of the envelopes inside. These open in their
places only, as in the database, and their payloads are neither opened nor changed by being put in or taken out.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from companion.core.entropy import Entropy
from companion.core.envelope import (
    KEY_BYTES,
    KEY_ID,
    TAG_BYTES,
    WrappedKey,
    unwrap_data_key,
    wrap_data_key,
)
from companion.core.errors import BackupDamaged, WrongKey
from companion.core.passphrases import COST, Cost, Derivation, derivation_from_document, key_from, new_key_from
from companion.core.secret import Secret

CHUNK_BYTES = 64 * 1024
FORMAT = 2
READABLE = (1, 2)
"""The formats that are read; 1 had no audit record."""

NEWER = "It was made by a newer version of this program."

_FIRST_LINE = b"bigcommerce-companion backup %d\n"
_NEWER_LINE = re.compile(rb"bigcommerce-companion backup [1-9]")
_MAX_HEAD_BYTES = 4096
_MAX_LINE_BYTES = 4 * 1024 * 1024
_PREFIX_BYTES = 7

Read = Callable[[int], bytes]
"""How many bytes -> that many of the file, fewer only at its end."""


@dataclass(frozen=True)
class BackupKey:
    """What seals a backup, or opens it.

    Attributes:
        key_id: the name under which data keys in it are wrapped.
        head: the first bytes of the file.
        prefix: of all nonces of chunks.
    """

    key_id: str
    head: bytes
    prefix: bytes
    entropy: Entropy
    _chunks: bytes = field(repr=False)
    _data_keys: bytes = field(repr=False)

    def wrap(self, data_key: bytes, associated_data: bytes) -> WrappedKey:
        """Wrap the data key of an envelope that goes into the backup."""
        return wrap_data_key(
            data_key,
            key_encryption_key=self._data_keys,
            key_id=self.key_id,
            associated_data=associated_data,
            entropy=self.entropy,
        )

    def unwrap(self, wrapped_key: WrappedKey, associated_data: bytes) -> bytes:
        """Undo `wrap`. Raises `WrongKey`, `Tampered`."""
        if wrapped_key.key_id != self.key_id:
            raise WrongKey("A secret in the backup is under another key than the backup's own.")
        return unwrap_data_key(wrapped_key, key_encryption_key=self._data_keys, associated_data=associated_data)

    def sealed(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the file, piece by piece, that holds these lines."""
        cipher = AESGCM(self._chunks)
        yield self.head
        number, waiting = 0, bytearray()
        for line in lines:
            waiting += line + b"\n"
            while len(waiting) > CHUNK_BYTES:
                yield cipher.encrypt(self._nonce(number, last=False), bytes(waiting[:CHUNK_BYTES]), self.head)
                del waiting[:CHUNK_BYTES]
                number += 1
        yield cipher.encrypt(self._nonce(number, last=True), bytes(waiting), self.head)

    def opened(self, read: Read) -> Iterator[bytes]:
        """Yield the lines of a file whose head was read.

        Raises:
            BackupDamaged: it was changed or cut short. What was yielded before was unchanged, and yet not all.
        """
        cipher = AESGCM(self._chunks)
        number, waiting = 0, b""
        chunk = read(CHUNK_BYTES + TAG_BYTES)
        while True:
            following = read(CHUNK_BYTES + TAG_BYTES)
            try:
                waiting += cipher.decrypt(self._nonce(number, last=not following), chunk, self.head)
            except InvalidTag:
                raise damaged("It was changed or cut short.") from None
            *lines, waiting = waiting.split(b"\n")
            yield from lines
            if not following:
                break
            if len(waiting) > _MAX_LINE_BYTES:
                raise damaged("It has a record that is longer than any.")
            number, chunk = number + 1, following
        if waiting:
            raise damaged("Its last record is cut short.")

    def _nonce(self, number: int, *, last: bool) -> bytes:
        return self.prefix + number.to_bytes(4, "big") + bytes((last,))


def new_backup_key(passphrase: Secret, *, entropy: Entropy, cost: Cost = COST) -> BackupKey:
    """Make the key and the head of a new backup."""
    derived = new_key_from(passphrase, entropy=entropy, cost=cost)
    prefix, key_id = entropy(_PREFIX_BYTES), f"backup-{entropy(8).hex()}"
    document = {
        "derivation": derived.derivation.document(),
        "nonce_prefix": base64.b64encode(prefix).decode(),
        "key_id": key_id,
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    head = _FIRST_LINE % FORMAT + len(text).to_bytes(4, "big") + text
    return _key(derived.key, key_id, head, prefix, entropy)


def backup_key_of(read: Read, passphrase: Secret, *, entropy: Entropy) -> BackupKey:
    """Read the head of a backup, and return the key that opens the rest.

    Raises:
        BackupDamaged: it is no backup, or of a newer version.
        WrongPassphrase: it has another passphrase.
    """
    first = read(len(_FIRST_LINE % FORMAT))
    if first not in {_FIRST_LINE % each for each in READABLE}:
        if any((_FIRST_LINE % each).startswith(first) for each in READABLE):
            raise damaged("It is cut short in its first line." if first else "It is empty.")
        raise damaged(NEWER if _NEWER_LINE.match(first) else "It does not begin as one.")
    length = read(4)
    text = read(int.from_bytes(length, "big")) if int.from_bytes(length, "big") <= _MAX_HEAD_BYTES else b""
    try:
        document = json.loads(text)
        derivation: Derivation = derivation_from_document(document["derivation"])
        prefix = base64.b64decode(document["nonce_prefix"], validate=True)
        key_id = document["key_id"]
        sound = len(prefix) == _PREFIX_BYTES and KEY_ID.fullmatch(key_id) is not None
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
        sound = False
    if not sound:
        raise damaged("Its head was changed or cut short.")
    return _key(key_from(passphrase, derivation).key, key_id, first + length + text, prefix, entropy)


def damaged(why: str) -> BackupDamaged:
    """Return the error for a file that is no whole backup."""
    return BackupDamaged(
        "The file is not a whole backup.",
        why=f"{why} Nothing was restored.",
        next_step="Take another copy of the backup, or another backup.",
    )


def _key(key: bytes, key_id: str, head: bytes, prefix: bytes, entropy: Entropy) -> BackupKey:
    chunks, data_keys = (
        HKDFExpand(algorithm=SHA256(), length=KEY_BYTES, info=b"bigcommerce-companion backup " + use).derive(key)
        for use in (b"chunks", b"data keys")
    )
    return BackupKey(key_id, head, prefix, entropy, chunks, data_keys)
