"""Look up connections; nothing is opened."""

from __future__ import annotations

from collections.abc import Collection

from companion.core.connection import Connection, name_key
from companion.core.errors import NotFound
from companion.ports.connections import Page
from companion.ports.listing import ConnectionFilter, ListPage, Overview
from companion.service.parts import Parts

_LONGEST_TOLD = 1000


def connection_by_id(parts: Parts, connection_id: str) -> Connection:
    """Return one connection. Raises `NotFound`."""
    return parts.repository.get(connection_id)


def connection_called(parts: Parts, name_or_id: str) -> Connection:
    """Return the connection that a user means by its name or id. Raises `NotFound`, which repeats what was meant."""
    try:
        return parts.repository.find(name_or_id)
    except NotFound as failure:
        told = failure.explained
        raise NotFound(
            f"There is no connection {name_or_id[:_LONGEST_TOLD]!r}.", why=told.why, next_step=told.next_step
        ) from None


def connection_page(parts: Parts, *, limit: int, after: str | None) -> Page:
    """Return one page in the order of creation.

    Raises:
        InvalidInput: `limit` or `after` is none that the repository takes.
    """
    return parts.repository.page(limit=limit, after=after)


def listed(parts: Parts, wanted: ConnectionFilter, *, limit: int, after: str | None) -> ListPage:
    """Return one page of those that are wanted, in the order of their names. Raises `InvalidInput`: a wrong `limit`."""
    return parts.repository.list_page(wanted, limit=limit, after=after)


def overview(parts: Parts) -> Overview:
    """Count the connections."""
    return parts.repository.overview()


def connections_named(parts: Parts, name: str) -> Page:
    """Return the connection with this name, ignoring case, or none."""
    try:
        found = parts.repository.find(name)
    except NotFound:
        return Page((), None)
    # The repository also finds by id, and an id is no name.
    return Page((found,) if name_key(found.name) == name_key(name) else (), None)


def page_of_these(parts: Parts, ids: Collection[str], *, limit: int, after: str | None) -> Page:
    """Return one page of the connections with these ids, as far as they are there, in the order of creation.

    Raises:
        InvalidInput: `limit` or `after` is none that the repository takes.
    """
    parts.repository.page(limit=limit, after=after)  # which says what is wrong with either
    found: list[Connection] = []
    for each in sorted(ids):
        if after is not None and each <= after:
            continue
        try:
            found.append(parts.repository.get(each))
        except NotFound:
            continue
        if len(found) > limit:
            break
    page = tuple(found[:limit])
    return Page(page, page[-1].id if len(found) > limit else None)
