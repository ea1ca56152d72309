"""`companion delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from companion.cli.output import Output, with_output

if TYPE_CHECKING:
    from companion.client import ConnectionDocument


@click.command(short_help="Delete a connection here; names what stays alive.")
@click.argument("name", required=False)
@click.option("--yes", "-y", is_flag=True, help="Delete without asking.")
@with_output
def delete(output: Output, name: str | None, yes: bool) -> None:
    """Delete a connection here; the API account that stays alive at BigCommerce is named."""
    from companion.cli.at_hand import connection_at_hand
    from companion.cli.prompts import confirm
    from companion.cli.session import open_client
    from companion.settings import load_settings

    settings = load_settings()
    with open_client(settings) as client:
        connection = client.connection(connection_at_hand(name, settings))
        alive = still_alive(connection)
        confirm(
            f"The connection {connection['name']!r} and its stored access token will be gone. {alive}",
            "Delete it?",
            yes=yes,
        )
        client.delete(connection["id"], connection["revision"])
    account = connection["api_account"]
    document = {
        "deleted": {"id": connection["id"], "name": connection["name"]},
        "still_alive": [{"kind": "api-account", **account}] if account else [],
    }
    output.result(document, f"Deleted {connection['name']!r}. {alive}")


def still_alive(connection: ConnectionDocument) -> str:
    """Say which API account goes on working after the connection is gone."""
    account = connection["api_account"]
    which = f"The API account {account['name']!r}" if account else "The API account of its access token"
    return (
        f"{which} in store {connection['store_hash']} stays alive at BigCommerce; remove it there under "
        "Settings > API > Store-level API accounts."
    )
