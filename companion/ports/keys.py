"""The ports to key-encryption keys: wrap and unwrap, unlock, change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from companion.core.secret import Secret

if TYPE_CHECKING:
    from companion.core.envelope import WrappedKey


class KeyProvider(Protocol):
    """Holds key-encryption keys, and wraps and unwraps data keys with them.

    Every method raises `KeysUnavailable` (or `Locked`) where the keys cannot be reached; then nothing was changed.
    """

    @property
    def name(self) -> str:
        """`keyring`, `file`, …: as in `COMPANION_KEY_PROVIDER`."""
        ...

    @property
    def active_key_id(self) -> str:
        """The id of the key that `wrap` uses."""
        ...

    def wrap(self, data_key: bytes, associated_data: bytes) -> WrappedKey:
        """Wrap 32 bytes under the active key, bound to `associated_data` and the key's id."""
        ...

    def unwrap(self, wrapped_key: WrappedKey, associated_data: bytes) -> bytes:
        """Return the 32 bytes.

        Raises:
            WrongKey: the key id is none that this provider holds.
            Tampered: the key is held, but the wrapped data key does not open with it.
        """
        ...


class LockableKeys(Protocol):
    """Keys that may be sealed under a passphrase. Every method raises `Conflict` where they are not."""

    def unlock(self, passphrase: Secret) -> None:
        """Open them. Raises `WrongPassphrase`, `KeysUnavailable`."""
        ...

    def check_lockable(self) -> None:
        """Do nothing where they are."""
        ...

    def lock(self) -> None:
        """Forget them until they are unlocked again."""
        ...


class RewrappingKeys(Protocol):
    """The keys of a data folder while this process, and no other, changes them."""

    @property
    def active_key_id(self) -> str:
        """The id of the key that wraps."""
        ...

    @property
    def held_key_ids(self) -> frozenset[str]:
        """The ids of all keys that are kept; more than one from the begin of a change to its end."""
        ...

    @property
    def unfinished(self) -> bool:
        """Whether a change was begun earlier and has not come to its end."""
        ...

    def begin(self) -> None:
        """Make a new key and let it wrap from now on, here and in every other process; the others still unwrap.

        Raises `KeysUnavailable`: it cannot be kept; nothing was changed.
        """
        ...

    def announce(self) -> None:
        """Tell every other process that there is a new key, unless they have been told. Raises `StorageFailed`."""
        ...

    def rewrap(self, envelope: bytes, associated_data: bytes) -> bytes:
        """Return the envelope with its data key under the active key.

        Raises:
            Tampered, WrongKey: as `rewrap_envelope`.
        """
        ...

    def finish(self, forget: frozenset[str]) -> tuple[str, ...]:
        """Keep these keys no longer, and nothing in a place that was left; returns what could not be cleaned up."""
        ...
