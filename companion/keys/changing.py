"""Changes the keys of a data folder: a new key, by one process at a time, in steps after each of which it can stop.

1. A new key is kept beside the old one and is the active one; both unwrap.
2. `keys.json` is written with a key-check record under the new key. Whoever uses the keys sees that before it wraps.
3. The records are rewrapped: `companion.service.rotate_keys`.
4. Keys under which nothing is any more are kept no longer.

A move to another provider differs in this: the new key, and the old one with it, are kept at the new place, and with
step 2 `keys.json` leads there; from then on the old place is not needed, and at the end nothing is kept in it.

Where several machines share one database, each of these is told there before it is written here, and one machine at a
time changes keys: `companion.keys.shared`.

Where a process was killed, the next one finds more than one key kept, and goes on with step 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from companion.core.entropy import Entropy
from companion.core.envelope import envelope_from_bytes, key_check_record, rewrap_envelope
from companion.core.errors import Conflict, KeysUnavailable, StorageFailed
from companion.core.secret import Secret
from companion.keys.aws_kms import KmsFile
from companion.keys.folder_file import LOCK_NAME, Choice, read_choice, write_choice
from companion.keys.folder_keys import FolderKeys, held_and_proven
from companion.keys.held import HeldKeys, LocalKeys, with_new_key, without_keys
from companion.keys.passphrase import PassphraseFile
from companion.keys.places import Keeper, Places
from companion.keys.shared import SharedKeys, sealed_content
from companion.private_files import FILE_MODE


class ChangingKeys:
    """`RewrappingKeys` of a data folder; made by `changing_keys`."""

    def __init__(
        self,
        places: Places,
        choice: Choice,
        keeper: Keeper,
        held: HeldKeys,
        entropy: Entropy,
        shared: SharedKeys | None = None,
    ) -> None:
        """Take over what is kept, which was proven to be right.

        Args:
            shared: is told of every change before it is made here.
        """
        self._shared = shared
        self._places = places
        self._choice = choice
        self._keeper = keeper
        self._held = held
        self._entropy = entropy
        self._local = LocalKeys(choice.provider, held, entropy=entropy)

    @property
    def provider(self) -> str:
        """The provider that keeps the keys now."""
        return self._choice.provider

    @property
    def active_key_id(self) -> str:
        """See `RewrappingKeys.active_key_id`."""
        return self._held.active

    @property
    def held_key_ids(self) -> frozenset[str]:
        """See `RewrappingKeys.held_key_ids`."""
        return frozenset(self._held.keys)

    @property
    def unfinished(self) -> bool:
        """See `RewrappingKeys.unfinished`."""
        return len(self._held.keys) > 1 or self._choice.left is not None

    def begin(self) -> None:
        """See `RewrappingKeys.begin`."""
        self._keep(with_new_key(self._held, self._entropy))

    def begin_move(self, provider: str) -> None:
        """Make a new key and keep it, with the old ones until the end, at another provider.

        Raises:
            Conflict: they are kept there already.
            KeysUnavailable: they cannot be kept there; nothing was changed.
        """
        if provider == self._choice.provider:
            raise Conflict(
                f"The keys of this data folder are kept by `{provider}` already.",
                next_step="Make a new key there: companion keys rotate",
            )
        target = self._places.keeper(provider)
        held = with_new_key(self._held, self._entropy)
        folder_id = self._choice.folder_id
        target.replace(folder_id, held)  # in place of what an earlier move may have left there before it counted
        if target.load(folder_id) != held:
            raise KeysUnavailable(
                f"The key provider `{provider}` did not keep the new key.", next_step="Try again, or choose another."
            )
        left = (self._choice.provider, self._keeper.place)
        self._keeper, self._held = target, held
        self._local = LocalKeys(provider, held, entropy=self._entropy)
        self._write(Choice(provider, folder_id, self._new_key_check(), left))

    def begin_with_passphrase(self, passphrase: Secret) -> None:
        """Make a new key, and seal all under a new passphrase. Raises `KeysUnavailable`: nothing was changed."""
        self._places.passphrase_file.choose(passphrase)
        self.begin()

    def rewrap(self, envelope: bytes, associated_data: bytes) -> bytes:
        """See `RewrappingKeys.rewrap`."""
        return rewrap_envelope(
            envelope, unwrap=self._local.unwrap, wrap=self._local.wrap, associated_data=associated_data
        )

    def announce(self) -> None:
        """Write a key-check record under the active key into `keys.json`, unless it is under that already."""
        if envelope_from_bytes(self._choice.key_check).wrapped_key.key_id != self._held.active:
            self._write(replace(self._choice, key_check=self._new_key_check()))

    def finish(self, forget: frozenset[str]) -> tuple[str, ...]:
        """See `RewrappingKeys.finish`."""
        self._keep(without_keys(self._held, forget))
        left = self._choice.left
        if left is None:
            return ()
        provider, place = left
        try:
            self._places.keeper(provider, place).remove(self._choice.folder_id)
        except KeysUnavailable as unavailable:
            told = (
                f"The old key is still kept by `{provider}`{f' in {place}' if place else ''}, which cannot be reached "
                f"now. {unavailable.explained.why} Run `companion keys rotate` when it can be."
            )
            return (told,)
        self._write(replace(self._choice, left=None))
        return ()

    def _keep(self, held: HeldKeys) -> None:
        if held != self._held:
            self._replace(held)
        self._held = held
        self._local = LocalKeys(self._choice.provider, held, entropy=self._entropy)

    def _replace(self, held: HeldKeys) -> None:
        folder_id, keeper = self._choice.folder_id, self._keeper
        if self._shared is not None and isinstance(keeper, PassphraseFile | KmsFile):
            content = keeper.sealed(folder_id, held)
            self._shared.publish(self._choice, content)
            keeper.put(content)
        else:
            keeper.replace(folder_id, held)

    def _new_key_check(self) -> bytes:
        return key_check_record(folder_id=self._choice.folder_id, wrap=self._local.wrap, entropy=self._entropy)

    def _write(self, choice: Choice) -> None:
        if self._shared is not None:
            self._shared.publish(choice, sealed_content(self._keeper))
        try:
            write_choice(self._places.data_dir, choice, is_new=False)
        except OSError as failure:
            raise StorageFailed(
                f"The data folder {self._places.data_dir} could not be written: {failure.strerror or failure}.",
                next_step="Free some space or make it writable, and run the same command again: it goes on from here.",
            ) from None
        self._choice = choice


@contextmanager
def changing_keys(keys: FolderKeys) -> Iterator[ChangingKeys]:
    """Let this process, and no other, change the keys of a data folder.

    Raises:
        Conflict: another process, or another machine on the same database, is changing them.
        KeysUnavailable, WrongKey: as `FolderKeys.load`.
    """
    shared = keys.shared
    with ExitStack() as stack:
        if shared is not None:
            stack.enter_context(shared.changing())
            shared.bring()  # a change that another machine began goes on here, and none begins from an older one
        stack.enter_context(_only_here(keys))
        places = keys.places
        choice = read_choice(places.data_dir)
        assert choice is not None  # noqa: S101  the keys were opened
        keeper = keys.keeper_of(choice)
        held = held_and_proven(keeper, choice, places.data_dir)
        yield ChangingKeys(places, choice, keeper, held, keys.entropy, shared)


@contextmanager
def _only_here(keys: FolderKeys) -> Iterator[None]:
    from filelock import FileLock, Timeout

    places = keys.places
    lock = FileLock(places.data_dir / LOCK_NAME, mode=FILE_MODE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Conflict(
            f"The keys of the data folder {places.data_dir} are being changed by another process.",
            next_step="Wait until that has finished.",
        ) from None
    except OSError as failure:
        raise StorageFailed(
            f"The data folder {places.data_dir} could not be written: {failure.strerror or failure}.",
            next_step="Check that it belongs to you and is not read-only.",
        ) from None
    try:
        yield
    finally:
        lock.release()
