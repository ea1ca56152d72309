"""The places where key-encryption keys can be kept, and what they have in common."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from companion.core.errors import InvalidSetting
from companion.keys import aws_kms as kms_provider
from companion.keys import key_file as file_provider
from companion.keys import keychain as keychain_provider
from companion.keys import passphrase as passphrase_provider
from companion.keys.aws_kms import KmsFile
from companion.keys.held import HeldKeys
from companion.keys.key_file import KeyFile
from companion.keys.keychain import Keychain
from companion.keys.passphrase import PassphraseFile

ON_ONE_MACHINE = (file_provider.NAME, keychain_provider.NAME)
"""The providers whose keys nobody on another machine can come by."""


class Keeper(Protocol):
    """Keeps the keys of data folders in one place. Every method raises `KeysUnavailable` where it cannot be reached."""

    @property
    def name(self) -> str:
        """The name of the provider."""
        ...

    @property
    def place(self) -> str:
        """Where it keeps them, as far as there are several such places; else empty."""
        ...

    def load(self, folder_id: str) -> HeldKeys | None:
        """Return the keys of a data folder, None where it has none. Raises `Locked`."""
        ...

    def store(self, folder_id: str, held: HeldKeys) -> None:
        """Add the keys of a data folder that has none here."""
        ...

    def replace(self, folder_id: str, held: HeldKeys) -> None:
        """Keep these keys in place of those the data folder has here; a kill leaves the ones or the others."""
        ...

    def remove(self, folder_id: str) -> None:
        """Forget the keys of a data folder."""
        ...


@dataclass(frozen=True)
class Places:
    """What the settings say of the places of keys, and the machine's keychain."""

    data_dir: Path
    key_file: Path
    keychain: Keychain
    passphrase_file: PassphraseFile
    kms_key: str | None = None

    def keeper(self, provider: str, place: str = "") -> Keeper:
        """Return what keeps the keys of a provider.

        Args:
            place: as `Keeper.place` said; what the settings say, where it is empty.

        Raises:
            InvalidSetting: there is no such provider, or the key file is to be inside the data folder.
        """
        match provider:
            case keychain_provider.NAME:
                return self.keychain
            case file_provider.NAME:
                return self._key_file(Path(place) if place else self.key_file)
            case passphrase_provider.NAME:
                return self.passphrase_file
            case kms_provider.NAME:
                return KmsFile(self.data_dir / kms_provider.FILE_NAME, self.kms_key)
        raise InvalidSetting(
            f"There is no key provider `{provider}`.",
            next_step="Set COMPANION_KEY_PROVIDER to `keyring`, `file`, `passphrase` or `aws-kms`.",
        )

    def _key_file(self, file: Path) -> KeyFile:
        if file.resolve().is_relative_to(self.data_dir.resolve()):
            raise InvalidSetting(
                "The key file is inside the data folder.",
                why="A copy of the folder would then be a copy of the key, too.",
                next_step="Set COMPANION_KEY_FILE to a place outside the data folder, or unset it.",
            )
        return KeyFile(file)
