"""A backup of all connections, as a stream: what the web page hands to a browser."""

from __future__ import annotations

from collections.abc import Iterator

from companion.core.audit import Deed
from companion.core.audit_actions import AuditAction
from companion.core.backup_file import new_backup_key
from companion.core.passphrases import checked_new_passphrase
from companion.core.secret import Secret
from companion.service.audit import teller
from companion.service.backup import BackedUp, backup_pieces
from companion.service.parts import Parts


def backup(parts: Parts, passphrase: Secret, *, version: str) -> Iterator[bytes]:
    """Return the pieces of a backup that opens with `passphrase`; it is recorded before the first one is given.

    Raises:
        InvalidInput: the passphrase is too short; nothing was read.
        KeysUnavailable, StorageFailed: while it is read; what was given so far is no whole backup, and says so.
    """
    key = new_backup_key(checked_new_passphrase(passphrase), entropy=parts.entropy)
    pieces = backup_pieces(
        parts.repository,
        parts.vault.keys,
        key,
        folder_id=parts.folder_id,
        made_at=parts.clock(),
        version=version,
        done=BackedUp(0, []),
    )
    parts.repository.record([teller(parts.clock, Deed(AuditAction.BACKUP, detail="to the web page"))])
    return pieces
