"""What is taken away, for good, of a data folder's keys and database; and what stays at BigCommerce when it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from companion.core.paging import MAX_PAGE
from companion.keys import key_file as file_provider
from companion.keys import keychain as keychain_provider
from companion.keys.choice import glance_at_keys
from companion.keys.folder_file import read_choice
from companion.keys.keychain import Keychain
from companion.keys.passphrase import FILE_NAME, PassphraseFile
from companion.keys.places import Places
from companion.wiring.database import has_database, open_postgresql, open_repository

if TYPE_CHECKING:
    from companion.core.connection import Connection
    from companion.core.exports import Export
    from companion.settings import Settings


@dataclass(frozen=True)
class Stored:
    """What a database holds, as far as that shows without a key.

    Attributes:
        connections: of both worlds.
        exports: the files that were written for other tools.
    """

    connections: tuple[Connection, ...]
    exports: tuple[Export, ...]


def stored(settings: Settings) -> Stored:
    """Read what the database holds, without asking for the keys; nothing is made where there is none.

    Raises:
        InvalidSetting, StorageFailed: it cannot be read.
    """
    if not has_database(settings):
        return Stored((), ())
    repository = open_repository(settings)
    try:
        connections: list[Connection] = []
        after = None
        while True:
            page = repository.page(limit=MAX_PAGE, after=after)
            connections += page.connections
            after = page.after
            if after is None:
                break
        return Stored(tuple(connections), repository.exports_of([each.id for each in connections]))
    finally:
        repository.close()


def database_elsewhere(settings: Settings) -> str | None:
    """Return what errors call the database on a server; None where it is a file in the data folder.

    Raises:
        InvalidSetting: the setting is no address of one.
    """
    if settings.database_url is None:
        return None
    from companion.storage.postgresql import checked_address, where_is

    return where_is(checked_address(settings.database_url.get_secret_value()))


def drop_database(settings: Settings) -> None:
    """Drop this program's tables on the server, and nothing else there.

    Raises:
        InvalidSetting, StorageFailed: as `open_repository`.
    """
    assert settings.database_url is not None  # noqa: S101  `database_elsewhere` said so
    repository = open_postgresql(settings.database_url.get_secret_value())
    try:
        repository.drop_tables()
    finally:
        repository.close()


@dataclass(frozen=True)
class KeyPlace:
    """A place outside the data folder that holds keys of this one.

    Attributes:
        what: what a person calls it.
        remove: takes them away. Raises `KeysUnavailable` where the place cannot be reached.
    """

    what: str
    remove: Callable[[], None]


def key_places(settings: Settings) -> tuple[KeyPlace, ...]:
    """Return where keys of the data folder are outside it; after a move that was cut short that may be two places.

    Raises:
        KeysUnavailable, StorageFailed: what the folder says of its keys cannot be read.
        InvalidSetting: the key file is inside the data folder.
    """
    if glance_at_keys(settings.data_dir, key_file=settings.key_file) is None:
        return ()
    choice = read_choice(settings.data_dir)
    if choice is None:
        return ()
    passphrase_file = PassphraseFile(settings.data_dir / FILE_NAME, entropy=bytes)
    places = Places(settings.data_dir, settings.key_file, Keychain(), passphrase_file, settings.aws_kms_key)
    found = []
    for provider, place in dict.fromkeys([(choice.provider, ""), *([choice.left] if choice.left else [])]):
        if provider == keychain_provider.NAME:
            what = f"keychain entry {keychain_provider.SERVICE}, key-encryption-keys:{choice.folder_id}"
            found.append(KeyPlace(what, partial(places.keychain.remove, choice.folder_id)))
        elif provider == file_provider.NAME:
            file = Path(place) if place else settings.key_file
            found.append(KeyPlace(f"key in {file}", partial(_out_of_file, places, file, choice.folder_id)))
    return tuple(found)


def _out_of_file(places: Places, file: Path, folder_id: str) -> None:
    from companion.settings import default_key_file

    if file.exists():
        places.keeper(file_provider.NAME, str(file)).remove(folder_id)
    if not file.exists():  # no other data folder has a key in it
        file.with_name(f".{file.name}.lock").unlink(missing_ok=True)
        if file == default_key_file():
            _remove_if_empty(file.parent)


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
