"""What a connection needs next: its weightiest finding, and the one screen on which that is dealt with. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from companion.core.connection import Connection, Finding, Severity, Status
from companion.core.findings import CHECK_OF_CODE, TRY_LATER_CODES

_REAUTHORIZE = frozenset({"token-auth-ends", "reauthorize-needed"})
_WEIGHT = {Severity.BROKEN: 0, Severity.ATTENTION: 1, Severity.NOTE: 2}


@dataclass(frozen=True)
class NextStep:
    """One thing to do.

    Attributes:
        label: what the link or button says.
        path: where it leads.
        changes: whether it is done by pressing a button, and not by looking at a screen first.
    """

    label: str
    path: str
    changes: bool = False


def weightiest(connection: Connection) -> Finding | None:
    """Return the finding that makes its status, the first of several; None where nothing needs to be done."""
    urgent = [each for each in connection.findings if each.severity is not Severity.NOTE]
    return min(urgent, key=lambda each: _WEIGHT[each.severity], default=None)


def next_step(connection: Connection) -> NextStep | None:
    """Return the one next step; None where there is nothing to do."""
    finding = weightiest(connection)
    if finding is not None:
        return step_for(connection, finding)
    if connection.status is Status.UNVERIFIED:
        return NextStep("Verify it now", f"/connections/{connection.id}/verify", changes=True)
    return None


def step_for(connection: Connection, finding: Finding) -> NextStep:
    """Return what is done about one finding."""
    own = f"/connections/{connection.id}"
    if finding.code in _REAUTHORIZE:
        return NextStep("Reauthorize it", f"{own}/reauthorize")
    if finding.code in TRY_LATER_CODES:
        return NextStep("Verify it again", f"{own}/verify", changes=True)
    if finding.code.startswith(("subdomain-", "graphql-")):
        return NextStep("Correct its fields", f"{own}/edit")
    if finding.code == "clock-skew" or finding.code not in CHECK_OF_CODE:
        return NextStep("See what to do", f"{own}#findings")
    return NextStep("Give another access token", f"{own}/edit")
