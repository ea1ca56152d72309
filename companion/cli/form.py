"""The fields of a connection as options, and the questions for those that are missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from companion.cli.prompts import PipedSecrets, ask, ask_secret, can_ask
from companion.cli.selection import AUTH_TYPES
from companion.core.connection import STOREFRONT_SCOPES
from companion.core.errors import FieldError, InvalidInput
from companion.core.secret import Secret

if TYPE_CHECKING:
    from companion.client import ConnectionFields
    from companion.core.credentials_file import CredentialsFile

C = TypeVar("C", bound=Callable[..., object])


def form_options(command: C) -> C:
    """Add an option for each field of the form but the name."""
    for option in (
        click.option(
            "--storefront-token-stdin",
            is_flag=True,
            help="With auth type token: read an existing storefront token from standard input, after the access token.",
        ),
        click.option(
            "--access-token-stdin", is_flag=True, help="Read the access token from the first line of standard input."
        ),
        click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag; repeatable."),
        click.option(
            "--storefront-scope",
            "storefront_scopes",
            multiple=True,
            metavar="SCOPE",
            help=f"A scope of the private tokens, with auth type custom: {', '.join(STOREFRONT_SCOPES)}; repeatable.",
        ),
        click.option("--channel-id", metavar="ID", help="The storefront channel; 1 unless given."),
        click.option(
            "--auth-type",
            type=click.Choice(AUTH_TYPES, case_sensitive=False),
            help="custom: private tokens, recommended. token: the older storefront tokens.",
        ),
        click.option(
            "--store-hash", metavar="HASH", help="The store hash, the control panel's address or the API path."
        ),
        click.option("--subdomain", metavar="SUBDOMAIN", help="The subdomain, or the storefront's address."),
    ):
        command = option(command)
    return command


def given_fields(
    *,
    subdomain: str | None,
    store_hash: str | None,
    auth_type: str | None,
    channel_id: str | None,
    storefront_scopes: tuple[str, ...],
    tags: tuple[str, ...],
) -> ConnectionFields:
    """Return the fields that were given as options, and only those.

    Raises:
        InvalidInput: the channel ID is none.
    """
    from companion.core.store_urls import channel_id_from_text

    fields: ConnectionFields = {}
    if subdomain is not None:
        fields["subdomain"] = subdomain
    if store_hash is not None:
        fields["store_hash"] = store_hash
    if auth_type is not None:
        fields["auth_type"] = auth_type
    if channel_id is not None:
        fields["channel_id"] = channel_id_from_text(channel_id)
    if storefront_scopes:
        fields["scopes"] = list(storefront_scopes)
    if tags:
        fields["tags"] = list(tags)
    return fields


def ask_for_missing(fields: ConnectionFields) -> None:
    """Ask for store hash and subdomain where they are missing, checking each answer at once.

    Raises:
        InvalidInput: there is nobody to ask; names every field that is missing.
    """
    from companion.core.store_urls import store_hash_from_text, subdomain_from_text

    if can_ask():
        if "store_hash" not in fields:
            fields["store_hash"] = _asked("Store hash, or the control panel's address", store_hash_from_text)
        if "subdomain" not in fields:
            fields["subdomain"] = _asked("Subdomain, or the storefront's address", subdomain_from_text)
        return
    missing = [field for field in ("store_hash", "subdomain") if field not in fields]
    if missing:
        raise missing_options(missing)


def missing_options(fields: list[str]) -> InvalidInput:
    """Return the error that names the options for `fields`."""
    options = ", ".join(f"--{field.replace('_', '-')}" for field in fields)
    return InvalidInput(
        f"Missing: {options}.",
        next_step="Give them as options; on a terminal you are asked for what is missing.",
        fields=tuple(FieldError(f"/{field}", "This field is required.") for field in fields),
    )


def access_token_from(
    *, stdin: bool, file: CredentialsFile | None, storefront_token_stdin: bool
) -> tuple[Secret, Secret | None]:
    """Return access token and storefront token from standard input, the credentials file or the terminal.

    Raises:
        InvalidInput: there is no access token and nobody to ask.
    """
    piped = PipedSecrets()
    if stdin and file is not None:
        raise InvalidInput(
            "Both --access-token-stdin and --credentials-file are given.", next_step="Leave one of them out."
        )
    if stdin:
        access_token = piped.take("The access token")
    elif file is not None:
        access_token = file.access_token
    elif can_ask():
        access_token = ask_secret("Access token (not shown)")
    else:
        raise InvalidInput(
            "The access token is missing.",
            why="Secrets are not taken as arguments, where other programs could read them.",
            next_step="Pipe it in with --access-token-stdin.",
            fields=(FieldError("/access_token", "This field is required."),),
        )
    return access_token, piped.take("The storefront token") if storefront_token_stdin else None


def read_credentials_file(path: Path) -> CredentialsFile:
    """Read a downloaded credentials file.

    Raises:
        InvalidInput: it cannot be read, or is none.
    """
    from companion.core.credentials_file import MAX_FILE_BYTES, credentials_from_bytes

    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as failure:
        # The name of a credentials file may hold a secret's text, so it is not repeated.
        raise InvalidInput(
            f"The credentials file could not be read: {failure.strerror}.", next_step="Check the path."
        ) from None
    return credentials_from_bytes(content)


def _asked(label: str, rule: Callable[[str], str]) -> str:
    while True:
        try:
            return rule(ask(label))
        except InvalidInput as refusal:
            click.echo(refusal.explained.what, err=True)
