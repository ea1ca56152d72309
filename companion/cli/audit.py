"""`companion audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from companion.cli.output import Output, with_output
from companion.core.audit_actions import AuditAction
from companion.core.exit_codes import ExitCode
from companion.core.paging import DEFAULT_PAGE, MAX_PAGE

if TYPE_CHECKING:
    from companion.client import AuditEntryDocument, CompanionClient

_WHAT_TO_DO = (
    "Keep a copy of the database as it is. Compare what stands from that entry on with a backup, find out who could "
    "write to the database, and change the access tokens that were there with `companion rotate --all`."
)


@click.command("audit", short_help="The record of who did what, when.")
@click.argument("name", required=False)
@click.option("--action", type=click.Choice([each.value for each in AuditAction]), help="Only this action.")
@click.option("--who", metavar="CALLER", help="Only this caller, such as `user` or `tool NAME`.")
@click.option(
    "--limit", type=click.IntRange(1, MAX_PAGE), default=DEFAULT_PAGE, show_default=True, help="Entries a page."
)
@click.option(
    "--before", type=click.IntRange(1, 2**63 - 1), metavar="NUMBER", help="Go on with older entries than this one."
)
@click.option(
    "--chapter",
    type=click.IntRange(1, 2**31 - 1),
    metavar="NUMBER",
    help="Of this earlier chapter, which a restored backup brought along.",
)
@click.option("--verify", "verifying", is_flag=True, help="Walk the whole record and say whether it is whole.")
@click.option("--since", metavar="ANCHOR", help="With --verify: it must also go through this anchor.")
@click.option("--anchor", "anchoring", is_flag=True, help="Print where the record ends, for keeping elsewhere.")
@with_output
def audit(
    output: Output,
    name: str | None,
    action: str | None,
    who: str | None,
    limit: int,
    before: int | None,
    chapter: int | None,
    verifying: bool,
    since: str | None,
    anchoring: bool,
) -> int:
    """Show who did what to which connection, newest first; NAME for one connection only.

    Every change and every use of a secret is recorded, and chained to the one before it, so that what was changed or
    taken out shows with --verify. An anchor that is kept elsewhere shows even that the whole record was put back.
    """
    from companion.cli.session import open_client
    from companion.settings import load_settings

    if since is not None and not verifying:
        raise click.UsageError("--since goes with --verify.")
    if (verifying or anchoring) and (name or action or who or before or chapter):
        raise click.UsageError("--verify and --anchor are about the whole record; leave the filters out.")
    if verifying and anchoring:
        raise click.UsageError("Give --verify or --anchor; the answer to --verify holds the anchor too.")
    with open_client(load_settings()) as client:
        if verifying or anchoring:
            return _state(output, client, since, anchoring)
        connection = None if name is None else client.connection(name)["id"]
        page = client.audit(limit, before, connection=connection, action=action, who=who, chapter=chapter)
    output.result(dict(page), _table(page["entries"]) if page["entries"] else "")
    if not page["entries"]:
        output.note("Nothing is recorded that fits.")
    if page["next"] is not None and not output.as_json:
        output.note(f"There are older ones: add --before {page['next']}")
    return ExitCode.DONE


def _state(output: Output, client: CompanionClient, since: str | None, anchoring: bool) -> int:
    state = client.audit_state(since)
    broken = [each for each in state["chapters"] if not each["intact"]]
    if state["intact"]:
        said = f"The record is whole: {state['entries']} entries."
        for each in state["chapters"]:
            said += f"\nChapter {each['chapter']}, which a restored backup brought along, is whole: "
            said += f"{each['entries']} entries."
        output.result({**state, "action": ""}, state["anchor"] if anchoring else said)
        return ExitCode.DONE
    lines, notes = [], []
    if state["broken_at"] is not None:
        lines.append(f"The record is broken at entry {state['broken_at']}.")
        notes.append(f"{state['why']} What stands before entry {state['broken_at']} is as it was recorded.")
    for each in broken:
        lines.append(f"Chapter {each['chapter']} of the record is broken at entry {each['broken_at']}.")
        notes.append(f"Chapter {each['chapter']}: {each['why']}")
    output.result({**state, "action": _WHAT_TO_DO}, "" if anchoring else "\n".join(lines))
    output.note("\n".join([*notes, f"  What to do: {_WHAT_TO_DO}"]))
    return ExitCode.ATTENTION_DUE


def _table(entries: list[AuditEntryDocument]) -> str:
    from companion.cli.output import table

    return table(
        ("NUMBER", "WHEN", "WHO", "ACTION", "CONNECTION", "OUTCOME", "DETAIL"),
        (
            (
                str(each["number"]),
                each["at"][:19].replace("T", " "),
                each["who"],
                each["action"],
                _name_of(each),
                each["outcome"],
                each["detail"],
            )
            for each in entries
        ),
    )


def _name_of(entry: AuditEntryDocument) -> str:
    connection = entry["connection"]
    return "" if connection is None else connection["name"] or ""
