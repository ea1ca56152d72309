"""Locks and unlocks the keys of a running service, and records it."""

from __future__ import annotations

from companion.core.audit_actions import AuditAction
from companion.core.errors import CompanionError, Conflict, Locked
from companion.core.secret import Secret
from companion.service.audit import tell, telling
from companion.service.parts import Parts
from companion.service.unlocking import Unlocking


def unlock(parts: Parts, passphrase: Secret) -> None:
    """Open the keys; what could not be recorded while they were locked is recorded now.

    Raises:
        Conflict: there is nothing to unlock.
        WrongPassphrase, TooManyTries, KeysUnavailable: as `Unlocking.unlock`.
    """
    unlocking = _unlocking(parts)
    with telling(parts, AuditAction.UNLOCK):
        unlocking.unlock(passphrase)


def lock(parts: Parts) -> None:
    """Forget the keys, that of the audit record too, and what they opened, once the record says so.

    Raises:
        Conflict: there is nothing to lock.
    """
    unlocking = _unlocking(parts)
    try:
        unlocking.check_lockable()
    except CompanionError as failure:
        tell(parts, AuditAction.LOCK, failure.code)
        raise
    tell(parts, AuditAction.LOCK)
    unlocking.lock()
    parts.repository.forget_audit_key()
    parts.opened.forget()


def is_locked(parts: Parts) -> bool:
    """Say whether the key-encryption key is locked."""
    try:
        return not parts.vault.keys.active_key_id
    except Locked:
        return True


def _unlocking(parts: Parts) -> Unlocking:
    if parts.unlocking is None:
        raise Conflict("The keys of this service are not locked or unlocked over its API.")
    return parts.unlocking
