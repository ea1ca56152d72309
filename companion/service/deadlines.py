"""What stops working or grows old: of the connections, page by page, and of the keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from companion.core.connection import AuthType, Connection
from companion.core.deadlines import Carried, Due, deadlines_of
from companion.core.errors import InvalidInput, NotFound, Tampered
from companion.core.exports import Export
from companion.core.storefront_token import claims_from_token
from companion.ports.connections import SecretField
from companion.service.parts import Parts


@dataclass(frozen=True)
class DeadlinePage:
    """One page of connections in the order of their creation, each with what is due of it.

    Attributes:
        after: the id to pass for the next page, None where this is the last.
    """

    entries: tuple[Due, ...]
    after: str | None


def deadline_page(parts: Parts, *, limit: int, after: str | None) -> DeadlinePage:
    """Return what is due of one page of connections.

    Raises:
        InvalidInput: `limit` or `after` is none that the repository takes.
        KeysUnavailable: a `token` connection is among them, and its token cannot be opened now.
    """
    page = parts.repository.page(limit=limit, after=after)
    exports = present_exports(parts, (each.id for each in page.connections))
    now = parts.clock()
    entries = []
    for connection in page.connections:
        try:
            carried = _carried(parts, connection)
        except NotFound:
            continue  # it was deleted meanwhile
        mine = tuple(each for each in exports if each.connection_id == connection.id)
        entries.append(Due(connection, deadlines_of(connection, carried, mine, now), mine))
    return DeadlinePage(tuple(entries), page.after)


def deadlines_of_one(parts: Parts, connection_id: str) -> Due:
    """Return what is due of one connection. Raises `NotFound`, `KeysUnavailable`."""
    connection = parts.repository.get(connection_id)
    exports = present_exports(parts, [connection_id])
    return Due(connection, deadlines_of(connection, _carried(parts, connection), exports, parts.clock()), exports)


def present_exports(parts: Parts, connection_ids: Iterable[str]) -> tuple[Export, ...]:
    """Return the files that were written of these connections, as far as they are there; the others are forgotten."""
    exports = parts.repository.exports_of(list(connection_ids))
    gone = [each for each in exports if not _is_there(each)]
    if gone:
        parts.repository.drop_exports([each.path for each in gone])
    return tuple(each for each in exports if each not in gone)


def _is_there(export: Export) -> bool:
    try:
        Path(export.path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True  # a disk that is away just now is no reason to forget
    return True


def _carried(parts: Parts, connection: Connection) -> Carried | None:
    if connection.auth_type is not AuthType.TOKEN or not connection.storefront_token_set:
        return None
    stored = parts.repository.get_with_secrets(connection.id)
    try:
        token = parts.open_secret(stored, SecretField.STOREFRONT_TOKEN)
        return None if token is None else Carried(claims_from_token(token))
    except (InvalidInput, Tampered):
        return Carried(None)
