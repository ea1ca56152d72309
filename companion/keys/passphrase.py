"""The key provider `passphrase`: keys in a file of the data folder, sealed under a key that a passphrase gives."""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path
from typing import Any

from companion.core.entropy import Entropy
from companion.core.envelope import key_file_associated_data, seal, unseal
from companion.core.errors import KeysUnavailable, Locked, Tampered
from companion.core.passphrases import (
    COST,
    Cost,
    Derivation,
    DerivedKey,
    derivation_from_document,
    key_from,
    new_key_from,
)
from companion.core.secret import Secret
from companion.keys.held import HeldKeys, keys_from_text, keys_to_text
from companion.private_files import create_private_file, replace_private_file

NAME = "passphrase"
FILE_NAME = "passphrase-keys.json"

_FORMAT = 1


class PassphraseFile:
    """The file, and in memory the key that opens it while it is unlocked."""

    def __init__(self, file: Path, *, entropy: Entropy, cost: Cost = COST) -> None:
        """Take over the file; nothing is read yet.

        Args:
            cost: of a new key, and what an older one is upgraded to.
        """
        self._file = file
        self._entropy = entropy
        self._cost = cost
        self._derived: DerivedKey | None = None

    @property
    def name(self) -> str:
        """The name of the provider."""
        return NAME

    @property
    def place(self) -> str:
        """Nowhere else: the file is in the data folder."""
        return ""

    def choose(self, passphrase: Secret) -> None:
        """Let a new passphrase open what is stored from now on. Nothing is written yet."""
        self._derived = new_key_from(passphrase, entropy=self._entropy, cost=self._cost)

    def unlock(self, passphrase: Secret, folder_id: str) -> None:
        """Let the file be opened from now on.

        A key that costs less to try than new ones do is derived anew, and the file written with it.

        Raises:
            WrongPassphrase: it is another one.
            KeysUnavailable: the file is missing, damaged, or cannot be read.
        """
        content = self._read(folder_id)
        if content is None:
            raise self._unavailable("It is missing.", "Put it back from a backup. Without it nothing opens.")
        derived = key_from(passphrase, content[0])
        self._derived = derived
        if not derived.derivation.cost.covers(self._cost):
            held = self._opened(content, derived, folder_id)
            self.choose(passphrase)
            self.replace(folder_id, held)

    def lock(self) -> None:
        """Forget the key."""
        self._derived = None

    def load(self, folder_id: str) -> HeldKeys | None:
        """Return the keys of the data folder, None where the file is missing.

        Raises:
            Locked: the passphrase was not given, or another process has changed it since.
            KeysUnavailable: the file is damaged, or cannot be read.
        """
        content = self._read(folder_id)
        if content is None:
            return None
        if self._derived is None or self._derived.derivation != content[0]:
            raise Locked(
                "The keys are locked.",
                why="They are sealed under a passphrase.",
                next_step="Give it on a terminal, or in COMPANION_PASSPHRASE; `companion unlock` opens a running "
                "service.",
            )
        return self._opened(content, self._derived, folder_id)

    def store(self, folder_id: str, held: HeldKeys) -> None:
        """Write a new file. Raises `KeysUnavailable`: it cannot be written, or there is one."""
        self._write(folder_id, held, is_new=True)

    def replace(self, folder_id: str, held: HeldKeys) -> None:
        """Write the file in place of the one there is, as a whole. Raises `KeysUnavailable`."""
        self._write(folder_id, held, is_new=False)

    def remove(self, folder_id: str) -> None:
        """Delete the file. Raises `KeysUnavailable`."""
        del folder_id
        try:
            self._file.unlink(missing_ok=True)
        except OSError as failure:
            raise self._unusable(failure) from None

    def content(self) -> bytes | None:
        """Return the file as it is; None where it is missing. Raises `KeysUnavailable`."""
        try:
            return self._file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as failure:
            raise self._unusable(failure) from None

    def sealed(self, folder_id: str, held: HeldKeys) -> bytes:
        """Return the file that would hold these keys. Raises `Locked`."""
        if self._derived is None:
            raise Locked("The keys are locked.", next_step="Give the passphrase first.")
        derivation = self._derived.derivation
        sealed = seal(
            keys_to_text(held).encode(),
            data_key=self._derived.key,
            associated_data=key_file_associated_data(folder_id, derivation.canonical()),
            entropy=self._entropy,
        )
        content = {
            "format": _FORMAT,
            "folder_id": folder_id,
            "derivation": derivation.document(),
            "sealed": base64.b64encode(sealed).decode(),
        }
        return json.dumps(content, indent=1).encode()

    def put(self, content: bytes) -> None:
        """Write a file that `sealed` returned, in place of the one there is. Raises `KeysUnavailable`."""
        self._put(content, is_new=False)

    def _write(self, folder_id: str, held: HeldKeys, *, is_new: bool) -> None:
        self._put(self.sealed(folder_id, held), is_new=is_new)

    def _put(self, content: bytes, *, is_new: bool) -> None:
        write = create_private_file if is_new else replace_private_file
        try:
            write(self._file, content)
        except OSError as failure:
            raise self._unusable(failure) from None

    def _read(self, folder_id: str) -> tuple[Derivation, bytes] | None:
        try:
            content: Any = json.loads(self._file.read_bytes())
            if content["format"] != _FORMAT or content["folder_id"] != folder_id:
                raise ValueError("of another folder or version")
            return derivation_from_document(content["derivation"]), base64.b64decode(content["sealed"], validate=True)
        except FileNotFoundError:
            return None
        except OSError as failure:
            raise self._unusable(failure) from None
        except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
            raise self._damaged() from None

    def _opened(self, content: tuple[Derivation, bytes], derived: DerivedKey, folder_id: str) -> HeldKeys:
        bound = key_file_associated_data(folder_id, content[0].canonical())
        try:
            text = unseal(content[1], data_key=derived.key, associated_data=bound).decode()
        except (Tampered, UnicodeDecodeError):
            raise self._damaged() from None
        return keys_from_text(text, where=str(self._file))

    def _damaged(self) -> KeysUnavailable:
        return self._unavailable(
            "It is damaged, belongs to another data folder, or was written by a newer version of this program.",
            "Put it back from a backup. Nothing was changed.",
        )

    def _unusable(self, failure: OSError) -> KeysUnavailable:
        return self._unavailable(
            f"{failure.strerror or type(failure).__name__}.", "Check the file and the free space of the data folder."
        )

    def _unavailable(self, why: str, next_step: str) -> KeysUnavailable:
        return KeysUnavailable(f"The key file {self._file} cannot be used.", why=why, next_step=next_step)
