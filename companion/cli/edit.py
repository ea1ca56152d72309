"""`companion edit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from companion.cli.form import access_token_from, form_options, given_fields
from companion.cli.output import Output, with_output
from companion.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from companion.client import ConnectionDocument, ConnectionFields


@click.command(short_help="Change fields; the access token is given again.")
@click.argument("name", required=False)
@click.option("--name", "new_name", metavar="NEW", help="Another name.")
@form_options
@click.option("--clear-tags", is_flag=True, help="Remove all tags.")
@click.option("--retrieve", is_flag=True, help="Make a new API account in the browser, with a new access token.")
@click.option("--verify/--no-verify", "verify", default=True, help="Prove it before storing it (default).")
@with_output
@click.pass_context
def edit(
    context: click.Context,
    output: Output,
    name: str | None,
    new_name: str | None,
    subdomain: str | None,
    store_hash: str | None,
    auth_type: str | None,
    channel_id: str | None,
    storefront_scopes: tuple[str, ...],
    tags: tuple[str, ...],
    clear_tags: bool,
    retrieve: bool,
    access_token_stdin: bool,
    storefront_token_stdin: bool,
    verify: bool,
) -> int:
    """Change fields of a connection; what is not given stays as it is.

    The access token must be given again each time, or made anew in the browser (--retrieve). The connection is proven
    before it takes the place of the old one; where it would not work, or nothing can be proven now, it is left as it
    was.
    """
    from companion.cli.at_hand import connection_at_hand
    from companion.cli.describe import connection_text
    from companion.cli.retrieving import arguments_for, retrieve_anew
    from companion.cli.session import open_client
    from companion.cli.verify import exit_code_of
    from companion.core.errors import BigCommerceUnreachable
    from companion.settings import load_settings

    if retrieve and (new_name or clear_tags or subdomain or access_token_stdin or storefront_token_stdin or not verify):
        raise click.UsageError(
            "--retrieve reads the subdomain and a new access token in the browser and verifies them, so what gives or "
            "leaves out those does not fit; `companion rename` and `companion tag` need no token."
        )
    changes = given_fields(
        subdomain=subdomain, store_hash=store_hash, auth_type=auth_type, channel_id=channel_id,
        storefront_scopes=storefront_scopes, tags=tags,
    )  # fmt: skip
    if new_name is not None:
        changes["name"] = new_name
    if clear_tags:
        changes["tags"] = []
    settings = load_settings()
    arguments: list[str] = []
    with open_client(settings) as client:
        connection = client.connection(connection_at_hand(name, settings))
        if retrieve:
            arguments = arguments_for(
                connection, auth_type=auth_type, store_hash=store_hash, channel_id=channel_id,
                scopes=storefront_scopes, tags=tags,
            )  # fmt: skip
        else:
            access_token, storefront_token = access_token_from(
                stdin=access_token_stdin, file=None, storefront_token_stdin=storefront_token_stdin
            )
            changes["storefront_token"] = storefront_token
            fields = changed_fields(connection, changes)
            try:
                changed = client.replace(connection["id"], fields, access_token, connection["revision"], prove=verify)
            except BigCommerceUnreachable:
                output.note("Nothing was changed, since nothing can be proven now; `--no-verify` stores it unproven.")
                raise
            output.result(changed, connection_text(changed))
            return exit_code_of(changed) if verify else ExitCode.DONE
    return retrieve_anew(context, arguments)


def changed_fields(connection: ConnectionDocument, changes: ConnectionFields) -> ConnectionFields:
    """Return the whole form: the connection's own fields, with `changes` in their place."""
    fields: ConnectionFields = {
        "name": connection["name"],
        "subdomain": connection["subdomain"],
        "auth_type": connection["auth_type"],
        "store_hash": connection["store_hash"],
        "channel_id": connection["channel_id"],
        "scopes": connection["scopes"],
        "tags": connection["tags"],
        "api_account": connection["api_account"],
        "oauth_scopes": connection["oauth_scopes"],
    }
    fields.update(changes)
    if "auth_type" in changes and changes["auth_type"] != connection["auth_type"] and "scopes" not in changes:
        # Scopes belong to private tokens alone; the other auth type starts with its own default.
        fields["scopes"] = None
    return fields
