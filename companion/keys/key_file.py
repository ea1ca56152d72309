"""The key provider `file`: keys in a JSON file of this user, for machines without a keychain.

One file serves several data folders, each under its own id, so that a second data folder never takes the first one's
key for its own.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from companion.core.errors import KeysUnavailable
from companion.keys.held import HeldKeys, keys_from_text, keys_to_text
from companion.private_files import (
    FILE_MODE,
    create_private_file,
    make_missing_folders,
    replace_private_file,
)

NAME = "file"

_FORMAT = 1
_MAX_BYTES = 1024 * 1024
_LOCK_SECONDS = 30


def notice_of(path: Path) -> str:
    """Return what a user must know who relies on a key file."""
    return (
        f"The key that opens the stored credentials is kept in the file {path}. It is readable by your user only, but "
        "not protected by a password or keychain: whoever can read your files, or a backup that holds both this file "
        "and the data folder, can open the credentials. Back the file up apart from the data folder; without it "
        "nothing opens."
    )


@dataclass(frozen=True)
class KeyFile:
    """The file at `path`."""

    path: Path

    @property
    def name(self) -> str:
        """The name of the provider."""
        return NAME

    @property
    def place(self) -> str:
        """The file."""
        return str(self.path)

    def load(self, folder_id: str) -> HeldKeys | None:
        """Return the keys of a data folder, None where the file is missing or has none for it.

        Raises:
            KeysUnavailable: the file cannot be read, others could read or change it, or it is damaged.
        """
        text = self._folders().get(folder_id)
        return None if text is None else keys_from_text(text, where=str(self.path))

    def store(self, folder_id: str, held: HeldKeys) -> None:
        """Add the keys of a new data folder; those of others stay.

        Raises:
            KeysUnavailable: the file cannot be written, or there are keys for this folder already.
        """
        self._change(folder_id, keys_to_text(held), only_new=True)

    def replace(self, folder_id: str, held: HeldKeys) -> None:
        """Keep these keys in place of those the data folder has here. Raises `KeysUnavailable`."""
        self._change(folder_id, keys_to_text(held))

    def remove(self, folder_id: str) -> None:
        """Forget the keys of a data folder, and the file where no other has keys in it. Raises `KeysUnavailable`."""
        self._change(folder_id, None)

    def _change(self, folder_id: str, text: str | None, *, only_new: bool = False) -> None:
        from filelock import FileLock, Timeout

        try:
            make_missing_folders(self.path.parent)
            with FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=_LOCK_SECONDS, mode=FILE_MODE):
                is_new = not os.path.lexists(self.path)
                folders = self._folders()
                if text is None:
                    if folders.pop(folder_id, None) is None:
                        return
                elif folders.get(folder_id) == text:
                    return
                elif only_new and folder_id in folders:
                    raise self._unavailable("It has a key for this data folder already.", "Choose another data folder.")
                if text is not None:
                    folders[folder_id] = text
                if not folders:
                    self.path.unlink()
                    return
                write = create_private_file if is_new else replace_private_file
                write(self.path, json.dumps({"format": _FORMAT, "folders": folders}, indent=1).encode())
        except Timeout:
            raise self._unavailable("Another process holds it.", "Try again when that has finished.") from None
        except OSError as failure:
            raise self._unreadable(failure) from None

    def _folders(self) -> dict[str, str]:
        content = self._read()
        if content is None:
            return {}
        try:
            whole = json.loads(content)
            folders = whole["folders"]
            sound = whole["format"] == _FORMAT and all(isinstance(text, str) for text in folders.values())
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            sound, folders = False, {}
        if not sound:
            raise self._unavailable(
                "It is damaged, or was written by a newer version of this program.",
                "Put it back from a backup. Nothing was changed.",
            )
        return dict(folders)

    def _read(self) -> bytes | None:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            if self.path.is_symlink():
                raise self._unavailable(
                    "It is a symbolic link, so it may lead to where others can write.",
                    "Put the file itself there, or set COMPANION_KEY_FILE to where it is.",
                )
            descriptor = os.open(self.path, flags)
        except FileNotFoundError:
            return None
        except OSError as failure:
            raise self._unreadable(failure) from None
        with os.fdopen(descriptor, "rb") as file:
            self._refuse_if_exposed(os.fstat(descriptor))
            try:
                return file.read(_MAX_BYTES)
            except OSError as failure:
                raise self._unreadable(failure) from None

    def _refuse_if_exposed(self, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise self._unavailable("It is not a file.", "Set COMPANION_KEY_FILE to where the key file is.")
        if sys.platform == "win32":
            return
        if status.st_uid != os.geteuid():
            raise self._unavailable(
                "It belongs to another user.", "Use a key file of your own, or the user it belongs to."
            )
        if status.st_mode & 0o077:
            raise self._unavailable(
                f"Other users can read or change it: its mode is {stat.S_IMODE(status.st_mode):04o}.",
                f"If you trust what is in it, make it yours alone with `chmod 600 {self.path}`.",
            )

    def _unreadable(self, failure: OSError) -> KeysUnavailable:
        return self._unavailable(
            f"{failure.strerror or 'It cannot be read'}.",
            "Check the file and its folder, or set COMPANION_KEY_FILE to where it is.",
        )

    def _unavailable(self, why: str, next_step: str) -> KeysUnavailable:
        return KeysUnavailable(f"The key file {self.path} cannot be used.", why=why, next_step=next_step)
