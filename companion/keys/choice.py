"""Which key provider a data folder uses: chosen once, when the folder is made, and written there.

`keys.json` in the data folder holds the choice, the folder's random id, and the key-check record by which a wrong key
is noticed before anything is opened or written. Nothing here is ever chosen again by itself: a key that cannot be
reached is an error, not a reason for another key or another place.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from companion.core.entropy import Entropy
from companion.core.envelope import key_check_record, passes_key_check
from companion.core.errors import InvalidSetting, KeysUnavailable, StorageFailed, WrongKey
from companion.keys import key_file as file_provider
from companion.keys import keychain as keychain_provider
from companion.keys.held import HeldKeys, LocalKeys, new_keys
from companion.keys.key_file import KeyFile
from companion.keys.keychain import Keychain, Usable
from companion.ports import KeyProvider
from companion.private_files import FILE_MODE, create_private_file, make_private_folder

FILE_NAME = "keys.json"

_FORMAT = 1
_LOCK_SECONDS = 60
_FOLDER_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class OpenedKeys:
    """The keys of a data folder, proven to be the right ones.

    Attributes:
        provider: wraps and unwraps data keys.
        folder_id: the data folder's own id.
        created: the folder was made just now.
        notice: what a user must be told now, loudly; None where there is nothing.
    """

    provider: KeyProvider
    folder_id: str
    created: bool
    notice: str | None


class _Keeper(Protocol):
    @property
    def name(self) -> str: ...
    def load(self, folder_id: str) -> HeldKeys | None: ...
    def store(self, folder_id: str, held: HeldKeys) -> None: ...
    def remove(self, folder_id: str) -> None: ...


@dataclass(frozen=True)
class _Choice:
    provider: str
    folder_id: str
    key_check: bytes


def open_keys(
    data_dir: Path,
    *,
    wanted: str | None,
    key_file: Path,
    entropy: Entropy = os.urandom,
    keychain: Keychain | None = None,
) -> OpenedKeys:
    """Open the keys of a data folder; make folder, choice and key where the folder is new.

    Args:
        wanted: `COMPANION_KEY_PROVIDER`, None where it is not set: then a new folder takes the keychain, and the key
            file only where the machine has no keychain at all.
        key_file: `COMPANION_KEY_FILE`; outside the data folder.
        keychain: the machine's own by default.

    Raises:
        InvalidSetting: the settings name another provider than the folder's, or a key file inside the folder.
        KeysUnavailable, Locked: the keys cannot be reached, or are missing for a folder that has been used.
        WrongKey: a key was found, but not the one of this folder. Nothing was overwritten.
        StorageFailed: the data folder cannot be read or written.
    """
    keychain = keychain or Keychain()
    try:
        make_private_folder(data_dir)
        choice = _read(data_dir)
        if choice is None:
            choice, created = _choose(data_dir, wanted, key_file, entropy, keychain)
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
            next_step=f"Unset COMPANION_KEY_PROVIDER or set it to `{choice.provider}`; or use another data folder.",
        )
    provider = _opened(choice, _keeper(choice.provider, data_dir, key_file, keychain), data_dir, entropy)
    notice = _notice_of(choice, key_file) if created else None
    return OpenedKeys(provider, choice.folder_id, created, notice)


def standing_notice(data_dir: Path, *, key_file: Path) -> str | None:
    """Return what a user must know, for as long as it is so, about where the key of a data folder is; opens nothing.

    Raises:
        KeysUnavailable: the folder's choice cannot be read.
        StorageFailed: the data folder cannot be read.
    """
    try:
        choice = _read(data_dir)
    except OSError as failure:
        raise StorageFailed(
            f"{data_dir / FILE_NAME} could not be read: {failure.strerror or type(failure).__name__}.",
            next_step="Check that it belongs to you.",
        ) from None
    return None if choice is None else _notice_of(choice, key_file)


def _notice_of(choice: _Choice, key_file: Path) -> str | None:
    return file_provider.notice_of(key_file) if choice.provider == file_provider.NAME else None


def _choose(
    data_dir: Path, wanted: str | None, key_file: Path, entropy: Entropy, keychain: Keychain
) -> tuple[_Choice, bool]:
    from filelock import FileLock, Timeout

    try:
        with FileLock(data_dir / ".keys.lock", timeout=_LOCK_SECONDS, mode=FILE_MODE):
            choice = _read(data_dir)
            if choice is not None:  # another process started first, and chose
                return choice, False
            if any(file.stat().st_size for file in data_dir.glob("*.sqlite3")):
                raise KeysUnavailable(
                    f"The data folder {data_dir} has a database, but its {FILE_NAME} is missing.",
                    why="That file says where the key of this folder is. A new key would open nothing.",
                    next_step=f"Put {FILE_NAME} back from a backup, or use another data folder.",
                )
            name = _provider_of_this_machine(wanted, keychain, entropy)
            return _make(data_dir, _keeper(name, data_dir, key_file, keychain), entropy), True
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


def _make(data_dir: Path, keeper: _Keeper, entropy: Entropy) -> _Choice:
    folder_id = entropy(16).hex()
    held = new_keys(entropy)
    record = key_check_record(folder_id=folder_id, wrap=LocalKeys(keeper.name, held).wrap, entropy=entropy)
    choice = _Choice(keeper.name, folder_id, record)
    keeper.store(folder_id, held)
    try:
        if keeper.load(folder_id) != held:
            raise KeysUnavailable(
                f"The key provider `{keeper.name}` did not keep the new key.",
                next_step="Try again, or choose another provider with COMPANION_KEY_PROVIDER.",
            )
        content = {
            "format": _FORMAT,
            "folder_id": folder_id,
            "provider": keeper.name,
            "key_check": base64.b64encode(record).decode(),
        }
        create_private_file(data_dir / FILE_NAME, json.dumps(content, indent=1).encode())
    except BaseException:
        keeper.remove(folder_id)  # nothing is sealed under it yet
        raise
    return choice


def _opened(choice: _Choice, keeper: _Keeper, data_dir: Path, entropy: Entropy) -> KeyProvider:
    held = keeper.load(choice.folder_id)
    if held is None:
        raise KeysUnavailable(
            f"The key of the data folder {data_dir} is missing.",
            why=f"The key provider `{choice.provider}`{_place_of(keeper)} has no key for it. "
            "No new one was made: it would open nothing.",
            next_step="Bring the key back (the keychain or key file of the user and machine that made this folder), "
            "or use another data folder.",
        )
    provider = LocalKeys(choice.provider, held, entropy=entropy)
    try:
        right = passes_key_check(choice.key_check, folder_id=choice.folder_id, unwrap=provider.unwrap)
    except WrongKey:
        right = False
    if not right:
        raise WrongKey(
            f"The key that was found is not the one of the data folder {data_dir}.",
            why=f"The key-check record in its {FILE_NAME} does not open with it. Nothing was changed.",
            next_step="Bring back the key under which this folder was made, or use another data folder.",
        )
    return provider


def _place_of(keeper: _Keeper) -> str:
    return f" ({keeper.path})" if isinstance(keeper, KeyFile) else ""


def _keeper(name: str, data_dir: Path, key_file: Path, keychain: Keychain) -> _Keeper:
    if name == keychain_provider.NAME:
        return keychain
    if name != file_provider.NAME:
        raise InvalidSetting(
            f"There is no key provider `{name}`.", next_step="Set COMPANION_KEY_PROVIDER to `keyring` or `file`."
        )
    if key_file.resolve().is_relative_to(data_dir.resolve()):
        raise InvalidSetting(
            "The key file is inside the data folder.",
            why="A copy of the folder would then be a copy of the key, too.",
            next_step="Set COMPANION_KEY_FILE to a place outside the data folder, or unset it.",
        )
    return KeyFile(key_file)


def _read(data_dir: Path) -> _Choice | None:
    file = data_dir / FILE_NAME
    try:
        content: Any = json.loads(file.read_bytes())
        choice = _Choice(
            content["provider"], content["folder_id"], base64.b64decode(content["key_check"], validate=True)
        )
        sound = content["format"] == _FORMAT and isinstance(choice.provider, str)
        sound = sound and _FOLDER_ID.fullmatch(choice.folder_id) is not None
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
        sound = False
    if not sound:
        raise KeysUnavailable(
            f"{file} cannot be read.",
            why="It is damaged, or was written by a newer version of this program.",
            next_step="Put it back from a backup. Nothing was changed.",
        )
    return choice
