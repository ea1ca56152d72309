"""`companion deadlines`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from companion.cli.output import Output, table, with_output
from companion.cli.selection import Selection, filter_options, nobody_has, selected_connections
from companion.core.exit_codes import ExitCode
from companion.core.timestamps import timestamp

if TYPE_CHECKING:
    from companion.client import CompanionClient, DueDocument
    from companion.settings import Settings

_DAYS = {"": 1, "d": 1, "w": 7}
_LONGEST = 36_500


class _Span(click.ParamType[timedelta]):
    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        found = re.fullmatch(r"([0-9]{1,5})([dw]?)", str(value).strip().lower())
        days = int(found[1]) * _DAYS[found[2]] if found else -1
        if not 0 <= days <= _LONGEST:
            self.fail("Give days or weeks, such as 90d or 12w.", param, ctx)
        return timedelta(days=days)


@click.command(short_help="What stops working or grows old, and when.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@filter_options
@click.option(
    "--within", type=_Span(), metavar="DAYS", help="Only what is due by then, such as 90d; ends with 9 if any is."
)
@with_output
def deadlines(
    output: Output,
    names: tuple[str, ...],
    every: bool,
    tags: tuple[str, ...],
    statuses: tuple[str, ...],
    auth_type: str | None,
    within: timedelta | None,
) -> int:
    """Say what stops working or grows old, when, and what to do about each; of all connections unless some are named.

    Storefront tokens of the older kind and 2027-03-31, access tokens and keys older than a year, storefront tokens in
    files that were exported, and files that hold an access token which was replaced since.
    """
    from datetime import UTC

    from companion.cli.session import is_another_service, open_client
    from companion.settings import load_settings

    settings = load_settings()
    selection = Selection(names, every or not names, tags, statuses, auth_type)
    now = datetime.now(UTC)
    end = None if within is None else now + within
    with open_client(settings) as client:
        found = [
            {
                "connection": {"id": due["connection"]["id"], "name": due["connection"]["name"]},
                **each,
                "days": (datetime.fromisoformat(each["due_at"]) - now).days,
            }
            for due in _selected(output, selection, client, settings)
            for each in due["deadlines"]
            if end is None or datetime.fromisoformat(each["due_at"]) <= end
        ]
    if not names and not selection.filters and not is_another_service(settings):
        found += _of_keys(settings, now, end)
    found.sort(key=lambda each: (datetime.fromisoformat(str(each["due_at"])), str(each["kind"])))
    past = sum(datetime.fromisoformat(str(each["due_at"])) <= now for each in found)
    totals = Counter(str(each["kind"]) for each in found)
    document = {
        "deadlines": found,
        "within_days": None if within is None else within.days,
        "totals": {"due": len(found), "past": past, "by_kind": dict(totals)},
    }
    output.result(document, _text(found, past))
    return ExitCode.ATTENTION_DUE if within is not None and found else ExitCode.DONE


def _selected(
    output: Output, selection: Selection, client: CompanionClient, settings: Settings
) -> Iterator[DueDocument]:
    if selection.names:
        for connection in selected_connections(selection, client, settings, tell=output.note):
            yield client.due(connection["id"])
        return
    tags: set[str] = set()
    for due in client.all_due():
        tags.update(due["connection"]["tags"])
        if selection.fits(due["connection"]):
            yield due
    unknown = nobody_has(selection.tags, (tags,))
    if unknown is not None:
        output.note(unknown)


def _of_keys(settings: Settings, now: datetime, end: datetime | None) -> Iterator[dict[str, Any]]:
    from companion.core.deadlines import deadlines_of_keys
    from companion.wiring.keys import keys_at_hand

    for each in deadlines_of_keys(keys_at_hand(settings).usage):
        if end is None or each.due_at <= end:
            yield {
                "connection": None,
                "kind": each.kind.value,
                "due_at": timestamp(each.due_at),
                "message": each.message,
                "action": each.action,
                "days": (each.due_at - now).days,
            }


def _text(found: Iterable[dict[str, Any]], past: int) -> str:
    rows = [
        (
            str(each["due_at"])[:10],
            "past" if each["days"] < 0 else f"{each['days']} days",
            "" if each["connection"] is None else str(each["connection"]["name"]),
            f"{each['message']} {each['action']}",
        )
        for each in found
    ]
    if not rows:
        return "Nothing is due."
    count = f"{len(rows)} deadline{'' if len(rows) == 1 else 's'}" + (f", {past} of them past" if past else "")
    return f"{table(('DUE', 'IN', 'NAME', 'WHAT, AND WHAT TO DO'), rows)}\n\n{count}."
