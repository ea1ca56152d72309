"""`companion delete`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from companion.cli.output import Output, with_output

if TYPE_CHECKING:
    from companion.client import CompanionClient, ConnectionDocument
    from companion.settings import Settings


@click.command(short_help="Delete a connection here; names what stays alive.")
@click.argument("name", required=False)
@click.option(
    "--revoke",
    is_flag=True,
    help="First delete its API account in the control panel, in a browser that signs in with BIGCOMMERCE_EMAIL and "
    "BIGCOMMERCE_PASSWORD, and prove that its access token is refused.",
)
@click.option("--headed/--headless", default=False, help="With --revoke: show the browser; hidden unless given.")
@click.option("--yes", "-y", is_flag=True, help="Delete without asking.")
@with_output
def delete(output: Output, name: str | None, revoke: bool, headed: bool, yes: bool) -> None:
    """Delete a connection here; the API account that stays alive at BigCommerce is named.

    With --revoke nothing stays alive. Where the API account cannot be found, or cannot be told from others, nothing
    is deleted, neither there nor here.
    """
    from companion.cli.at_hand import connection_at_hand
    from companion.cli.prompts import confirm
    from companion.cli.session import open_client
    from companion.settings import load_settings

    settings = load_settings()
    with open_client(settings) as client:
        connection = client.connection(connection_at_hand(name, settings))
        if revoke:
            _revoke_and_delete(output, connection, client, settings, headed=headed, yes=yes)
            return
        alive = still_alive(connection) + files_left(client, connection)
        confirm(
            f"The connection {connection['name']!r} and its stored access token will be gone. {alive}",
            "Delete it?",
            yes=yes,
        )
        client.delete(connection["id"], connection["revision"])
    account = connection["api_account"]
    still_there = [{"kind": "api-account", **account}] if account else []
    output.result(_document(connection, still_there), f"Deleted {connection['name']!r}. {alive}")


def still_alive(connection: ConnectionDocument) -> str:
    """Say which API account goes on working after the connection is gone."""
    account = connection["api_account"]
    which = f"The API account {account['name']!r}" if account else "The API account of its access token"
    return (
        f"{which} in store {connection['store_hash']} stays alive at BigCommerce; remove it there under "
        "Settings > API > Store-level API accounts."
    )


def files_left(client: CompanionClient, connection: ConnectionDocument) -> str:
    """Return a sentence that names the files which `export` wrote and which stay; nothing where there are none."""
    paths = [each["path"] for each in client.due(connection["id"])["exports"]]
    if not paths:
        return ""
    return (
        " Written by `companion export`, and left where they are, though storefront tokens that were made for them are "
        f"revoked: {', '.join(paths)}."
    )


def files_whose_token_ended(client: CompanionClient, connection: ConnectionDocument) -> str:
    """Return a sentence that names the exported files whose storefront token ended; nothing where there are none."""
    now = datetime.now(UTC)
    paths = [
        each["path"]
        for each in client.due(connection["id"])["exports"]
        if each["storefront_token_ends"] is not None and datetime.fromisoformat(each["storefront_token_ends"]) <= now
    ]
    if not paths:
        return ""
    return (
        f"The storefront token in {', '.join(paths)} is revoked: write it again with `companion export`, or delete it."
    )


def _revoke_and_delete(
    output: Output,
    connection: ConnectionDocument,
    client: CompanionClient,
    settings: Settings,
    *,
    headed: bool,
    yes: bool,
) -> None:
    from companion.cli.browser_jobs import revoke_job
    from companion.cli.prompts import can_ask, confirm

    job = revoke_job()
    others = [each["name"] for each in client.all_connections() if _shares_account(each, connection)]

    files = files_left(client, connection)

    def agreed(webhooks: int | None) -> None:
        confirm(what_dies(connection, others, webhooks) + files, "Delete it?", yes=yes)

    if not yes and not can_ask():
        agreed(None)  # which says that nobody can be asked, before a browser opens
    revoked = job(output, connection, client, settings, agreed=agreed, headed=headed)
    client.delete(connection["id"], client.connection(connection["id"])["revision"])
    output.result(
        {**_document(connection, []), "revoked": [revoked]},
        f"Deleted the API account {revoked['name']!r} at BigCommerce, whose access token is refused now, and the "
        f"connection {connection['name']!r}.",
    )


def what_dies(connection: ConnectionDocument, others: list[str], webhooks: int | None) -> str:
    """Say what is gone with the API account and its connection.

    Args:
        others: names of the other connections with the same API account.
        webhooks: how many the list shows as active; None where it does not tell.

    Webhooks disappear with an account, and some metafields and scripts can be reached no more (BigCommerce's "API
    accounts" page, read 2026-04).
    """
    account = connection["api_account"]
    name = account["name"] if account else "of its access token"
    hooks = (
        "Its webhooks die with it"
        if webhooks is None
        else "It has no active webhooks"
        if webhooks == 0
        else f"Its {webhooks} active webhook{'' if webhooks == 1 else 's'} die{'s' if webhooks == 1 else ''} with it"
    )
    shared = ""
    if others:
        names = ", ".join(repr(other) for other in others)
        shared = (
            f" The connection{'' if len(others) == 1 else 's'} {names} use{'s' if len(others) == 1 else ''} it too."
        )
    return (
        f"The API account {name!r} in store {connection['store_hash']} will be deleted at BigCommerce, for good: every "
        f"program that uses its access token stops. {hooks}; metafields and scripts that only it may change stay as "
        f"they are.{shared} The connection {connection['name']!r} and its stored access token will be gone."
    )


def _shares_account(other: ConnectionDocument, connection: ConnectionDocument) -> bool:
    mine, its = connection["api_account"], other["api_account"]
    return (
        mine is not None
        and its is not None
        and other["id"] != connection["id"]
        and other["store_hash"] == connection["store_hash"]
        and (its["name"] == mine["name"] or (its["client_id"] is not None and its["client_id"] == mine["client_id"]))
    )


def _document(connection: ConnectionDocument, still_there: list[dict[str, Any]]) -> dict[str, Any]:
    return {"deleted": {"id": connection["id"], "name": connection["name"]}, "still_alive": still_there}
