"""A new access token for a connection that is there: `connect --replace`, with what another command is to change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from companion.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from companion.client import ConnectionDocument


def retrieve_anew(context: click.Context, arguments: Sequence[str]) -> int:
    """Hand over to `connect`, which is found by its name: this part knows nothing of browsers.

    Raises:
        UsageError: there is no such command.
    """
    root = context.find_root()
    connect = root.command.get_command(root, "connect") if isinstance(root.command, click.Group) else None
    if connect is None:
        raise click.UsageError("--retrieve needs the command `connect`, which is not installed.")
    with connect.make_context("connect", list(arguments), parent=root) as browser:
        return int(connect.invoke(browser) or ExitCode.DONE)


def arguments_for(
    connection: ConnectionDocument,
    *,
    auth_type: str | None = None,
    store_hash: str | None = None,
    channel_id: str | None = None,
    scopes: Sequence[str] = (),
    tags: Sequence[str] = (),
) -> list[str]:
    """Return what `connect` is asked for: the connection as it is, but for what is given.

    The new API account gets the OAuth scopes of which the connection says that the old one has them.
    """
    kind = auth_type or connection["auth_type"]
    arguments = [connection["name"], "--replace", "--auth-type", kind]
    arguments += ["--store", store_hash or connection["store_hash"]]
    arguments += ["--channel-id", channel_id or str(connection["channel_id"])]
    kept = connection["scopes"] if kind == connection["auth_type"] == "custom" else ()
    for scope in scopes or kept:
        arguments += ["--storefront-scope", scope]
    for grant in connection["oauth_scopes"] or ():
        arguments += ["--oauth-scope", grant]
    for tag in tags:
        arguments += ["--tag", tag]
    return arguments
