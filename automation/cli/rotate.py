"""`companion rotate`; nothing heavy is imported before it runs."""

from __future__ import annotations

import click

from companion.cli.output import Output, with_output
from companion.cli.selection import Selection, filter_options, selected_connections

DEFAULT_PATIENCE = 60.0


@click.command(short_help="Make a new API account, prove it, swap it in, delete the old one.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@filter_options
@click.option("--keep-old", is_flag=True, help="Do not delete the old API account; it stays as a finding.")
@click.option("--finish", is_flag=True, help="Only delete the API accounts that earlier rotations have kept or left.")
@click.option("--headed/--headless", default=False, help="Show the browser; hidden unless given.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=1, max=3600),
    default=DEFAULT_PATIENCE,
    show_default=True,
    metavar="SECONDS",
    help="How long a page may take that does not get on.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done; no browser opens.")
@click.option("--yes", "-y", is_flag=True, help="Delete the old API accounts without asking.")
@with_output
def rotate(
    output: Output,
    names: tuple[str, ...],
    every: bool,
    tags: tuple[str, ...],
    statuses: tuple[str, ...],
    auth_type: str | None,
    keep_old: bool,
    finish: bool,
    headed: bool,
    timeout: float,
    dry_run: bool,
    yes: bool,
) -> int:
    """Make a new API account for each connection, with exactly the scopes of the old one.

    Its access token is proven before it takes the place of the old one, and the old API account is deleted last.
    Whatever fails, the connection works. Ends with 9 where an old API account could not be deleted; --finish does it
    later.
    """
    from automation.cli.rotations import Rotations
    from companion.cli.left_accounts import tell_left
    from companion.cli.session import open_client
    from companion.settings import load_settings

    if keep_old and finish:
        raise click.UsageError("--keep-old and --finish exclude each other.")
    settings = load_settings()
    selection = Selection(names, every, tags, statuses, auth_type)
    with open_client(settings) as client:
        connections = selected_connections(selection, client, settings, tell=output.note)
        job = Rotations(
            output, client, settings, keep_old=keep_old, finish=finish, headed=headed, patience=timeout, yes=yes
        )
        if dry_run:
            return job.plan(connections)
        tell_left(output.note, settings, client)
        job.ask(connections)
        if selection.is_single and connections:
            return job.one(connections[0])
        return job.several(connections)
