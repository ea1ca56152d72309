"""What is known of the keys of a data folder; changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from companion.core.errors import KeysUnavailable
from companion.keys.choice import glance_at_keys, standing_notice
from companion.wiring.database import has_database, open_repository
from companion.wiring.folder import of_the_folder, opened_keys

if TYPE_CHECKING:
    from companion.core.key_usage import KeyUsage
    from companion.keys.choice import Glance
    from companion.settings import Settings
    from companion.storage.postgresql import PostgresqlRepository


def key_notice(settings: Settings) -> str | None:
    """Return what the user must know, at any time, about where the key is; None where a keychain holds it.

    Raises:
        KeysUnavailable, StorageFailed: what the data folder says of its key cannot be read.
    """
    return standing_notice(settings.data_dir, key_file=settings.key_file)


def key_provider_of(settings: Settings) -> str | None:
    """Return the key provider that the data folder was made with; None where there is no such folder yet.

    Raises:
        KeysUnavailable, StorageFailed: as `key_notice`.
    """
    glance = glance_at_keys(settings.data_dir, key_file=settings.key_file)
    return None if glance is None else glance.provider


@dataclass(frozen=True)
class KeysAtHand:
    """What is known of the keys of a data folder.

    Attributes:
        glance: None where there is no such folder yet.
        held: the ids of the keys that the provider holds; None where it cannot be asked.
        failure: why it cannot be asked; None where it can.
    """

    glance: Glance | None
    held: frozenset[str] | None
    failure: KeysUnavailable | None
    usage: tuple[KeyUsage, ...]


def keys_at_hand(settings: Settings) -> KeysAtHand:
    """Look at the keys of the data folder and at what is under each; makes nothing.

    Raises:
        InvalidSetting, KeysUnavailable, StorageFailed: not even that can be read.
    """
    glance = glance_at_keys(settings.data_dir, key_file=settings.key_file)
    if glance is None:
        return KeysAtHand(None, None, None, ())
    held, failure = None, None
    repository = open_repository(settings) if has_database(settings) else None
    try:
        shared = repository if settings.database_url is not None else None
        try:
            keys = opened_keys(of_the_folder(settings), None, shared=cast("PostgresqlRepository | None", shared))
            held = keys.provider.held_key_ids
        except KeysUnavailable as unavailable:
            failure = unavailable
        glance = glance_at_keys(settings.data_dir, key_file=settings.key_file)
        return KeysAtHand(glance, held, failure, () if repository is None else repository.key_usage())
    finally:
        if repository is not None:
            repository.close()
