"""`companion export`."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import click

from companion.cli.given_path import GivenPath
from companion.cli.output import Output, with_output
from companion.core.exit_codes import ExitCode
from companion.core.timestamps import timestamp

DEFAULT_DAYS = 90
LONGEST_DAYS = 3650


@click.command(short_help="Write a connection into a file for another tool.")
@click.argument("name", required=False)
@click.option(
    "--format",
    "tool_name",
    type=click.Choice(["dotenv", "stencil", "catalyst"]),
    required=True,
    help="dotenv: an .env file. stencil: secrets.stencil.json and config.stencil.json. catalyst: "
    ".bigcommerce/project.json and .env.local.",
)
@click.option(
    "--output",
    "place",
    metavar="PATH",
    type=GivenPath(path_type=Path),
    help="For dotenv the file, else the project's folder; here unless given.",
)
@click.option("--only", multiple=True, metavar="VARIABLE", help="With dotenv: only this variable; repeatable.")
@click.option(
    "--days",
    type=click.IntRange(1, LONGEST_DAYS),
    default=DEFAULT_DAYS,
    show_default=True,
    help="How long the storefront token in it lives.",
)
@click.option("--force", is_flag=True, help="Put it into files that are there; what else they say is kept.")
@with_output
def export(
    output: Output,
    name: str | None,
    tool_name: str,
    place: Path | None,
    only: tuple[str, ...],
    days: int,
    force: bool,
) -> int:
    """Write a connection into the file that another tool reads; the file has mode 0600 and holds secrets in clear.

    It is remembered, so that `rotate`, `delete` and `deadlines` can name it. `companion exec` needs no file.
    """
    from companion.cli.at_hand import connection_at_hand
    from companion.cli.passphrase import AskForPassphrase
    from companion.cli.project import project_folder, refuse_links, refuse_to_overwrite, write_files
    from companion.cli.session import refuse_another_service
    from companion.cli.temporary_files import sweep
    from companion.core.child_environment import checked_variables
    from companion.core.errors import CompanionError
    from companion.core.exports import Export
    from companion.core.tool_files import ToolFormat, tool_files, wanted_of
    from companion.project_files import would_be_committed
    from companion.settings import load_settings
    from companion.wiring.secrets import opened_exporter

    tool = ToolFormat(tool_name)
    if only and tool is not ToolFormat.DOTENV:
        raise click.UsageError("--only goes with --format dotenv.")
    wanted = checked_variables(only) if tool is ToolFormat.DOTENV else wanted_of(tool)
    settings = load_settings()
    refuse_another_service(
        settings,
        "`export` opens the connections of this data folder itself; no service gives an access token away.",
    )
    sweep(settings, output.note)
    with opened_exporter(settings, ask=AskForPassphrase(settings)) as exporter:
        connection = exporter.find(connection_at_hand(name, settings))
        project = project_folder(tool, place)
        if not force:
            refuse_to_overwrite(project)
        refuse_links(project)
        opened = exporter.values(
            connection, wanted, life=timedelta(days=days), need_storefront_token=tool is ToolFormat.CATALYST
        )
        files = tool_files(tool, opened.values, present=project.present, entropy=os.urandom, wanted=wanted)
        committed = [each for each in files if each.is_secret and would_be_committed(project.path(each.name))]
        for each in committed:
            output.note(
                f"git would commit {project.path(each.name)}, with the secrets in it: add it to .gitignore first."
            )
        placements = {each.name: project.placement(each, replace=force) for each in files}
        exports = [
            Export(
                path=str(project.path(each.name)),
                connection_id=connection.id,
                tool=tool,
                written_at=exporter.now(),
                has_access_token=each.has_access_token,
                access_token_since=connection.access_token_since if each.has_access_token else None,
                storefront_token_ends=opened.storefront_token_ends if each.has_storefront_token else None,
            )
            for each in files
            if each.is_secret
        ]
        exporter.remember(exports)
        try:
            write_files(filter(None, placements.values()))
        except CompanionError:
            exporter.forget([each.path for each in exports if not Path(each.path).exists()])
            raise
    ends = opened.storefront_token_ends
    document = {
        "connection": {"id": connection.id, "name": connection.name},
        "format": tool.value,
        "files": [
            {
                "path": str(project.path(each.name)),
                "secret": each.is_secret,
                "written": placements[each.name] is not None,
                "git_would_commit": each in committed,
            }
            for each in files
        ],
        "storefront_token_ends": None if ends is None else timestamp(ends),
    }
    lines = [
        f"{'Wrote' if placements[each.name] is not None else 'Left as it is:'} {project.path(each.name)}"
        for each in files
    ]
    if ends is not None:
        lines.append(f"The storefront token in it ends {ends.date()}; write it anew before that.")
    output.result(document, "\n".join(lines))
    return ExitCode.DONE
