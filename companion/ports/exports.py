"""The port to the files that were written for other tools."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from companion.core.exports import Export, ExportedToken


class ExportRepository(Protocol):
    """The files that were written for other tools, with a secret in them.

    Every method raises `StorageFailed` where the storage cannot be read or written.
    """

    def put_exports(self, written: Collection[Export]) -> None:
        """Remember these, each in place of one with its path; nothing for a connection that is gone."""
        ...

    def exports_of(self, connection_ids: Collection[str]) -> tuple[Export, ...]:
        """Return the exports of these connections, in the order of connection and path."""
        ...

    def drop_exports(self, paths: Collection[str]) -> None:
        """Forget these, as far as they are known."""
        ...

    def put_exported_token(self, token: ExportedToken, *, now: datetime) -> None:
        """Keep a token that was minted for a file; those that have ended are dropped. Raises `NotFound`."""
        ...

    def exported_tokens(self, connection_id: str) -> tuple[ExportedToken, ...]:
        """Return those of a connection, the first made one first.

        They go with the connection, and with what they were minted for: `ConnectionRepository.replace` drops them where
        `core.connection.serves_alike` says no.
        """
        ...
