"""`companion rename`."""

from __future__ import annotations

import click

from companion.cli.output import Output, with_output


@click.command(short_help="Give a connection another name.")
@click.argument("arguments", metavar="[NAME] NEW", nargs=-1, required=True)
@with_output
def rename(output: Output, arguments: tuple[str, ...]) -> None:
    """Give a connection another name; needs no access token."""
    from companion.cli.at_hand import connection_at_hand
    from companion.cli.describe import connection_text
    from companion.cli.session import open_client
    from companion.settings import load_settings

    if len(arguments) > 2:
        raise click.UsageError("Expected NAME and NEW; put names with blanks into quotes.")
    settings = load_settings()
    with open_client(settings) as client:
        connection = client.connection(connection_at_hand(arguments[0] if len(arguments) == 2 else None, settings))
        renamed = client.patch(connection["id"], connection["revision"], name=arguments[-1])
    output.result(renamed, connection_text(renamed))
