"""What `companion doctor` looks at with the data folder, the database and the port."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from companion.keys.choice import AskPassphrase
from companion.storage.repository import SqlRepository
from companion.storage.sqlite import database_file, was_made
from companion.wiring.parts import open_parts

if TYPE_CHECKING:
    from companion.core.connection import Finding
    from companion.core.folder_findings import SeenDatabase
    from companion.settings import Settings


def seen_database(settings: Settings) -> SeenDatabase | None:
    """Look at the database as it lies there, without making or changing anything; None where there is none.

    Raises:
        InvalidSetting, StorageFailed: its server cannot be reached.
    """
    from companion.storage.looking import look_at_postgresql, look_at_sqlite

    if settings.database_url is not None:
        return look_at_postgresql(settings.database_url.get_secret_value())
    file = database_file(settings.data_dir)
    return look_at_sqlite(settings.data_dir) if file.exists() or was_made(settings.data_dir) else None


def findings_in_folder(settings: Settings, *, ask: AskPassphrase | None = None) -> Iterator[Finding]:
    """Open the data folder itself, as the user who owns it, and say of everything in it that does not open.

    Args:
        ask: as `open_parts`.

    Raises:
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    from companion.service.check_folder import folder_findings

    parts, _ = open_parts(settings, ask=ask)
    try:
        yield from folder_findings(parts, cast("SqlRepository", parts.repository))
    finally:
        parts.close()


def check_port(port: int) -> None:
    """Raise `PortInUse` where another program listens on this port of the loopback, `NotAllowed` where nobody may."""
    from companion.web.server import check_that_port_is_free

    check_that_port_is_free(port)
