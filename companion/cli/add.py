"""`companion add`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from companion.cli.form import (
    access_token_from,
    ask_for_missing,
    form_options,
    given_fields,
    missing_options,
    read_credentials_file,
)
from companion.cli.given_path import GivenPath
from companion.cli.output import Output, with_output
from companion.cli.prompts import can_ask, says_yes
from companion.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from companion.client import CompanionClient, ConnectionDocument, ConnectionFields
    from companion.core.credentials_file import CredentialsFile


@click.command(short_help="Store a connection from typed or piped fields, no browser.")
@click.argument("name")
@form_options
@click.option(
    "--credentials-file",
    metavar="FILE",
    type=GivenPath(path_type=Path),
    help="Take access token, store hash and API account out of the downloaded .txt.",
)
@click.option(
    "--delete-file/--keep-file", "delete_file", default=None, help="Delete that file once the connection is stored."
)
@click.option("--verify/--no-verify", "verify", default=True, help="Prove the connection after storing it (default).")
@with_output
def add(
    output: Output,
    name: str,
    subdomain: str | None,
    store_hash: str | None,
    auth_type: str | None,
    channel_id: str | None,
    storefront_scopes: tuple[str, ...],
    tags: tuple[str, ...],
    access_token_stdin: bool,
    storefront_token_stdin: bool,
    credentials_file: Path | None,
    delete_file: bool | None,
    verify: bool,
) -> int:
    """Store a connection from fields that are typed or piped in, without a browser."""
    from companion.cli.session import open_client
    from companion.settings import load_settings

    fields = given_fields(
        subdomain=subdomain, store_hash=store_hash, auth_type=auth_type, channel_id=channel_id,
        storefront_scopes=storefront_scopes, tags=tags,
    )  # fmt: skip
    file = None if credentials_file is None else read_credentials_file(credentials_file)
    if file is not None:
        _take_from_file(fields, file)
    if not can_ask():
        missing = [field for field in ("store_hash", "subdomain") if field not in fields]
        if missing:
            raise missing_options(missing)
    with open_client(load_settings()) as client:
        _refuse_taken(client, name)
        ask_for_missing(fields)
        access_token, storefront_token = access_token_from(
            stdin=access_token_stdin, file=file, storefront_token_stdin=storefront_token_stdin
        )
        connection = client.create({**fields, "name": name, "storefront_token": storefront_token}, access_token)
        if credentials_file is not None:
            _offer_to_delete(output, credentials_file, delete_file)
        return finish(output, client, connection, verify=verify)


def finish(output: Output, client: CompanionClient, connection: ConnectionDocument, *, verify: bool) -> int:
    """Verify what was stored, where that is wanted, and show it; returns the exit code.

    What is stored stays stored: where BigCommerce cannot be reached now the work is partly done.
    """
    from companion.cli.describe import connection_text
    from companion.cli.verify import exit_code_of
    from companion.core.errors import BigCommerceUnreachable

    exit_code: int = ExitCode.DONE
    if verify:
        try:
            connection = client.verify(connection["id"])
            exit_code = exit_code_of(connection)
        except BigCommerceUnreachable as failure:
            output.note(f"Stored, but not verified. {failure}")
            exit_code = ExitCode.ATTENTION_DUE
    output.result(connection, connection_text(connection))
    return exit_code


def _take_from_file(fields: ConnectionFields, file: CredentialsFile) -> None:
    if file.store_hash is not None:
        fields.setdefault("store_hash", file.store_hash)
    if file.name is not None:
        fields["api_account"] = {"name": file.name, "client_id": file.client_id}


def _refuse_taken(client: CompanionClient, name: str) -> None:
    from companion.core.connection import checked_name
    from companion.core.errors import NameTaken

    if client.connections(name=checked_name(name))["connections"]:
        raise NameTaken(name)


def _offer_to_delete(output: Output, path: Path, delete_file: bool | None) -> None:
    if delete_file is None and can_ask():
        delete_file = says_yes("The file holds the token in clear. Delete it?")
    if not delete_file:
        output.note("The credentials file still holds the token in clear; delete it when you no longer need it.")
        return
    try:
        # Behind a link the token would stay where the link leads.
        path.resolve(strict=True).unlink()
        if path.is_symlink():
            path.unlink()
    except OSError as failure:
        output.note(f"The credentials file could not be deleted: {failure.strerror}. It holds the token in clear.")
    else:
        output.note("Deleted the credentials file.")
