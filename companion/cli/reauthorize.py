"""`companion reauthorize`."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from companion.cli.at_once import each_at_once, parallel_option
from companion.cli.output import Output, with_output
from companion.cli.selection import Selection, filter_options, selected_connections
from companion.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from companion.client import CompanionClient, ConnectionDocument
    from companion.core.secret import Secret


@click.command(short_help="Move connections to private tokens, or to other scopes or a channel.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@filter_options
@click.option(
    "--storefront-scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help="A scope of the private tokens: Unauthenticated, Customer, B2B; repeatable. As they are unless given.",
)
@click.option("--channel-id", metavar="ID", help="Another channel.")
@click.option("--access-token-stdin", is_flag=True, help="Read a new access token from standard input.")
@click.option("--retrieve", is_flag=True, help="Make a new API account in the browser, with a new access token.")
@parallel_option
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@with_output
@click.pass_context
def reauthorize(
    context: click.Context,
    output: Output,
    names: tuple[str, ...],
    every: bool,
    tags: tuple[str, ...],
    statuses: tuple[str, ...],
    auth_type: str | None,
    scopes: tuple[str, ...],
    channel_id: str | None,
    access_token_stdin: bool,
    retrieve: bool,
    parallel: int,
    dry_run: bool,
) -> int:
    """Turn connections from the auth type token to custom, or to other scopes or another channel, in place.

    No browser is needed: the stored access token mints private tokens, too. The new is proven before the old goes;
    where it is not, nothing changes. Those that are what is wanted already are left alone, so a second run does what
    is left. Ends with 9 where only some could be done.
    """
    from companion.cli.session import open_client
    from companion.core.store_urls import channel_id_from_text
    from companion.settings import load_settings

    if access_token_stdin and retrieve:
        raise click.UsageError("--access-token-stdin and --retrieve exclude each other.")
    settings = load_settings()
    selection = Selection(names, every, tags, statuses, auth_type)
    if (access_token_stdin or retrieve) and not selection.is_single:
        raise click.UsageError("A new access token is for one connection: name it.")
    channel = None if channel_id is None else channel_id_from_text(channel_id)
    with open_client(settings) as client:
        connections = selected_connections(selection, client, settings, tell=output.note)
        todo = [each for each in connections if access_token_stdin or retrieve or _differs(each, scopes, channel)]
        if dry_run:
            lines = [f"{each['name']}: {_plan(each, scopes, channel)}" for each in todo]
            plan = [
                {"id": each["id"], "name": each["name"], "from": each["auth_type"], "to": "custom"} for each in todo
            ]
            others = [each for each in connections if each not in todo]
            lines += [f"{each['name']}: is all that already; nothing would be done" for each in others]
            nothing_to_do = [{"id": each["id"], "name": each["name"]} for each in others]
            output.result(
                {"dry_run": True, "plan": plan, "nothing_to_do": nothing_to_do},
                "\n".join(lines) or "No connection fits, so nothing would be done.",
            )
            return ExitCode.DONE
        if not retrieve:
            token = _given_token() if access_token_stdin else None
            if selection.is_single:
                return _one(output, client, connections[0], scopes, channel, token)
            return _several(output, client, connections, todo, scopes, channel, parallel)
    from companion.cli.retrieving import arguments_for, retrieve_anew

    arguments = arguments_for(connections[0], auth_type="custom", channel_id=channel_id, scopes=scopes)
    return retrieve_anew(context, arguments)


def _one(
    output: Output,
    client: CompanionClient,
    connection: ConnectionDocument,
    scopes: tuple[str, ...],
    channel_id: int | None,
    access_token: Secret | None,
) -> int:
    from companion.cli.verify import exit_code_of, verified_text

    done = client.reauthorize(connection["id"], scopes=scopes or None, channel_id=channel_id, access_token=access_token)
    output.result(done, verified_text(done))
    _note_files(output, client, done)
    return exit_code_of(done)


def _note_files(output: Output, client: CompanionClient, connection: ConnectionDocument) -> None:
    from companion.cli.delete import files_whose_token_ended
    from companion.core.errors import CompanionError

    with contextlib.suppress(CompanionError):  # the connection is reauthorized; the rest is a service
        told = files_whose_token_ended(client, connection)
        if told:
            output.note(told)


def _several(
    output: Output,
    client: CompanionClient,
    connections: list[ConnectionDocument],
    todo: list[ConnectionDocument],
    scopes: tuple[str, ...],
    channel_id: int | None,
    parallel: int,
) -> int:
    from companion.cli.failure import explained_failure
    from companion.core.errors import CompanionError

    def moved(connection: ConnectionDocument) -> ConnectionDocument:
        return client.reauthorize(connection["id"], scopes=scopes or None, channel_id=channel_id)

    done: list[ConnectionDocument] = []
    failures: list[dict[str, Any]] = []
    for connection, changed in each_at_once(moved, todo, parallel):
        name = connection["name"]
        if isinstance(changed, CompanionError):
            explained = explained_failure(changed)
            failures.append({"id": connection["id"], "name": name, **explained.document})
            output.line(f"{name}: not reauthorized\n{explained.text}")
        else:
            done.append(changed)
            _note_files(output, client, changed)
            output.line(f"{name}: reauthorized, {changed['status']}")
    totals = Counter(reauthorized=len(done), failed=len(failures), nothing_to_do=len(connections) - len(todo))
    summary = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in totals.items() if count)
    document = {"connections": done, "failures": failures, "totals": dict(totals)}
    output.result(document, f"\n{summary or 'Nothing to do'}.")
    if not failures:
        return ExitCode.DONE
    return ExitCode.ATTENTION_DUE if done else int(failures[0]["error"]["exit_code"])


def _differs(connection: ConnectionDocument, scopes: tuple[str, ...], channel_id: int | None) -> bool:
    return (
        connection["auth_type"] != "custom"
        or bool(scopes and list(scopes) != connection["scopes"])
        or channel_id not in {None, connection["channel_id"]}
    )


def _plan(connection: ConnectionDocument, scopes: tuple[str, ...], channel_id: int | None) -> str:
    changes = [] if connection["auth_type"] == "custom" else ["from token to custom"]
    if scopes:
        changes.append(f"scopes {', '.join(scopes)}")
    if channel_id not in {None, connection["channel_id"]}:
        changes.append(f"channel {channel_id}")
    return "; ".join(changes) or "a new access token"


def _given_token() -> Secret:
    from companion.cli.form import access_token_from

    access_token, _ = access_token_from(stdin=True, file=None, storefront_token_stdin=False)
    return access_token
