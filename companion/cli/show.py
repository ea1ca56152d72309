"""`companion show`."""

from __future__ import annotations

import click

from companion.cli.output import Output, with_output


@click.command()
@click.argument("name", required=False)
@with_output
def show(output: Output, name: str | None) -> None:
    """Show one connection, without its secrets."""
    from companion.cli.at_hand import connection_at_hand
    from companion.cli.describe import connection_text
    from companion.cli.session import open_client
    from companion.settings import load_settings

    settings = load_settings()
    with open_client(settings) as client:
        connection = client.connection(connection_at_hand(name, settings))
    output.result(connection, connection_text(connection))
