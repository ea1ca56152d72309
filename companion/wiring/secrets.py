"""Secrets out of the data folder itself, for the user who owns it; no service is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from companion.core.audit_actions import AuditAction
from companion.keys.choice import AskPassphrase
from companion.service.child_values import child_values
from companion.service.exports import Exporter
from companion.wiring.parts import open_parts

if TYPE_CHECKING:
    from companion.core.child_environment import ChildValues
    from companion.settings import Settings


def opened_values(
    settings: Settings,
    name_or_id: str,
    wanted: frozenset[str],
    *,
    action: AuditAction = AuditAction.EXEC,
    ask: AskPassphrase | None = None,
) -> ChildValues:
    """Open a connection's secrets out of the data folder itself, as the user who owns it; no service is asked.

    Args:
        action: what the use is recorded as.
        ask: as `open_parts`.

    Raises:
        NotFound, WrongWorld, Tampered, BigCommerceUnreachable, …: as `child_values`.
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    parts, _ = open_parts(settings, ask=ask)
    try:
        return child_values(parts, name_or_id, wanted, action)
    finally:
        parts.close()


@contextmanager
def opened_exporter(settings: Settings, *, ask: AskPassphrase | None = None) -> Iterator[Exporter]:
    """Give what opens connections for files, out of the data folder itself, as the user who owns it.

    Args:
        ask: as `open_parts`.

    Raises:
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    parts, _ = open_parts(settings, ask=ask)
    try:
        yield Exporter(parts)
    finally:
        parts.close()
