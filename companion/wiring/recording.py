"""Records what is done to the data folder itself, with no service in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from companion.core.audit import Deed
from companion.core.audit_actions import AuditAction
from companion.core.errors import CompanionError
from companion.keys.choice import AskPassphrase
from companion.ports.audit import AuditFilter
from companion.service.audit import teller
from companion.storage.repository import SqlRepository
from companion.wiring.clock import utc_now
from companion.wiring.database import has_database
from companion.wiring.folder import opened_folder

if TYPE_CHECKING:
    from companion.settings import Settings


def record(repository: SqlRepository, action: AuditAction, detail: str) -> None:
    """Record what was done to no connection. Raises what `AuditRepository.record` raises."""
    repository.record([teller(utc_now, Deed(action, detail=detail))])


@contextmanager
def failures_recorded(repository: SqlRepository, action: AuditAction) -> Iterator[None]:
    """Record what failed; a record that was never begun is not begun with that."""
    try:
        yield
    except CompanionError as failure:
        with suppress(CompanionError):  # the first failure is the one to tell
            if repository.audit_page(AuditFilter(), limit=1).entries:
                repository.record([teller(utc_now, Deed(action, outcome=failure.code))])
        raise


def record_in_folder(settings: Settings, action: AuditAction, detail: str, *, ask: AskPassphrase | None = None) -> None:
    """Record what the user has done to no connection, in the data folder itself; nothing where it has no record.

    Raises:
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    if not has_database(settings):
        return
    _, repository = opened_folder(settings, ask)
    try:
        record(repository, action, detail)
    finally:
        repository.close()
