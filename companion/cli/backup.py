"""`companion backup` and `companion restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from companion.cli.given_path import GivenPath
from companion.cli.output import Output, with_output
from companion.core.exit_codes import ExitCode
from companion.core.timestamps import timestamp

if TYPE_CHECKING:
    from companion.core.secret import Secret
    from companion.settings import Settings

_WHAT = "passphrase of the backup"
_from_stdin = click.option(
    "--passphrase-stdin", is_flag=True, help="Take the passphrase of the backup from standard input, one line."
)


@click.command(short_help="Write an encrypted backup that restores on another machine.")
@click.argument("file", type=GivenPath(path_type=Path, dir_okay=False))
@_from_stdin
@click.option("--generate", is_flag=True, help="Make a passphrase up and show it, once.")
@with_output
def backup(output: Output, file: Path, passphrase_stdin: bool, generate: bool) -> int:
    """Write all connections and the audit record into FILE, encrypted under a passphrase of its own.

    That has 15 characters or more. The file needs neither this machine nor its key. Left out are browser sessions,
    hand-over tickets, API tokens and cached storefront tokens. A file that is there already is not overwritten. Ends
    with 9 if a connection does not open; it is named and left out.
    """
    from companion.cli.passphrase import AskForPassphrase
    from companion.core.backup_records import LEFT_OUT
    from companion.wiring.backup import backup_folder, made_up_passphrase

    if generate and passphrase_stdin:
        raise click.UsageError("--generate and --passphrase-stdin exclude each other.")
    settings = _own_folder()
    passphrase = made_up_passphrase() if generate else passphrase_of_backup(new=True, piped=passphrase_stdin)

    def show(done: Any) -> None:
        document = {
            "file": str(file.absolute()),
            "connections": done.connections,
            "audit_entries": done.entries,
            "unopened": [{"what": each.what, "place": each.place, "why": each.why} for each in done.unopened],
            "left_out": list(LEFT_OUT),
            **({"passphrase": passphrase.reveal()} if generate else {}),
        }
        lines = [
            f"{_count(done.connections)} and {done.entries} entries of the audit record in {file}.",
            f"Left out: {', '.join(LEFT_OUT)}.",
        ]
        lines += [f"Left out, since it does not open: {each.what} {each.place}. {each.why}" for each in done.unopened]
        if generate:
            lines.append(f"Its passphrase, which is shown this once: {passphrase.reveal()}")
        lines.append("Keep the passphrase apart from the file: nobody can open it without.")
        output.result(document, "\n".join(lines))

    # A passphrase that was made up is shown before the file is there: a kill between the two must not leave a file that
    # nobody can open.
    ask = AskForPassphrase(settings)
    done = backup_folder(settings, file, passphrase, ask=ask, before_it_is_there=show if generate else _nothing)
    if not generate:
        show(done)
    return ExitCode.ATTENTION_DUE if done.unopened else ExitCode.DONE


@click.command(short_help="Restore a backup, here or on another machine.")
@click.argument("file", type=GivenPath(path_type=Path, dir_okay=False))
@_from_stdin
@click.option(
    "--on-conflict",
    type=click.Choice(["stop", "keep", "replace"]),
    default="stop",
    help="What to do where a connection of the backup is here already: list them and change nothing (unless given), "
    "keep those here, or replace them.",
)
@with_output
def restore(output: Output, file: Path, passphrase_stdin: bool, on_conflict: str) -> None:
    """Put the connections of the backup FILE into this data folder, which may be empty or in use.

    The whole file is authenticated before anything is written, and all of it is restored or nothing. Connections that
    are here already are listed first, and nothing is changed (exit code 8). Its audit record goes on here where none
    was begun yet; else it is kept beside the one here, as an earlier chapter (`companion audit --verify`, `--chapter`).
    """
    from companion.cli.describe import minute
    from companion.cli.passphrase import AskForPassphrase
    from companion.core.backup_records import LEFT_OUT
    from companion.wiring.backup import restore_folder

    settings = _own_folder()
    passphrase = passphrase_of_backup(new=False, piped=passphrase_stdin)
    restored, notice = restore_folder(settings, file, passphrase, on_conflict, ask=AskForPassphrase(settings))
    if notice:
        output.note(notice)
    document: dict[str, Any] = {
        "restored": restored.connections,
        "kept": list(restored.kept),
        "replaced": list(restored.replaced),
        "made_at": timestamp(restored.made_at),
        "audit": {
            "entries": restored.chains.entries,
            "goes_on": restored.chains.goes_on,
            "chapters": list(restored.chains.chapters),
            "intact": restored.chains_are_whole,
        },
        "left_out": list(LEFT_OUT),
    }
    lines = [f"{_count(restored.connections)} restored, as of {minute(document['made_at'])}."]
    if restored.replaced:
        lines.append(f"Replaced: {', '.join(map(repr, restored.replaced))}.")
    if restored.kept:
        lines.append(f"Kept as here: {', '.join(map(repr, restored.kept))}.")
    lines.append(_of_the_record(document["audit"]))
    lines.append(
        f"Not in a backup: {', '.join(LEFT_OUT)}. They are made anew, or asked for again, when they are needed."
    )
    lines.append("Prove what was restored: companion verify --all")
    output.result(document, "\n".join(lines))


def _of_the_record(audit: dict[str, Any]) -> str:
    if not audit["entries"] and not audit["chapters"]:
        return "The backup has no audit record."
    if audit["goes_on"]:
        said = f"The audit record goes on from there: {audit['entries']} entries."
    elif audit["chapters"]:
        numbers = ", ".join(map(str, audit["chapters"]))
        said = f"Its audit record is kept beside the one here, as chapter {numbers}."
    else:
        said = f"Its audit record is here already: {audit['entries']} entries."
    return said if audit["intact"] else f"{said} It was broken when it was backed up: companion audit --verify"


def _own_folder() -> Settings:
    from companion.cli.session import refuse_another_service
    from companion.settings import load_settings

    settings = load_settings()
    refuse_another_service(
        settings, "A backup is made of, and restored into, this data folder itself; no service gives its secrets away."
    )
    return settings


def passphrase_of_backup(*, new: bool, piped: bool) -> Secret:
    """Ask for the passphrase of a backup, or take it from standard input. Raises `InvalidInput`."""
    from companion.cli.passphrase import ask_new_passphrase
    from companion.cli.prompts import PipedSecrets, ask_secret, can_ask
    from companion.core.errors import InvalidInput
    from companion.core.passphrases import checked_new_passphrase

    if piped:
        passphrase = PipedSecrets().take("The passphrase of the backup")
        return checked_new_passphrase(passphrase) if new else passphrase
    if not can_ask():
        raise InvalidInput(
            f"The {_WHAT} is missing, and there is no terminal to ask on.",
            next_step="Pipe it in with `--passphrase-stdin`"
            + (", or let one be made with `--generate`." if new else "."),
        )
    return ask_new_passphrase(_WHAT) if new else ask_secret(_WHAT.capitalize())


def _nothing(_done: object) -> None:
    return


def _count(number: int) -> str:
    return f"{number} connection{'' if number == 1 else 's'}"
