"""`companion list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from companion.cli.output import Output, with_output
from companion.cli.selection import Selection, filter_options, selected_connections
from companion.core.paging import DEFAULT_PAGE, MAX_PAGE

if TYPE_CHECKING:
    from companion.client import ConnectionDocument


@click.command("list")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@filter_options
@click.option(
    "--limit", type=click.IntRange(1, MAX_PAGE), default=DEFAULT_PAGE, show_default=True, help="Connections a page."
)
@click.option("--after", metavar="CURSOR", help="Go on after the page that ended with this cursor.")
@with_output
def list_(
    output: Output,
    names: tuple[str, ...],
    every: bool,
    tags: tuple[str, ...],
    statuses: tuple[str, ...],
    auth_type: str | None,
    limit: int,
    after: str | None,
) -> None:
    """List connections, one page at a time."""
    from companion.cli.left_accounts import tell_left
    from companion.cli.session import open_client
    from companion.settings import load_settings

    settings = load_settings()
    selection = Selection(names, every, tags, statuses, auth_type)
    with open_client(settings) as client:
        if selection.names or selection.all or selection.filters:
            found = selected_connections(selection, client, settings, tell=output.note)
            _show(output, found, None, narrowed=True)
        else:
            page = client.connections(limit, after)
            _show(output, page["connections"], page["next"])
        tell_left(output.note, settings, client)


def _show(
    output: Output, connections: list[ConnectionDocument], following: str | None, *, narrowed: bool = False
) -> None:
    from companion.cli.describe import connection_table

    document: dict[str, Any] = {"connections": connections, "next": following}
    output.result(document, connection_table(connections) if connections else "")
    if output.as_json:
        return
    if not connections and narrowed:
        output.note("No connection fits. `companion list` shows them all.")
    elif not connections:
        output.note("No connections. `companion connect NAME` retrieves one, `companion add NAME` takes one typed in.")
    if following:
        output.note(f"There are more: companion list --after {following}")
