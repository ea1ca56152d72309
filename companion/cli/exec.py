"""`companion exec`."""

from __future__ import annotations

import os

import click

from companion.cli.output import Output, with_output_of_failures

OWN_FAILURE = 125
_BEHIND_TWO_DASHES = "The program stands behind two dashes: companion exec NAME -- CMD"


class _NameThenCommand(click.Command):
    """Takes what stands before `--` for itself, and all behind it for the program."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "-- CMD [ARGUMENT]..."]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            at = args.index("--")
            ctx.meta["command"] = tuple(args[at + 1 :])
            return super().parse_args(ctx, args[:at])
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as failure:
            raise click.UsageError(f"{failure.format_message().rstrip('.')}. {_BEHIND_TWO_DASHES}", ctx) from None


@click.command("exec", cls=_NameThenCommand, short_help="Run a program with a connection in its environment.")
@click.argument("name", required=False)
@click.option(
    "--only",
    multiple=True,
    metavar="VARIABLE",
    help="Give only this variable; repeatable. All are given unless named.",
)
@click.option(
    "--with",
    "tool_name",
    type=click.Choice(["stencil", "catalyst"]),
    help="Also write that tool's own files here, for as long as the program runs.",
)
@with_output_of_failures
@click.pass_context
def exec_(
    context: click.Context, output: Output, name: str | None, only: tuple[str, ...], tool_name: str | None
) -> int:
    """Run a program with the connection's values in its environment.

    It gets BIGCOMMERCE_STORE_HASH, BIGCOMMERCE_ACCESS_TOKEN, BIGCOMMERCE_CHANNEL_ID, BIGCOMMERCE_STOREFRONT_TOKEN and
    BIGCOMMERCE_STOREFRONT_URL, and neither the companion's settings nor what signs in to BigCommerce. Nothing is
    shown, and nothing is written to a file unless --with asks for it: then no file that is there is changed, and those
    that are written are removed at the end, after a kill by the next command. Ends as the program ends; with 127 where
    it is not found, 126 where it cannot be run, 2 for wrong usage, 5 for locked keys, and 125 for every other failure
    before it.
    """
    command: tuple[str, ...] = context.meta.get("command", ())
    if not command:
        raise click.UsageError(f"Which program? {_BEHIND_TWO_DASHES}")
    from companion.cli.at_hand import connection_at_hand
    from companion.cli.child_process import run_child
    from companion.cli.failure import explained_failure
    from companion.cli.passphrase import AskForPassphrase
    from companion.cli.session import refuse_another_service
    from companion.cli.temporary_files import catalyst_variables, sweep, tool_placements, written_for_a_while
    from companion.core.child_environment import checked_variables, child_environment
    from companion.core.errors import CompanionError, InvalidInput, KeyRetired, KeysUnavailable, KeyUsedUp, WrongKey
    from companion.core.tool_files import ToolFormat, wanted_of
    from companion.settings import load_settings
    from companion.wiring.secrets import opened_values

    tool = None if tool_name is None else ToolFormat(tool_name)
    wanted = checked_variables(only)
    settings = load_settings()
    refuse_another_service(
        settings,
        "`exec` opens the connections of this data folder itself; no service gives an access token away.",
    )
    needed = wanted if tool is None else wanted | wanted_of(tool)
    try:
        sweep(settings, output.note)
        ask = AskForPassphrase(settings)
        values = opened_values(settings, connection_at_hand(name, settings), needed, ask=ask)
        files = () if tool is None else tool_placements(tool, values)
    except CompanionError as failure:
        # Keys that are locked can be unlocked; one that is not held, or not for this, is a failure as any other.
        is_locked = isinstance(failure, KeysUnavailable) and not isinstance(failure, WrongKey | KeyRetired | KeyUsedUp)
        if is_locked or isinstance(failure, InvalidInput):
            raise
        output.note(explained_failure(failure).text)
        return OWN_FAILURE
    environment = child_environment(os.environ, values, wanted)
    if tool is ToolFormat.CATALYST:
        environment |= catalyst_variables(values)
    del values
    try:
        with written_for_a_while(settings, files, output.note):
            code, complaint = run_child(command, environment)
    except CompanionError as failure:
        output.note(explained_failure(failure).text)
        return OWN_FAILURE
    if complaint:
        output.note(f"{command[0]}: {complaint}" if command[0] else complaint)
    return code
