"""`companion doctor`."""

from __future__ import annotations

from typing import Any

import click

from companion.cli.output import Output, with_output

ATTENTION_DUE = 9
_MARKS = {"note": "ok", "attention": "attention", "broken": "broken"}


@click.command(short_help="Check this machine; each finding says what to do.")
@with_output
def doctor(output: Output) -> int:
    """Check what is set up on this machine; each finding says what to do. Ends with 9 if attention is due."""
    from companion.cli.checks import findings_of, installed_checks, own_checks
    from companion.settings import load_settings

    settings = load_settings()
    checks: list[dict[str, Any]] = []
    for name, check in (*own_checks().items(), *installed_checks()):
        for finding in findings_of(name, check, settings):
            checks.append({
                "check": name, "code": finding.code, "status": _MARKS[finding.severity],
                "message": finding.message, "action": finding.action,
            })  # fmt: skip
            output.line(f"{_MARKS[finding.severity]:<10} {finding.message}")
            if finding.action:
                output.line(f"{'':<10} What to do: {finding.action}")
    due = [check for check in checks if check["status"] != "ok"]
    output.result({"checks": checks, "findings": due}, "\nAll is well." if not due else f"\n{len(due)} to look at.")
    return ATTENTION_DUE if due else 0
