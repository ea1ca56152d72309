"""The port that finds connections among very many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from companion.core.connection import AuthType, Connection, Status


@dataclass(frozen=True)
class ConnectionFilter:
    """Which connections are wanted; what is None or empty does not matter.

    Attributes:
        text: stands in the name, the subdomain or the store hash, ignoring case and accents.
        tag: exactly so.
    """

    text: str = ""
    status: Status | None = None
    auth_type: AuthType | None = None
    tag: str | None = None


@dataclass(frozen=True)
class ListPage:
    """One page of connections in the order of their names.

    Attributes:
        after: the name to pass for the next page, None where this is the last.
    """

    connections: tuple[Connection, ...]
    after: str | None


@dataclass(frozen=True)
class Overview:
    """How many connections there are.

    Attributes:
        by_status: a status that none has may be missing.
        with_auth_type_token: how many stop working with the older storefront tokens.
        tags: the most used ones, each with its number of connections.
    """

    by_status: Mapping[Status, int]
    with_auth_type_token: int
    tags: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """How many there are in all."""
        return sum(self.by_status.values())


class ConnectionListing(Protocol):
    """Finds connections among very many. Every method raises `StorageFailed` where the storage cannot be read."""

    def list_page(self, wanted: ConnectionFilter, *, limit: int, after: str | None = None) -> ListPage:
        """Return up to `limit` of them whose names come behind `after`, whether there is one of that name or not.

        Raises:
            InvalidInput: `limit` is not 1 to `MAX_PAGE` (points at `/limit`).
        """
        ...

    def overview(self) -> Overview:
        """Count them."""
        ...
