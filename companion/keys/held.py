"""Key-encryption keys in memory, and the text in which a keychain or a key file keeps those of one data folder."""

from __future__ import annotations

import base64
import binascii
import json
import os
from dataclasses import dataclass, field

from companion.core.entropy import Entropy
from companion.core.envelope import KEY_BYTES, KEY_ID, WrappedKey, cipher_of, unwrap_data_key, wrap_data_key
from companion.core.errors import KeysUnavailable, WrongKey

_FORMAT = 1


@dataclass(frozen=True)
class HeldKeys:
    """The key-encryption keys of one data folder.

    Attributes:
        active: the id of the key that wraps; all of them unwrap.
        keys: 32 bytes by key id; never shown.
    """

    active: str
    keys: dict[str, bytes] = field(repr=False)


def new_keys(entropy: Entropy) -> HeldKeys:
    """Return one fresh 256-bit key under a random id."""
    key_id = f"key-{entropy(8).hex()}"
    return HeldKeys(key_id, {key_id: entropy(KEY_BYTES)})


def with_new_key(held: HeldKeys, entropy: Entropy) -> HeldKeys:
    """Return the keys with a fresh one added, which is the active one."""
    fresh = new_keys(entropy)
    return HeldKeys(fresh.active, {**held.keys, **fresh.keys})


def without_keys(held: HeldKeys, forgotten: frozenset[str]) -> HeldKeys:
    """Return the keys without some; the active one always stays."""
    return HeldKeys(
        held.active,
        {key_id: key for key_id, key in held.keys.items() if key_id == held.active or key_id not in forgotten},
    )


def keys_to_text(held: HeldKeys) -> str:
    """Return the text to keep. It holds the keys themselves."""
    keys = {key_id: base64.b64encode(key).decode() for key_id, key in held.keys.items()}
    return json.dumps({"format": _FORMAT, "active": held.active, "keys": keys}, separators=(",", ":"))


def keys_from_text(text: str, *, where: str) -> HeldKeys:
    """Read what `keys_to_text` wrote.

    Args:
        where: what the error calls the place it was kept in.

    Raises:
        KeysUnavailable: it is something else; the text is not repeated.
    """
    try:
        content = json.loads(text)
        keys = {key_id: base64.b64decode(key, validate=True) for key_id, key in content["keys"].items()}
        held = HeldKeys(content["active"], keys)
        sound = content["format"] == _FORMAT and held.active in keys
        sound = sound and all(KEY_ID.fullmatch(key_id) and len(key) == KEY_BYTES for key_id, key in keys.items())
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, RecursionError):
        sound = False
    if not sound:
        raise KeysUnavailable(
            f"The key-encryption key in {where} cannot be read.",
            why="What is kept there is damaged, or was written by a newer version of this program.",
            next_step="Put it back from a backup. Nothing was changed.",
        )
    return held


class LocalKeys:
    """A `KeyProvider` whose keys were read from where they are kept, once, at start."""

    def __init__(self, name: str, held: HeldKeys, *, entropy: Entropy = os.urandom) -> None:
        """Take over the keys.

        Args:
            name: of the provider, `keyring` or `file`.
        """
        self._name = name
        self._held = held
        self._entropy = entropy
        self._ciphers = {key_id: cipher_of(key) for key_id, key in held.keys.items()}

    @property
    def name(self) -> str:
        """See `KeyProvider.name`."""
        return self._name

    @property
    def held(self) -> HeldKeys:
        """The keys themselves."""
        return self._held

    @property
    def key_ids(self) -> frozenset[str]:
        """The ids of all keys."""
        return frozenset(self._held.keys)

    @property
    def active_key_id(self) -> str:
        """See `KeyProvider.active_key_id`."""
        return self._held.active

    def wrap(self, data_key: bytes, associated_data: bytes) -> WrappedKey:
        """See `KeyProvider.wrap`."""
        return wrap_data_key(
            data_key,
            key_encryption_key=self._ciphers[self._held.active],
            key_id=self._held.active,
            associated_data=associated_data,
            entropy=self._entropy,
        )

    def unwrap(self, wrapped_key: WrappedKey, associated_data: bytes) -> bytes:
        """See `KeyProvider.unwrap`."""
        cipher = self._ciphers.get(wrapped_key.key_id)
        if cipher is None:
            raise WrongKey(
                "A stored secret could not be opened.",
                why=f"It is sealed under {wrapped_key.key_id}, which the key provider `{self._name}` does not hold.",
                next_step="Bring back the key under which it was sealed, or give the access token again.",
            )
        return unwrap_data_key(wrapped_key, key_encryption_key=cipher, associated_data=associated_data)
