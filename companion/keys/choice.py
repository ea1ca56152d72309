"""Which key provider a data folder uses: chosen once, when the folder is made, and written there.

`keys.json` in the data folder holds the choice, the folder's random id, and the key-check record by which a wrong key
is noticed before anything is opened or written. Nothing here is ever chosen again by itself: a key that cannot be
reached is an error, not a reason for another key or another place.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from companion.core.entropy import Entropy
from companion.core.envelope import envelope_from_bytes, key_check_record
from companion.core.errors import InvalidSetting, KeysUnavailable, Locked, StorageFailed, WrongPassphrase
from companion.core.passphrases import checked_new_passphrase
from companion.core.secret import Secret
from companion.keys import key_file as file_provider
from companion.keys import keychain as keychain_provider
from companion.keys import passphrase as passphrase_provider
from companion.keys.folder_file import FILE_NAME, LOCK_NAME, Choice, read_choice, write_choice
from companion.keys.folder_keys import FolderKeys
from companion.keys.held import LocalKeys, new_keys
from companion.keys.keychain import Keychain, Usable
from companion.keys.passphrase import PassphraseFile
from companion.keys.places import Keeper, Places
from companion.keys.shared import SharedKeys, SharedPlace
from companion.private_files import FILE_MODE, make_private_folder

_LOCK_SECONDS = 60


@dataclass(frozen=True)
class OpenedKeys:
    """The keys of a data folder, proven to be the right ones.

    Attributes:
        provider: wraps and unwraps data keys.
        folder_id: the data folder's own id.
        created: the folder was made just now.
        notice: what a user must be told now, loudly; None where there is nothing.
    """

    provider: FolderKeys
    folder_id: str
    created: bool
    notice: str | None


class AskPassphrase(Protocol):
    """Asks whoever is there for a passphrase."""

    def __call__(self, *, new: bool, again: bool) -> Secret | None:
        """Return a passphrase, None where nobody can be asked.

        Args:
            new: one that is to be chosen, so it is asked for twice.
            again: the one given before was wrong; None ends it.
        """
        ...


def _nobody(*, new: bool, again: bool) -> Secret | None:
    del new, again
    return None


def open_keys(
    data_dir: Path,
    *,
    wanted: str | None,
    key_file: Path,
    entropy: Entropy = os.urandom,
    keychain: Keychain | None = None,
    kms_key: str | None = None,
    ask: AskPassphrase | None = None,
    may_be_locked: bool = False,
    shared: SharedPlace | None = None,
) -> OpenedKeys:
    """Open the keys of a data folder; make folder, choice and key where the folder is new.

    Args:
        wanted: `COMPANION_KEY_PROVIDER`, None where it is not set: then a new folder takes the keychain, and the key
            file only where the machine has no keychain at all.
        key_file: `COMPANION_KEY_FILE`; outside the data folder.
        keychain: the machine's own by default.
        kms_key: `COMPANION_AWS_KMS_KEY`: what is to seal the keys, where `aws-kms` is wanted.
        ask: gives the passphrase, where the provider is `passphrase`.
        may_be_locked: without a passphrase, return the keys locked; else that is an error.
        shared: where several machines share what they must know of the keys; this one takes it over first. A new data
            folder becomes one of theirs.

    Raises:
        WrongPassphrase: as its name says.
        InvalidSetting: the settings name another provider than the folder's, or a key file inside the folder.
        KeysUnavailable, Locked: the keys cannot be reached, or are missing for a folder that has been used.
        WrongKey: a key was found, but not the one of this folder. Nothing was overwritten.
        StorageFailed: the data folder cannot be read or written.
    """
    passphrase_file = PassphraseFile(data_dir / passphrase_provider.FILE_NAME, entropy=entropy)
    places = Places(data_dir, key_file, keychain or Keychain(), passphrase_file, kms_key)
    ask = ask or _nobody
    try:
        make_private_folder(data_dir)
        if shared is not None:
            SharedKeys(shared, places).bring()
        choice = read_choice(data_dir)
        if choice is None:
            choice, created = _choose(places, wanted, entropy, ask)
        else:
            created = False
    except OSError as failure:
        raise StorageFailed(
            f"The data folder {data_dir} could not be used.",
            why=f"{failure.strerror or failure}.",
            next_step="Check that it belongs to you and is not read-only, or set COMPANION_DATA_DIR to another one.",
        ) from None
    if wanted is not None and wanted != choice.provider:
        raise InvalidSetting(
            f"COMPANION_KEY_PROVIDER is `{wanted}`, but this data folder uses `{choice.provider}`.",
            why="A data folder's key provider is chosen once, when the folder is made.",
            next_step="Unset COMPANION_KEY_PROVIDER, or take `key_provider` out of config.toml if that sets it; "
            f"`companion keys rewrap --to {wanted}` moves the key of this folder there.",
        )
    provider = FolderKeys(places, choice, places.keeper(choice.provider), entropy=entropy)
    if choice.provider == passphrase_provider.NAME and not created:
        _unlock(provider, ask, may_be_locked=may_be_locked)
    else:
        provider.load()
    notice = _notice_of(choice, key_file) if created else None
    return OpenedKeys(provider, choice.folder_id, created, notice)


def _unlock(keys: FolderKeys, ask: AskPassphrase, *, may_be_locked: bool) -> None:
    passphrase = ask(new=False, again=False)
    if passphrase is None and not may_be_locked:
        keys.load()  # which says why not
    while passphrase is not None:
        try:
            keys.unlock(passphrase)
        except WrongPassphrase:
            passphrase = ask(new=False, again=True)
            if passphrase is None:
                raise
        else:
            return


def choose_passphrase(places: Places, ask: AskPassphrase) -> None:
    """Ask for a new passphrase, and let it seal what is kept from now on.

    Raises:
        Locked: nobody can be asked.
        InvalidInput: it is too short.
    """
    passphrase = ask(new=True, again=False)
    if passphrase is None:
        raise Locked(
            "A passphrase has to be chosen, and nobody can be asked for one.",
            next_step="Run this on a terminal, or set COMPANION_PASSPHRASE.",
        )
    places.passphrase_file.choose(checked_new_passphrase(passphrase))


@dataclass(frozen=True)
class Glance:
    """What a data folder says of its keys, without any of them.

    Attributes:
        key_id: of the key that was active when `keys.json` was written.
        left: provider and place of the keys before a move that has not come to its end; None where there is none.
        notice: as `standing_notice`.
    """

    provider: str
    key_id: str
    left: tuple[str, str] | None
    notice: str | None


def glance_at_keys(data_dir: Path, *, key_file: Path) -> Glance | None:
    """Return what the data folder says of its keys; None where there is no such folder yet. Opens and makes nothing.

    Raises:
        KeysUnavailable, StorageFailed: as `standing_notice`.
    """
    choice = _readable_choice(data_dir)
    if choice is None:
        return None
    key_id = envelope_from_bytes(choice.key_check).wrapped_key.key_id
    return Glance(choice.provider, key_id, choice.left, _notice_of(choice, key_file))


def standing_notice(data_dir: Path, *, key_file: Path) -> str | None:
    """Return what a user must know, for as long as it is so, about where the key of a data folder is; opens nothing.

    Raises:
        KeysUnavailable: the folder's choice cannot be read.
        StorageFailed: the data folder cannot be read.
    """
    choice = _readable_choice(data_dir)
    return None if choice is None else _notice_of(choice, key_file)


def _readable_choice(data_dir: Path) -> Choice | None:
    try:
        return read_choice(data_dir)
    except OSError as failure:
        raise StorageFailed(
            f"{data_dir / FILE_NAME} could not be read: {failure.strerror or type(failure).__name__}.",
            next_step="Check that it belongs to you.",
        ) from None


def _notice_of(choice: Choice, key_file: Path) -> str | None:
    return file_provider.notice_of(key_file) if choice.provider == file_provider.NAME else None


def _choose(places: Places, wanted: str | None, entropy: Entropy, ask: AskPassphrase) -> tuple[Choice, bool]:
    from filelock import FileLock, Timeout

    data_dir = places.data_dir
    try:
        with FileLock(data_dir / LOCK_NAME, timeout=_LOCK_SECONDS, mode=FILE_MODE):
            choice = read_choice(data_dir)
            if choice is not None:  # another process started first, and chose
                return choice, False
            if any(file.stat().st_size for file in data_dir.glob("*.sqlite3")):
                raise KeysUnavailable(
                    f"The data folder {data_dir} has a database, but its {FILE_NAME} is missing.",
                    why="That file says where the key of this folder is. A new key would open nothing.",
                    next_step=f"Put {FILE_NAME} back from a backup, or use another data folder.",
                )
            name = _provider_of_this_machine(wanted, places.keychain, entropy)
            keeper = places.keeper(name)
            if name == passphrase_provider.NAME:
                choose_passphrase(places, ask)
            return _make(data_dir, keeper, entropy), True
    except Timeout:
        raise KeysUnavailable(
            f"The keys of the data folder {data_dir} are being made by another process.", next_step="Try again."
        ) from None


def _provider_of_this_machine(wanted: str | None, keychain: Keychain, entropy: Entropy) -> str:
    if wanted not in {None, keychain_provider.NAME}:
        return str(wanted)
    if keychain.probe(entropy) is Usable.YES:
        return keychain_provider.NAME
    if wanted is None:
        return file_provider.NAME
    raise KeysUnavailable(
        "COMPANION_KEY_PROVIDER is `keyring`, and this machine has no keychain that can be reached.",
        next_step="Start a session that has one, or accept a key file with COMPANION_KEY_PROVIDER=file.",
    )


def _make(data_dir: Path, keeper: Keeper, entropy: Entropy) -> Choice:
    folder_id = entropy(16).hex()
    held = new_keys(entropy)
    record = key_check_record(folder_id=folder_id, wrap=LocalKeys(keeper.name, held).wrap, entropy=entropy)
    choice = Choice(keeper.name, folder_id, record)
    keeper.store(folder_id, held)
    try:
        if keeper.load(folder_id) != held:
            raise KeysUnavailable(
                f"The key provider `{keeper.name}` did not keep the new key.",
                next_step="Try again, or choose another provider with COMPANION_KEY_PROVIDER.",
            )
        write_choice(data_dir, choice, is_new=True)
    except BaseException:
        keeper.remove(folder_id)  # nothing is sealed under it yet
        raise
    return choice
