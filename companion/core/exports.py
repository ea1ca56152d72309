"""A file that was written for another tool, as it is remembered: where, for which connection, with which secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from companion.core.tool_files import ToolFormat


@dataclass(frozen=True)
class ExportedToken:
    """A storefront token that was minted for a file, and lives as long as it says.

    Attributes:
        id: of `core.ids.new_id`.
        expires_at: aware, UTC, whole seconds.
        envelope: the sealed token.
    """

    id: str
    connection_id: str
    expires_at: datetime
    envelope: bytes = field(repr=False)


@dataclass(frozen=True)
class Export:
    """A file with a secret in it that `companion export` wrote.

    Attributes:
        path: absolute; one export a path.
        written_at: aware, UTC.
        has_access_token: it holds an access token.
        access_token_since: since when the connection had that access token; None where that was not known.
        storefront_token_ends: when the storefront token in it ends; None where it holds none, or one without end.
    """

    path: str
    connection_id: str
    tool: ToolFormat
    written_at: datetime
    has_access_token: bool
    access_token_since: datetime | None = None
    storefront_token_ends: datetime | None = None
