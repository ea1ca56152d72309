"""The keys of one data folder in this process: read when it starts, and again when another process has changed them."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from companion.core.entropy import Entropy
from companion.core.envelope import WrappedKey, passes_key_check, rewrap_envelope
from companion.core.errors import Conflict, KeysUnavailable, Locked, WrongKey
from companion.core.secret import Secret
from companion.keys import passphrase as passphrase_provider
from companion.keys.folder_file import FILE_NAME, Choice, read_choice, signature
from companion.keys.held import HeldKeys, LocalKeys
from companion.keys.places import Keeper, Places
from companion.keys.shared import SharedKeys, SharedPlace

# An id that nobody holds may stand in a damaged record; the keychain is not asked about it each time it is read.
_ASK_AGAIN_SECONDS = 2.0


class FolderKeys:
    """A `KeyProvider` that keeps up with what other processes do to the keys of its data folder.

    Before it wraps it looks whether `keys.json` was written since; where it meets the id of a key that it does not
    hold, it asks the place where the keys are kept. Keys that were rotated away it still unwraps with, as long as it
    lives.
    """

    def __init__(self, places: Places, choice: Choice, keeper: Keeper, *, entropy: Entropy) -> None:
        """Take over what `keys.json` said; nothing is read yet."""
        self._places = places
        self._choice = choice
        self._keeper = keeper
        self._entropy = entropy
        self._lock = threading.RLock()
        self._seen = signature(places.data_dir)
        self._local: LocalKeys | None = None
        self._asked_in_vain: dict[str, float] = {}
        self._shared: SharedKeys | None = None

    @property
    def name(self) -> str:
        """See `KeyProvider.name`."""
        return self._choice.provider

    @property
    def active_key_id(self) -> str:
        """See `KeyProvider.active_key_id`."""
        return self._held().active_key_id

    @property
    def held_key_ids(self) -> frozenset[str]:
        """The ids of all keys in memory."""
        return self._held().key_ids

    @property
    def places(self) -> Places:
        """Where keys can be kept, as the settings say."""
        return self._places

    @property
    def entropy(self) -> Entropy:
        """Where randomness comes from."""
        return self._entropy

    @property
    def shared(self) -> SharedKeys | None:
        """What the machines on one database share of the keys; None where nothing is shared."""
        return self._shared

    def share(self, there: SharedPlace) -> None:
        """Take over from now on what another machine does to the keys; tell what this one has, where nobody did yet.

        Raises:
            KeysUnavailable, StorageFailed: as `SharedKeys.bring`.
        """
        shared = SharedKeys(there, self._places)
        shared.publish_first(self._choice, self._keeper)
        self._shared = shared

    def keeper_of(self, choice: Choice) -> Keeper:
        """Return what keeps the keys of this choice; the one that is in use where it is the same."""
        return self._keeper if choice.provider == self._choice.provider else self._places.keeper(choice.provider)

    def load(self) -> None:
        """Read the keys from where they are kept, and prove that they are the right ones.

        Raises:
            KeysUnavailable, Locked: they cannot be reached, or are missing.
            WrongKey: they are not those of this data folder.
        """
        with self._lock:
            while True:
                try:
                    held = held_and_proven(self._keeper, self._choice, self._places.data_dir)
                    break
                except KeysUnavailable:
                    # What `keys.json` said when it was read may be over by now, and the keys of then gone.
                    if not self._read_choice_again():
                        raise
            earlier = self._local.held.keys if self._local is not None else {}
            self._local = LocalKeys(
                self._choice.provider, HeldKeys(held.active, {**earlier, **held.keys}), entropy=self._entropy
            )

    def wrap(self, data_key: bytes, associated_data: bytes) -> WrappedKey:
        """See `KeyProvider.wrap`."""
        if signature(self._places.data_dir) != self._seen:
            self._catch_up()
        return self._held().wrap(data_key, associated_data)

    def unwrap(self, wrapped_key: WrappedKey, associated_data: bytes) -> bytes:
        """See `KeyProvider.unwrap`."""
        local = self._held()
        if wrapped_key.key_id not in local.key_ids:
            local = self._after_asking_for(wrapped_key.key_id)
        return local.unwrap(wrapped_key, associated_data)

    def unlock(self, passphrase: Secret) -> None:
        """Read the keys that are sealed under a passphrase.

        Raises:
            WrongPassphrase: it is another one; what was unlocked stays so.
            Conflict: the keys are kept elsewhere.
            KeysUnavailable, WrongKey: they are damaged, missing, or another folder's.
        """
        with self._lock:
            self._read_choice_again()
            self._refuse_without_passphrase("unlock")
            self._places.passphrase_file.unlock(passphrase, self._choice.folder_id)
            self.load()

    def check_lockable(self) -> None:
        """Raise `Conflict` where the keys are not sealed under a passphrase."""
        self._refuse_without_passphrase("lock")

    def lock(self) -> None:
        """Forget the keys until `unlock`. Raises `Conflict`: they are not sealed under a passphrase."""
        with self._lock:
            self._refuse_without_passphrase("lock")
            self._places.passphrase_file.lock()
            self._local = None

    def _refuse_without_passphrase(self, what: str) -> None:
        if self._choice.provider != passphrase_provider.NAME:
            raise Conflict(
                f"There is nothing to {what}.",
                why=f"The key provider of this data folder is `{self._choice.provider}`, which has no passphrase.",
                next_step="Nothing. `companion keys status` says where the key is.",
            )

    def rewrap(self, envelope: bytes, associated_data: bytes) -> bytes:
        """Return the envelope with its data key under the key that is active now; see `rewrap_envelope`.

        Raises:
            KeysUnavailable: that one is on another machine alone.
        """
        if self._shared is not None:
            self._shared.bring()
        return rewrap_envelope(envelope, unwrap=self.unwrap, wrap=self.wrap, associated_data=associated_data)

    def _held(self) -> LocalKeys:
        local = self._local
        if local is None:
            raise Locked("The keys are locked.", next_step="Unlock them with `companion unlock`, then try again.")
        return local

    def _catch_up(self) -> None:
        with self._lock:
            before = self._seen
            if self._read_choice_again():
                try:
                    self.load()
                except BaseException as failure:
                    self._seen = before  # so that the next one tries again
                    if isinstance(failure, Locked):
                        self._local = None  # the passphrase was changed
                    raise

    def _read_choice_again(self) -> bool:
        """Read `keys.json` if it was written since; says whether it was."""
        seen = signature(self._places.data_dir)
        if seen == self._seen:
            return False
        choice = read_choice(self._places.data_dir)
        if choice is None or choice.folder_id != self._choice.folder_id:
            raise KeysUnavailable(
                f"The {FILE_NAME} of the data folder {self._places.data_dir} was taken away while it is in use.",
                next_step="Put it back, and start this again.",
            )
        self._keeper = self.keeper_of(choice)
        self._choice, self._seen = choice, seen
        return True

    def _after_asking_for(self, key_id: str) -> LocalKeys:
        with self._lock:
            local = self._held()
            now = time.monotonic()
            if (
                key_id in local.key_ids
                or now - self._asked_in_vain.get(key_id, -_ASK_AGAIN_SECONDS) < _ASK_AGAIN_SECONDS
            ):
                return local
            if self._shared is not None:
                self._shared.bring(key_id)
            self._catch_up()
            if key_id not in self._held().key_ids:
                self.load()  # a change that has begun, and has not told so in `keys.json` yet
            if key_id not in self._held().key_ids:
                self._asked_in_vain = {**dict(list(self._asked_in_vain.items())[-100:]), key_id: now}
            return self._held()


def held_and_proven(keeper: Keeper, choice: Choice, data_dir: Path) -> HeldKeys:
    """Return the keys of a data folder as they are kept, after the key-check record has opened with one of them.

    Raises:
        KeysUnavailable, Locked: they cannot be reached, or are missing.
        WrongKey: they are not those of this data folder.
    """
    held = keeper.load(choice.folder_id)
    if held is None:
        place = f" ({keeper.place})" if keeper.place else ""
        raise KeysUnavailable(
            f"The key of the data folder {data_dir} is missing.",
            why=f"The key provider `{choice.provider}`{place} has no key for it. "
            "No new one was made: it would open nothing.",
            next_step="Bring the key back (the keychain or key file of the user and machine that made this folder), "
            "or use another data folder.",
        )
    try:
        unwrap = LocalKeys(choice.provider, held).unwrap
        right = passes_key_check(choice.key_check, folder_id=choice.folder_id, unwrap=unwrap)
    except WrongKey:
        right = False
    if not right:
        raise WrongKey(
            f"The key that was found is not the one of the data folder {data_dir}.",
            why=f"The key-check record in its {FILE_NAME} does not open with it. Nothing was changed.",
            next_step="Bring back the key under which this folder was made, or use another data folder.",
        )
    return held
