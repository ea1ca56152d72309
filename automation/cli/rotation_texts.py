"""What `companion rotate` says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from companion.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from automation.core.earlier_accounts import EarlierAccount
    from automation.jobs.rotation import RotationReport
    from companion.client import ConnectionDocument


def files_that_die(paths: Sequence[str]) -> str:
    """Return a sentence that names the exported files which stop working; nothing where there are none."""
    if not paths:
        return ""
    return f" Written by `companion export` and dead then: {', '.join(paths)}."


def plan_text(entry: dict[str, Any]) -> str:
    """Return what would be done with one connection, of its entry in the plan."""
    deletes = ", ".join(repr(each["name"]) for each in entry["deletes"]) or "nothing"
    if "replaces" not in entry:
        return f"would delete {deletes}."
    return f"a new API account would take the place of {entry['replaces']['name']!r}, and then delete {deletes}."


def report_text(report: RotationReport) -> str:
    """Return the connection, and what became of the old account."""
    from companion.cli.describe import connection_text

    return f"{connection_text(report.connection)}\n\n{line_of(report)}"


def line_of(report: RotationReport) -> str:
    """Return what became of a rotation as a line."""
    name = report.connection["name"]
    new = report.connection["api_account"]
    how = {
        "deleted": f"the old one, {report.old_name!r}, is deleted",
        "kept": f"the old one, {report.old_name!r}, was kept: `companion rotate {name} --finish` deletes it",
        "left": f"the old one, {report.old_name!r}, could not be deleted and is still alive: "
        f"`companion rotate {name} --finish` tries again",
    }[report.old.value]
    return f"{name}: rotated to {new['name'] if new else ''!r}; {how}."


def exit_code_of(report: RotationReport) -> int:
    """Return 6 where the connection is broken, 9 where the old account is left or nothing could be verified, else 0."""
    if report.connection["status"] == "broken":
        return ExitCode.CREDENTIALS_REFUSED
    due = report.old.value == "left" or report.retrieval.unverified is not None
    return ExitCode.ATTENTION_DUE if due else ExitCode.DONE


def finish_document(connection: ConnectionDocument, gone: Sequence[EarlierAccount]) -> dict[str, Any]:
    """Return what --finish did as a document."""
    deleted = [{"kind": "api-account", "name": each.name, "client_id": each.client_id} for each in gone]
    return {"id": connection["id"], "name": connection["name"], "deleted": deleted}


def finish_text(connection: ConnectionDocument, gone: Sequence[EarlierAccount]) -> str:
    """Return what --finish did as a line."""
    names = ", ".join(repr(each.name) for each in gone)
    return f"{connection['name']}: {f'{names} is gone at BigCommerce' if gone else 'no earlier API account is left'}."
