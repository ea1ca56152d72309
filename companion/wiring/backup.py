"""The data folder into a backup, and a backup into a data folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from companion import __version__
from companion.core.audit_actions import AuditAction
from companion.core.backup_file import BackupKey, Read, backup_key_of, new_backup_key
from companion.core.errors import Conflict, InvalidInput
from companion.core.passphrases import generated_passphrase
from companion.core.secret import Secret
from companion.keys.choice import AskPassphrase
from companion.ports.backup import OnConflict
from companion.private_files import new_private_file
from companion.service.backup import BackedUp, backup_pieces
from companion.service.restore import Restored, restore
from companion.wiring.clock import utc_now
from companion.wiring.folder import opened_folder
from companion.wiring.recording import failures_recorded, record

if TYPE_CHECKING:
    from companion.settings import Settings


def made_up_passphrase() -> Secret:
    """Return a passphrase that nobody can guess."""
    return generated_passphrase(os.urandom)


def backup_folder(
    settings: Settings,
    file: Path,
    passphrase: Secret,
    *,
    ask: AskPassphrase | None = None,
    before_it_is_there: Callable[[BackedUp], object] = lambda _done: None,
) -> BackedUp:
    """Write all connections and the audit record of the data folder into a new file, sealed under a passphrase.

    Args:
        ask: as `open_parts`.
        before_it_is_there: called once all is written, before the file gets its name: nobody is left with a file whose
            passphrase was never shown.

    Raises:
        Conflict: there is such a file already.
        StorageFailed: the file, or the data folder, cannot be used; then there is no such file.
        InvalidSetting, KeysUnavailable, WrongKey: as `open_parts`.
    """
    keys, repository = opened_folder(settings, ask)
    done = BackedUp(0, [])
    try:
        with (
            failures_recorded(repository, AuditAction.BACKUP),
            _file_failures(file),
            new_private_file(file) as written,
        ):
            pieces = backup_pieces(
                repository,
                keys.provider,
                new_backup_key(passphrase, entropy=os.urandom),
                folder_id=keys.folder_id,
                made_at=utc_now(),
                version=__version__,
                done=done,
            )
            for piece in pieces:
                written.write(piece)
            written.flush()
            os.fsync(written.fileno())  # what a full disk does not take is known before anybody is told
            detail = f"{done.connections} connections, {done.entries} entries of the record"
            record(repository, AuditAction.BACKUP, detail)
            before_it_is_there(done)
    finally:
        repository.close()
    return done


def restore_folder(
    settings: Settings, file: Path, passphrase: Secret, on_conflict: str, *, ask: AskPassphrase | None = None
) -> tuple[Restored, str | None]:
    """Put the connections of a backup into the data folder; returns also what `CompanionService.notice` says.

    Args:
        on_conflict: of `OnConflict`.

    Raises:
        BackupDamaged, WrongPassphrase, BackupConflicts: as `restore`. A new data folder is then not even made.
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    with _file_failures(file), file.open("rb") as opened:

        def open_again() -> tuple[BackupKey, Read]:
            opened.seek(0)
            return backup_key_of(opened.read, passphrase, entropy=os.urandom), opened.read

        key, read = open_again()
        for _ in key.opened(read):  # so that neither a wrong passphrase nor a damaged file makes a data folder
            pass
        keys, repository = opened_folder(settings, ask)
        try:
            with failures_recorded(repository, AuditAction.RESTORE):
                done = restore(repository, keys.provider, open_again, OnConflict(on_conflict), now=utc_now())
            return done, keys.notice
        finally:
            repository.close()


@contextmanager
def _file_failures(file: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise Conflict(f"{file} is there already.", next_step="Give another name, or move that file away.") from None
    except OSError as failure:
        raise InvalidInput(
            f"{file} cannot be used: {failure.strerror or type(failure).__name__}.",
            next_step="Check the name, its folder and the free space.",
        ) from None
