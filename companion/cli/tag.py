"""`companion tag`."""

from __future__ import annotations

import click

from companion.cli.output import Output, with_output


@click.command(short_help="Set, add or remove tags of a connection.")
@click.argument("name")
@click.argument("tags", metavar="[TAG]...", nargs=-1)
@click.option("--remove", is_flag=True, help="Remove these tags instead of adding them.")
@click.option("--clear", is_flag=True, help="Remove all tags first.")
@with_output
def tag(output: Output, name: str, tags: tuple[str, ...], remove: bool, clear: bool) -> None:
    """Add tags to a connection; needs no access token. Tags are kept in their order, each once."""
    from companion.cli.describe import connection_text
    from companion.cli.session import open_client
    from companion.settings import load_settings

    if not tags and not clear:
        raise click.UsageError("Give at least one TAG, or --clear.")
    if remove and clear:
        raise click.UsageError("--remove and --clear do not go together.")
    with open_client(load_settings()) as client:
        connection = client.connection(name)
        kept = [] if clear else connection["tags"]
        wanted = [each for each in kept if each not in tags] if remove else list(dict.fromkeys([*kept, *tags]))
        tagged = client.patch(connection["id"], connection["revision"], tags=wanted)
    output.result(tagged, connection_text(tagged))
