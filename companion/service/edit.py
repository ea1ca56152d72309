"""Change what needs no token: name and tags."""

from __future__ import annotations

from collections.abc import Sequence

from companion.core.connection import Connection, checked_name, checked_tags
from companion.service.parts import Parts


def edit_connection(
    parts: Parts, connection_id: str, *, revision: int, name: str | None = None, tags: Sequence[str] | None = None
) -> Connection:
    """Change name or tags; None leaves as it is.

    Raises:
        InvalidInput: naming the field.
        NotFound, NameTaken, StaleRevision: nothing was changed.
    """
    return parts.repository.patch(
        connection_id,
        expected_revision=revision,
        updated_at=parts.clock(),
        name=None if name is None else checked_name(name),
        tags=None if tags is None else checked_tags(tags),
    )
