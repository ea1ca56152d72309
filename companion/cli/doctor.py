"""`companion doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from companion.cli.output import Output, with_output
from companion.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from companion.cli.checks import Check

# A note that says what could be done is told too, but nothing is due because of it.
_NOTHING_DUE = ("ok", "note")


@click.command(short_help="Check this machine; each finding says what to do.")
@click.option(
    "--panel",
    is_flag=True,
    help="Also sign in to the control panel, with BIGCOMMERCE_EMAIL and BIGCOMMERCE_PASSWORD, and look for each "
    "documented control; nothing is changed there.",
)
@click.option("--store", metavar="HASH", help="With --panel: the store, where the user has several.")
@with_output
def doctor(output: Output, panel: bool, store: str | None) -> int:
    """Check what is set up on this machine; each finding says what to do. Ends with 9 if attention is due."""
    from companion.cli.checks import findings_of, installed_checks, own_checks
    from companion.core.connection import Severity
    from companion.settings import load_settings

    if store is not None and not panel:
        raise click.UsageError("--store is for --panel.")
    settings = load_settings()
    every = [*own_checks().items(), *installed_checks()]
    if panel:
        every.append(("panel", _panel_check(store)))
    checks: list[dict[str, Any]] = []
    for name, check in every:
        for finding in findings_of(name, check, settings):
            status = "ok" if finding.severity is Severity.NOTE and not finding.action else finding.severity.value
            checks.append({
                "check": name, "code": finding.code, "status": status,
                "message": finding.message, "action": finding.action,
            })  # fmt: skip
            output.line(f"{status:<10} {finding.message}")
            if finding.action:
                output.line(f"{'':<10} What to do: {finding.action}")
    findings = [check for check in checks if check["status"] != "ok"]
    due = [check for check in findings if check["status"] not in _NOTHING_DUE]
    closing = f"\n{len(due)} to look at." if due else "\nAll is well."
    output.result({"checks": checks, "findings": findings}, closing)
    return ExitCode.ATTENTION_DUE if due else ExitCode.DONE


def _panel_check(store: str | None) -> Check:
    from functools import partial

    from companion.cli.browser_jobs import panel_check
    from companion.core.store_urls import store_hash_from_text

    return partial(panel_check(), store_hash=None if store is None else store_hash_from_text(store))
