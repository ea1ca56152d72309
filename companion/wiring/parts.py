"""Settings in, the ports filled."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from companion.keys.choice import AskPassphrase
from companion.service.kept_sessions import KeptSessions
from companion.service.one_at_a_time import OneAtATime
from companion.service.parts import Parts
from companion.service.unlocking import Unlocking
from companion.service.vault import Vault
from companion.wiring.bigcommerce import bigcommerce_client
from companion.wiring.clock import utc_now
from companion.wiring.database import between_processes
from companion.wiring.folder import opened_folder

if TYPE_CHECKING:
    from companion.ports.bigcommerce import BigCommerce
    from companion.settings import Settings


def open_parts(
    settings: Settings,
    *,
    around: Callable[[BigCommerce], BigCommerce] | None = None,
    ask: AskPassphrase | None = None,
    may_be_locked: bool = False,
) -> tuple[Parts, str | None]:
    """Fill the ports; returns them with what the user must be told about the key provider.

    Args:
        ask: gives the passphrase, where the key provider is `passphrase`; COMPANION_PASSPHRASE if None.
        may_be_locked: without a passphrase, go on with locked keys; else that is an error.
        around: is given the client of BigCommerce and returns what the use cases call in its place, such as one
            that notes what was minted.

    Raises:
        InvalidSetting: a setting does not fit the data folder or cannot be used.
        KeysUnavailable, WrongKey: the keys cannot be reached, or are not those of the data folder.
        StorageFailed: the data folder or the database cannot be used.
    """
    bigcommerce = bigcommerce_client(settings)
    try:
        keys, repository = opened_folder(settings, ask, may_be_locked=may_be_locked)
    except BaseException:
        bigcommerce.close()
        raise
    vault = Vault(keys.provider, os.urandom)
    parts = Parts(
        repository=repository,
        vault=vault,
        bigcommerce=bigcommerce if around is None else around(bigcommerce),
        clock=utc_now,
        entropy=os.urandom,
        world=settings.world,
        unlocking=Unlocking(keys.provider, utc_now),
        folder_id=keys.folder_id,
        minting=OneAtATime(between_processes(settings, repository)),
        sessions=KeptSessions(repository, vault, keys.folder_id, utc_now, settings.world),
    )
    return parts, keys.notice
