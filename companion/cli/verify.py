"""`companion verify`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from companion.cli.at_once import each_at_once, parallel_option
from companion.cli.output import Output, with_output
from companion.cli.selection import Selection, filter_options, selected_connections
from companion.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from companion.client import CompanionClient, ConnectionDocument


@click.command(short_help="Prove token and scopes by using them.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@filter_options
@parallel_option
@click.option("--dry-run", is_flag=True, help="Only say which connections would be verified.")
@with_output
def verify(
    output: Output,
    names: tuple[str, ...],
    every: bool,
    tags: tuple[str, ...],
    statuses: tuple[str, ...],
    auth_type: str | None,
    parallel: int,
    dry_run: bool,
) -> int:
    """Prove the token and each scope by using it, and say what to do about each finding.

    Ends with 0 for ready or attention, 6 for broken, 10 where BigCommerce cannot be reached.
    """
    from companion.cli.describe import connection_table
    from companion.cli.session import open_client
    from companion.settings import load_settings

    settings = load_settings()
    selection = Selection(names, every, tags, statuses, auth_type)
    with open_client(settings) as client:
        connections = selected_connections(selection, client, settings, tell=output.note)
        if dry_run:
            text = connection_table(connections) if connections else "Nothing would be verified."
            output.result({"dry_run": True, "connections": connections}, text)
            return ExitCode.DONE
        if selection.is_single:
            return _verify_one(output, client, connections[0])
        return _verify_several(output, client, connections, parallel)


def exit_code_of(connection: ConnectionDocument) -> int:
    """Return what a verification with this outcome ends with."""
    return ExitCode.CREDENTIALS_REFUSED if connection["status"] == "broken" else ExitCode.DONE


def verified_text(connection: ConnectionDocument) -> str:
    """Return the outcome of a verification for a person."""
    from companion.cli.describe import findings_text

    findings = findings_text(connection["findings"])
    return f"{connection['name']}: {connection['status']}" + (f"\n{findings}" if findings else "")


def _verify_one(output: Output, client: CompanionClient, connection: ConnectionDocument) -> int:
    verified = client.verify(connection["id"])
    output.result(verified, verified_text(verified))
    return exit_code_of(verified)


def _verify_several(
    output: Output, client: CompanionClient, connections: list[ConnectionDocument], parallel: int
) -> int:
    from companion.cli.failure import explained_failure
    from companion.core.errors import CompanionError

    def proven(connection: ConnectionDocument) -> ConnectionDocument:
        return client.verify(connection["id"])

    results: list[ConnectionDocument] = []
    failures: list[dict[str, Any]] = []
    for connection, verified in each_at_once(proven, connections, parallel):
        if isinstance(verified, CompanionError):
            explained = explained_failure(verified)
            failures.append({"id": connection["id"], "name": connection["name"], **explained.document})
            output.line(f"{connection['name']}: not verified\n{explained.text}")
        else:
            results.append(verified)
            output.line(verified_text(verified))
    totals = {**Counter(verified["status"] for verified in results), "not_verified": len(failures)}
    document = {"connections": results, "failures": failures, "totals": totals}
    summary = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in totals.items() if count)
    output.result(document, f"\n{summary or 'Nothing to verify'}.")
    if any(map(exit_code_of, results)):
        return ExitCode.CREDENTIALS_REFUSED
    if failures:
        return ExitCode.ATTENTION_DUE if results else int(failures[0]["error"]["exit_code"])
    return ExitCode.DONE
