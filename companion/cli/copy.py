"""`companion copy`."""

from __future__ import annotations

import contextlib
import shlex
import time
from typing import TYPE_CHECKING

import click

from companion.cli.output import Output, with_output
from companion.core.errors import InvalidInput
from companion.core.exit_codes import ExitCode
from companion.core.secret import Secret

if TYPE_CHECKING:
    from companion.core.child_environment import ChildValues

SECONDS = 45.0

ACCESS_TOKEN = "access-token"  # noqa: S105  a field's name
STOREFRONT_TOKEN = "storefront-token"  # noqa: S105  a field's name
FIELDS = (
    *(ACCESS_TOKEN, STOREFRONT_TOKEN, "store-hash", "subdomain", "channel-id"),
    *("client-id", "api-path", "storefront-url"),
)


class _Field(click.Choice[str]):
    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return super().convert(value.replace("_", "-"), param, ctx)


@click.command(short_help="Put one field on the clipboard for a form elsewhere.")
@click.argument("name")
@click.argument("field", type=_Field(FIELDS, case_sensitive=False), default=ACCESS_TOKEN)
@with_output
def copy(output: Output, name: str, field: str) -> int:
    """Put one field on the clipboard, the access token unless another is named, and clear it after 45 seconds.

    Ctrl-C clears it at once. What was copied by somebody else meanwhile is left alone. Only at a terminal: a program
    gets a connection with `companion exec`.
    """
    from companion.cli.passphrase import AskForPassphrase
    from companion.cli.prompts import can_ask
    from companion.cli.session import refuse_another_service
    from companion.clipboard import Clipboard
    from companion.core import child_environment
    from companion.core.audit_actions import AuditAction
    from companion.settings import load_settings
    from companion.wiring.secrets import opened_values

    if not can_ask():
        raise InvalidInput(
            "`copy` works at a terminal only.",
            why="A secret on the clipboard is for a person who pastes it.",
            next_step="Give it to a program with `companion exec NAME -- CMD`.",
        )
    settings = load_settings()
    refuse_another_service(
        settings, "`copy` opens the connections of this data folder itself; no service gives an access token away."
    )
    wanted = {ACCESS_TOKEN: child_environment.ACCESS_TOKEN, STOREFRONT_TOKEN: child_environment.STOREFRONT_TOKEN}
    needed = frozenset({wanted[field]} if field in wanted else ())
    values = opened_values(settings, name, needed, action=AuditAction.COPY, ask=AskForPassphrase(settings))
    text = _value(values, field)
    clipboard = Clipboard()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            clipboard.put(text)
            output.note(
                f"{field} of {values.connection.name!r} is on the clipboard; cleared in {SECONDS:.0f} seconds, or "
                "with Ctrl-C."
            )
            time.sleep(SECONDS)
    finally:
        cleared = clipboard.clear_if_still(text)
    said = "Cleared the clipboard." if cleared else "The clipboard holds something else by now; it was left alone."
    connection = {"id": values.connection.id, "name": values.connection.name}
    output.result({"connection": connection, "field": field, "cleared": cleared}, said)
    return ExitCode.DONE


def _value(values: ChildValues, field: str) -> Secret:
    from companion.core.child_environment import storefront_url

    connection = values.connection
    match field:
        case "access-token" if values.access_token is not None:
            return values.access_token
        case "storefront-token" if values.storefront_token is not None:
            return values.storefront_token
        case "store-hash":
            return Secret(connection.store_hash)
        case "subdomain":
            return Secret(connection.subdomain)
        case "channel-id":
            return Secret(str(connection.channel_id))
        case "api-path":
            return Secret(f"https://api.bigcommerce.com/stores/{connection.store_hash}/v3/")
        case "storefront-url":
            return Secret(storefront_url(connection))
        case "client-id" if connection.api_account is not None and connection.api_account.client_id is not None:
            return Secret(connection.api_account.client_id)
        case _:
            raise InvalidInput(
                f"The connection {connection.name!r} has no {field} to copy.",
                next_step="Reauthorize it, if it has auth type token; "
                f"`companion show {shlex.quote(connection.name)}` says what it has.",
            )
