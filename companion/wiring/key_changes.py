"""A new key for the data folder, or another place for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from companion.core.audit_actions import AuditAction
from companion.core.errors import Conflict, InvalidInput
from companion.core.passphrases import checked_new_passphrase
from companion.core.secret import Secret
from companion.keys.changing import changing_keys
from companion.keys.choice import AskPassphrase
from companion.keys.passphrase import NAME as PASSPHRASE
from companion.keys.places import ON_ONE_MACHINE
from companion.service.rotate_keys import rotate_keys
from companion.wiring.folder import of_the_folder, opened_folder
from companion.wiring.recording import failures_recorded, record

if TYPE_CHECKING:
    from companion.core.key_usage import Rotation
    from companion.settings import Settings


def _refuse_a_key_for_one_machine(settings: Settings, provider: str, *, carried: bool) -> None:
    """Refuse to make a key that other machines on the same database could not come by, unless it is carried there."""
    if settings.database_url is None or provider not in ON_ONE_MACHINE or carried:
        return
    raise InvalidInput(
        "Other machines that use this database could not open anything under a new key. Nothing was changed.",
        why=f"The key provider `{provider}` keeps a key on one machine; only `passphrase` and `aws-kms` share it.",
        next_step="Move the key to where all machines can use it: `companion keys rewrap --to passphrase`, or `--to "
        "aws-kms`. Or run this again with `--carried`, where no other machine uses the database"
        + (", or you bring the key file to the others right after." if provider == "file" else "."),
    )


def rotate_folder_keys(
    settings: Settings, *, told: Callable[[int], object], ask: AskPassphrase | None = None, carried: bool = False
) -> Rotation:
    """Make a new key for the data folder and rewrap everything; or go on with what was begun before.

    Args:
        told: as `rotate_keys`.
        ask: as `open_parts`.
        carried: a key that is on this machine alone will be brought to the others that use the database.

    Raises:
        InvalidInput: other machines that use the database could not come by the new key; nothing was changed.
        Conflict: another process, or another machine, is at it.
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts` and `rotate_keys`.
    """
    keys, repository = opened_folder(of_the_folder(settings), ask)
    try:
        with failures_recorded(repository, AuditAction.ROTATE_KEYS), changing_keys(keys.provider) as changing:
            if not changing.unfinished:
                _refuse_a_key_for_one_machine(settings, changing.provider, carried=carried)
            rotation = rotate_keys(changing, repository, told=told)
        record(repository, AuditAction.ROTATE_KEYS, f"{rotation.rewrapped} records under {rotation.active_key_id}")
        return rotation
    finally:
        repository.close()


def move_folder_keys(
    settings: Settings,
    provider: str,
    *,
    new_passphrase: Callable[[], Secret],
    told: Callable[[int], object],
    ask: AskPassphrase | None = None,
    carried: bool = False,
) -> Rotation:
    """Move the keys of the data folder to another provider, under a new key; or go on with what was begun before.

    Args:
        provider: as in `COMPANION_KEY_PROVIDER`.
        new_passphrase: asks for the one that is to seal the keys from now on; only with `passphrase`, which may be what
            the folder has already: then the passphrase is changed.
        told: as `rotate_keys`.
        ask, carried: as `rotate_folder_keys`.

    Raises:
        Conflict: the keys are there already, another process is at it, or another change is not finished.
        InvalidInput: the new passphrase is too short.
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts` and `rotate_keys`.
    """
    keys, repository = opened_folder(of_the_folder(settings), ask)
    try:
        with failures_recorded(repository, AuditAction.MOVE_KEYS), changing_keys(keys.provider) as changing:
            if changing.unfinished and changing.provider != provider:
                raise Conflict(
                    "Another change of the key was begun, and is not finished.",
                    next_step="Finish it first: companion keys rotate",
                )

            if not changing.unfinished:
                _refuse_a_key_for_one_machine(settings, provider, carried=carried)

            def begin() -> None:
                if provider != PASSPHRASE:
                    changing.begin_move(provider)
                    return
                passphrase = checked_new_passphrase(new_passphrase())
                if changing.provider == PASSPHRASE:
                    changing.begin_with_passphrase(passphrase)
                else:
                    keys.provider.places.passphrase_file.choose(passphrase)
                    changing.begin_move(provider)

            rotation = rotate_keys(changing, repository, begin=begin, told=told)
        detail = f"to {provider}; {rotation.rewrapped} records under {rotation.active_key_id}"
        record(repository, AuditAction.MOVE_KEYS, detail)
        return rotation
    finally:
        repository.close()
