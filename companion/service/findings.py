"""Drop a finding whose cause is gone."""

from __future__ import annotations

from companion.core.audit_actions import AuditAction
from companion.core.connection import Connection, Status, status_from_findings
from companion.core.errors import NotAllowed, NotFound
from companion.core.findings import CHECK_OF_CODE
from companion.service.parts import Parts


def drop_finding(parts: Parts, connection_id: str, code: str) -> Connection:
    """Take a finding off the connection, such as that an earlier API account is still alive; returns it without.

    Raises:
        NotFound: there is no such connection, or it has no such finding.
        NotAllowed: verification finds it, so that it goes with its cause alone.
        StaleRevision: the connection was changed meanwhile.
    """
    connection = parts.repository.get(connection_id)
    if code in CHECK_OF_CODE:
        raise NotAllowed(
            f"The finding {code!r} cannot be dropped.",
            why="It comes from verifying the connection.",
            next_step="Do what it says, and verify the connection again.",
        )
    left = tuple(finding for finding in connection.findings if finding.code != code)
    if len(left) == len(connection.findings):
        raise NotFound(f"The connection {connection.name!r} has no finding {code!r}.")
    verified = connection.status is not Status.UNVERIFIED
    return parts.repository.save_verification(
        connection_id,
        expected_revision=connection.revision,
        status=status_from_findings(left) if verified else Status.UNVERIFIED,
        findings=left,
        verified_at=connection.verified_at,
        action=AuditAction.DROP_FINDING,
    )
