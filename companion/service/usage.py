"""Who used a connection, and when: out of the audit chain, and out of what the tools' API tokens allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from companion.core.api_tokens import ApiToken
from companion.core.audit import AuditEntry
from companion.core.audit_actions import AuditAction
from companion.ports.audit import AuditFilter, AuditPage
from companion.service import api_tokens
from companion.service.audit import audit_page, name_of_tool
from companion.service.parts import Parts

USES = (
    AuditAction.GRAPHQL,
    AuditAction.REST,
    AuditAction.STOREFRONT_TOKEN,
    AuditAction.EXEC,
    AuditAction.EXPORT,
    AuditAction.COPY,
)
"""What uses a connection's secrets for somebody."""


def last_uses(parts: Parts, connection_id: str) -> Mapping[AuditAction, AuditEntry]:
    """Return the newest entry of each kind of use; what never happened is missing."""
    found = {}
    for action in USES:
        entries = audit_page(parts, AuditFilter(connection_id, action), limit=1, before=None).entries
        if entries:
            found[action] = entries[0]
    return found


def history(parts: Parts, connection_id: str, *, limit: int, before: int | None = None) -> AuditPage:
    """Return what was done to and with one connection, newest first. Raises `InvalidInput`: as `audit_page`."""
    return audit_page(parts, AuditFilter(connection_id), limit=limit, before=before)


def tools_of(parts: Parts, connection_id: str) -> tuple[ApiToken, ...]:
    """Return the API tokens that reach a connection and have not expired."""
    now = parts.clock()
    return tuple(
        each
        for each in api_tokens.api_tokens(parts)
        if each.is_open(now) and (each.connections is None or connection_id in each.connections)
    )


def last_uses_by_tools(parts: Parts, connection_id: str, tools: Iterable[ApiToken]) -> Mapping[str, datetime]:
    """Return when each tool last did something to or through this connection, by the id of its API token."""
    found = {}
    for tool in tools:
        entries = audit_page(parts, AuditFilter(connection_id, who=name_of_tool(tool)), limit=1, before=None).entries
        if entries:
            found[tool.id] = entries[0].told.at
    return found
