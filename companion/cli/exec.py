"""`companion exec`."""

from __future__ import annotations

import os

import click

from companion.cli.output import Output, with_output

OWN_FAILURE = 125


class _NameThenCommand(click.Command):
    """Takes what stands before `--` for itself, and all behind it for the program."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            at = args.index("--")
            ctx.meta["command"] = tuple(args[at + 1 :])
            args = args[:at]
        return super().parse_args(ctx, args)


@click.command("exec", cls=_NameThenCommand, short_help="Run a program with a connection in its environment.")
@click.argument("name", required=False)
@click.option(
    "--only",
    multiple=True,
    metavar="VARIABLE",
    help="Give only this variable; repeatable. All are given unless named.",
)
@with_output
@click.pass_context
def exec_(context: click.Context, output: Output, name: str | None, only: tuple[str, ...]) -> int:
    """Run a program with the connection's values in its environment: companion exec NAME -- CMD [ARGUMENT]...

    It gets BIGCOMMERCE_STORE_HASH, BIGCOMMERCE_ACCESS_TOKEN, BIGCOMMERCE_CHANNEL_ID, BIGCOMMERCE_STOREFRONT_TOKEN and
    BIGCOMMERCE_STOREFRONT_URL, and neither the companion's settings nor what signs in to BigCommerce. Nothing is
    written to a file or shown. Ends as the program ends; with 127 where it is not found, 126 where it cannot be run,
    and 125 for every other failure before it.
    """
    command: tuple[str, ...] = context.meta.get("command", ())
    if not command:
        raise click.UsageError("Which program? Put it behind two dashes: companion exec NAME -- CMD")
    from companion.cli.at_hand import connection_at_hand
    from companion.cli.child_process import run_child
    from companion.cli.failure import explained_failure
    from companion.cli.session import refuse_another_service
    from companion.core.child_environment import checked_variables, child_environment
    from companion.core.errors import CompanionError, InvalidInput, KeysUnavailable
    from companion.settings import load_settings
    from companion.wiring import opened_values

    wanted = checked_variables(only)
    settings = load_settings()
    refuse_another_service(
        settings,
        "`exec` opens the connections of this data folder itself; no service gives an access token away.",
    )
    try:
        values = opened_values(settings, connection_at_hand(name, settings), wanted)
    except (InvalidInput, KeysUnavailable):
        raise
    except CompanionError as failure:
        output.note(explained_failure(failure).text)
        return OWN_FAILURE
    environment = child_environment(os.environ, values, wanted)
    del values
    code, complaint = run_child(command, environment)
    if complaint:
        output.note(f"{command[0]}: {complaint}")
    return code
