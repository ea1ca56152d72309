"""`companion api-tokens`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from companion.cli.given_path import GivenPath
from companion.cli.output import Output, with_output
from companion.core.api_tokens import DEFAULT_LIFE, LONGEST_LIFE, known_actions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from companion.client import ApiTokenDocument, CompanionClient
    from companion.core.secret import Secret


@click.group("api-tokens", short_help="API tokens for single tools.")
def api_tokens() -> None:
    """API tokens for single tools: each for some connections, some actions, and some time.

    A tool sends its token to the service as `Authorization: Bearer …`. It never sees an access token.
    """


@api_tokens.command("list")
@with_output
def list_tokens(output: Output) -> None:
    """List the API tokens of tools, and when each was last used."""
    from companion.cli.session import open_client
    from companion.settings import load_settings

    with open_client(load_settings()) as client:
        there = client.api_tokens()
        names = _names_of(client, there) if not output.as_json else {}
    output.result({"api_tokens": there}, _table(there, names) if there else "")
    if not there and not output.as_json:
        output.note("No API tokens. `companion api-tokens create NAME` makes one for a tool.")


@api_tokens.command("create", short_help="Make an API token for one tool; it is shown this once.")
@click.argument("name")
@click.option(
    "--connection",
    "connections",
    multiple=True,
    metavar="NAME",
    help="A connection it is for, by name or id; repeatable.",
)
@click.option("--all", "every", is_flag=True, help="For all connections, also those to come.")
@click.option(
    "--action",
    "actions",
    multiple=True,
    required=True,
    type=click.Choice(known_actions()),
    help="What it allows; repeatable.",
)
@click.option(
    "--days",
    type=click.IntRange(1, LONGEST_LIFE.days),
    default=DEFAULT_LIFE.days,
    show_default=True,
    help="How long it is valid.",
)
@click.option(
    "--output",
    "file",
    type=GivenPath(dir_okay=False),
    metavar="PATH",
    help="Write it to a new file with mode 0600 instead of showing it.",
)
@with_output
def create(
    output: Output,
    name: str,
    connections: tuple[str, ...],
    every: bool,
    actions: tuple[str, ...],
    days: int,
    file: str | None,
) -> None:
    """Make an API token for one tool. It is shown this once, and nobody can show it again."""
    from datetime import UTC, datetime
    from pathlib import Path

    from companion.cli.session import open_client
    from companion.settings import load_settings

    if bool(connections) == every:
        raise click.UsageError("Give --connection NAME for each connection it is for, or --all.")
    path = None if file is None else Path(file)
    if path is not None:
        _check_that_it_is_free(path)
    with open_client(load_settings()) as client:
        ids = None if every else [client.connection(each)["id"] for each in connections]
        made, text = client.create_api_token(
            name, connections=ids, actions=actions, expires_at=datetime.now(UTC) + timedelta(days=days)
        )
        if path is not None:
            _write_or_revoke(path, text, client, made)
    shown = {"token_file": str(path)} if path is not None else {"token": text.reveal()}
    output.result({**made, **shown}, str(path) if path is not None else text.reveal())
    output.note(
        f"The API token {made['name']!r} is valid until {made['expires_at'][:10]}. "
        + ("" if path is not None else "It is not shown again. ")
        + "`companion api-tokens revoke` ends it."
    )


@api_tokens.command("revoke", short_help="End API tokens, at once.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All API tokens of tools; at a terminal it is asked first.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_output
def revoke(output: Output, names: tuple[str, ...], every: bool, yes: bool) -> None:
    """End API tokens by name or id, at once; with --all those of all tools."""
    from companion.cli.prompts import can_ask, confirm
    from companion.cli.session import open_client
    from companion.settings import load_settings

    if bool(names) == every:
        raise click.UsageError("Give the NAME of at least one API token, or --all.")
    with open_client(load_settings()) as client:
        if every:
            # Ending what may be in wrong hands is not held up where nobody can be asked.
            there = ", ".join(repr(each["name"]) for each in client.api_tokens())
            confirm(f"These stop working: {there or 'none'}.", "End them all?", yes=yes or not can_ask())
            revoked = client.revoke_api_tokens()
        else:
            revoked = _named(client.api_tokens(), names)
            for each in revoked:
                client.revoke_api_token(each["id"])
    ended = ", ".join(repr(each["name"]) for each in revoked)
    output.result({"revoked": revoked}, f"Revoked {ended}." if revoked else "There was none.")


def _named(there: list[ApiTokenDocument], names: Iterable[str]) -> list[ApiTokenDocument]:
    from companion.core.connection import name_key
    from companion.core.errors import NotFound

    found: dict[str, ApiTokenDocument] = {}
    for name in names:
        fitting = [each for each in there if each["id"] == name or name_key(each["name"]) == name_key(name)]
        if not fitting:
            raise NotFound(
                f"There is no API token {name!r}. None was revoked.",
                next_step="`companion api-tokens list` shows those there are.",
            )
        found.update((each["id"], each) for each in fitting)
    return list(found.values())


def _names_of(client: CompanionClient, there: list[ApiTokenDocument]) -> dict[str, str]:
    if not any(each["connections"] for each in there):
        return {}
    return {each["id"]: each["name"] for each in client.all_connections()}


def _table(there: list[ApiTokenDocument], names: dict[str, str]) -> str:
    from companion.cli.output import table

    return table(
        ("NAME", "ACTIONS", "CONNECTIONS", "VALID UNTIL", "LAST USED", "ID"),
        (
            (
                each["name"],
                ", ".join(each["actions"]),
                "all" if each["connections"] is None else ", ".join(names.get(it, it) for it in each["connections"]),
                each["expires_at"][:10],
                (each["last_used_at"] or "never")[:16].replace("T", " "),
                each["id"],
            )
            for each in there
        ),
    )


def _check_that_it_is_free(path: Path) -> None:
    from companion.core.errors import Conflict

    if path.exists() or path.is_symlink():
        raise Conflict(f"The file {path} is there already. No API token was made.", next_step="Name another file.")


def _write_or_revoke(path: Path, text: Secret, client: CompanionClient, made: ApiTokenDocument) -> None:
    from companion.core.errors import InvalidInput
    from companion.private_files import create_private_file

    try:
        create_private_file(path, text.reveal().encode() + b"\n")
    except OSError as failure:
        client.revoke_api_token(made["id"])
        raise InvalidInput(
            f"The file {path} could not be written: {failure.strerror}. The API token was revoked again.",
            next_step="Name another file.",
        ) from None
