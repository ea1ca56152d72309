"""The group of all commands, and the one place where a failure becomes a message, a document and an exit code.

Commands are looked up in the entry point group `companion.commands`, so that other packages can bring theirs, and are
imported only when they run or when their help is listed. Therefore a command's module imports nothing heavy at its top.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NoReturn

import click

from companion.cli.output import Output, keep_quiet_when_nobody_reads

COMMAND_GROUP = "companion.commands"


class Program(click.Group):
    """A group that loads each command when it is needed, and explains every failure."""

    _entry_points: dict[str, EntryPoint] | None = None

    @property
    def entry_points(self) -> dict[str, EntryPoint]:
        """The installed commands by name; read once."""
        if self._entry_points is None:
            self._entry_points = {entry.name: entry for entry in entry_points(group=COMMAND_GROUP)}
        return self._entry_points

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all installed commands."""
        return sorted({*self.entry_points, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command, None where there is none of that name."""
        entry = self.entry_points.get(cmd_name)
        if entry is None:
            return super().get_command(ctx, cmd_name)
        command = entry.load()
        if not isinstance(command, click.Command):
            raise TypeError(f"the entry point {entry.value} is not a command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that `args` begin with; where there is none, say which come near."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as failure:
            names = self.list_commands(ctx)
            raise click.exceptions.NoSuchCommand(failure.command_name, possibilities=names, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands; one that cannot be imported must not take the help of the others with it."""
        rows = []
        for name in self.list_commands(ctx):
            try:
                command = self.get_command(ctx, name)
            except Exception as failure:  # noqa: BLE001  whatever an installed package raises while it is imported
                rows.append((name, f"(cannot be loaded: {type(failure).__name__})"))
                continue
            if command is not None and not command.hidden:
                rows.append((name, command.get_short_help_str(limit=90)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command that `args` name, and end with the exit code that fits."""
        given = list(sys.argv[1:] if args is None else args)
        if not standalone_mode:
            return super().main(given, prog_name or "companion", complete_var, False, **extra)
        output = Output(as_json=_asks_for_json(given))
        exit_code = 0
        try:
            result = super().main(given, prog_name or "companion", complete_var, False, obj=output, **extra)
            exit_code = result if isinstance(result, int) else 0
        except click.exceptions.Exit as ended:
            exit_code = ended.exit_code
        except (Exception, KeyboardInterrupt) as failure:  # noqa: BLE001  nothing may end in a traceback
            exit_code = _report(failure, output)
        finally:
            keep_quiet_when_nobody_reads()
        sys.exit(exit_code)


def report_interruption(args: Sequence[str]) -> int:
    """Say that the program was interrupted before any command ran; returns the exit code."""
    return _report(KeyboardInterrupt(), Output(as_json=_asks_for_json(args)))


def _asks_for_json(args: Sequence[str]) -> bool:
    ours = args[: args.index("--")] if "--" in args else args
    return "--json" in ours


def _report(failure: BaseException, output: Output) -> int:
    from companion.cli.failure import explained_failure

    explained = explained_failure(failure)
    if output.as_json and not output.printed:
        output.document(explained.document)
    # With a document on standard output the sentence is repeated on standard error, where a person looks.
    output.note(explained.text)
    return explained.exit_code


@click.group(
    cls=Program,
    invoke_without_command=True,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON document on standard output.")
@click.option(
    "-V",
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    help="Show the version, and what it runs on.",
    callback=lambda context, _option, given: _show_version(context) if given else None,
)
@click.pass_context
def program(context: click.Context, as_json: bool) -> None:
    """Gets a BigCommerce store connected, safely, without copying secrets by hand.

    Alone, it says what is set up and what to do next.
    """
    del as_json  # read from the arguments, since a usage error is a document too
    if context.invoked_subcommand is None:
        from companion.cli.overview import show_overview

        show_overview(context.ensure_object(Output))


def _show_version(context: click.Context) -> NoReturn:
    from companion.cli.version import version_document, version_text

    document = version_document()
    context.ensure_object(Output).result(document, version_text(document))
    context.exit()


def run() -> NoReturn:
    """Run the program as a process: a request to stop unwinds like Ctrl-C, so that everything is cleaned up."""
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):  # the last one is how Windows closes a console
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A name that the console's code page lacks is escaped instead of ending the command.
            stream.reconfigure(errors="backslashreplace")
    program.main()
    raise SystemExit(0)


def _stop(number: int, _frame: object) -> NoReturn:
    # A second signal while cleaning up must not interrupt the cleaning.
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
