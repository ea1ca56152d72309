"""`companion uninstall`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from companion.cli.given_path import GivenPath
from companion.cli.output import Output, with_output
from companion.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from companion.cli.uninstalling import Done, Found
    from companion.core.connection import Connection
    from companion.settings import Settings

_CONTROL_PANEL = "Settings > API > Store-level API accounts"


@click.command(short_help="Remove all that this program put on this machine; names what stays alive.")
@click.option("--revoke", is_flag=True, help="First delete the API accounts at BigCommerce, as `delete --revoke` does.")
@click.option(
    "--backup",
    "backup_file",
    type=GivenPath(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="First write an encrypted backup; its passphrase is asked for, or read from standard input.",
)
@click.option("--drop-tables", is_flag=True, help="On PostgreSQL: also drop this program's tables, for every machine.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and change nothing.")
@click.option("--yes", "-y", is_flag=True, help="Remove without asking.")
@with_output
def uninstall(
    output: Output, revoke: bool, backup_file: Path | None, drop_tables: bool, dry_run: bool, yes: bool
) -> int:
    """Remove all that this program put on this machine: data folder, keys, launchers, what killed runs left.

    First it names the API accounts that stay alive at BigCommerce. Files that are not this program's stay, and so do
    exported files, which belong to their projects, and a browser that others may use; all of these are named. Ends
    with 9 where something could not be removed.
    """
    from companion.cli.prompts import confirm
    from companion.cli.session import refuse_another_service
    from companion.cli.uninstalling import find_everything, refuse_what_runs, remove_everything
    from companion.settings import load_settings

    settings = load_settings()
    refuse_another_service(settings, "What is removed is this data folder itself.")
    found = find_everything(settings)
    if drop_tables and found.server is None:
        raise click.UsageError("--drop-tables is for a COMPANION_DATABASE_URL that leads to PostgreSQL.")
    plan = "\n".join(_plan(found, settings, drop_tables=drop_tables, revoke=revoke, backup=backup_file))
    if dry_run:
        output.result(_document(found, None), plan)
        return ExitCode.DONE
    refuse_what_runs(settings, login_service=bool(found.launchers))
    output.note(plan)
    confirm(_consequence(found), "Remove it?", yes=yes)
    if backup_file is not None:
        _write_backup(output, settings, backup_file)
    revoked = _revoke_all(output, settings, found) if revoke else []
    done = remove_everything(settings, drop_server_tables=drop_tables, say=output.note)
    lines = [f"Removed {each}" for each in done.removed] or ["There was nothing to remove."]
    lines.append("The program itself: `pipx uninstall bigcommerce-companion`, or delete the folder of the clone.")
    output.result(_document(found, done, revoked), "\n".join(lines))
    for what, why in done.kept:
        output.note(f"Not removed: {what}. {why}")
    return ExitCode.ATTENTION_DUE if done.kept else ExitCode.DONE


def _consequence(found: Found) -> str:
    alive = _still_alive(found)
    number = f"{len(alive)} API account{'' if len(alive) == 1 else 's'}"
    stays = f", while {number} stay{'s' if len(alive) == 1 else ''} alive at BigCommerce" if alive else ""
    return f"All of this program that is on this machine will be gone, as listed{stays}."


def _plan(found: Found, settings: Settings, *, drop_tables: bool, revoke: bool, backup: Path | None) -> list[str]:
    alive = [f"  {_name(each)} in store {each['store_hash']}{_of(each)}" for each in _still_alive(found)]
    lines = []
    if alive:
        lines += [
            "These API accounts stay alive at BigCommerce, and what has their access tokens goes on working:",
            *alive,
        ]
        lines.append(
            "They are deleted first, in a browser."
            if revoke
            else f"Delete them there under {_CONTROL_PANEL}, or let `companion uninstall --revoke` do that first."
        )
    if found.unread:
        lines.append(
            f"Which API accounts stay alive could not all be read. {found.unread} Look for them under {_CONTROL_PANEL}."
        )
    removed = [*found.launchers, *found.keys, *map(str, found.ours)]
    if settings.data_dir.is_dir():
        removed.append(str(settings.data_dir))
    if removed:
        lines += ["Will be removed, for good:", *(f"  {each}" for each in removed)]
    else:
        lines.append(f"There is nothing of this program in {settings.data_dir}.")
    if found.connections and backup is None:
        lines.append("Nothing opens these connections afterwards; `--backup FILE` writes an encrypted backup first.")
    if found.server is not None:
        lines.append(
            f"The tables in {found.server} are dropped too, for every machine that uses them."
            if drop_tables
            else f"What is in {found.server} stays, and opens only where its key is also on another machine; "
            "`--drop-tables` drops this program's tables there."
        )
    if found.exports:
        lines += [
            "Written by `companion export`, with secrets in clear, and left:",
            *(f"  {each}" for each in found.exports),
        ]
    if found.others:
        lines += ["Not this program's, and left:", *(f"  {each}" for each in found.others)]
    if found.shared:
        lines += ["Left, since other programs may use it:", *(f"  {each}" for each in found.shared)]
    return lines


def _name(account: dict[str, Any]) -> str:
    return "the one of the access token" if account["name"] is None else repr(account["name"])


def _of(account: dict[str, Any]) -> str:
    connection = "" if account["connection"] is None else f" (connection {account['connection']!r})"
    return f"{connection}{'' if account['world'] == 'real' else ', a simulated one'}"


def _still_alive(found: Found) -> list[dict[str, Any]]:
    alive: list[dict[str, Any]] = [_account(each) for each in found.connections]
    alive += [
        {
            "kind": "api-account", "name": each.note.name, "client_id": None, "store_hash": each.note.store_hash,
            "connection": None, "world": each.note.world,
        }
        for each in found.left_accounts
    ]  # fmt: skip
    return alive


def _account(connection: Connection) -> dict[str, Any]:
    account = connection.api_account
    return {
        "kind": "api-account",
        "name": None if account is None else account.name,
        "client_id": None if account is None else account.client_id,
        "store_hash": connection.store_hash,
        "connection": connection.name,
        "world": connection.world.value,
    }


def _document(found: Found, done: Done | None, revoked: list[Any] | None = None) -> dict[str, Any]:
    gone = {(each["name"], each["client_id"]) for each in revoked or ()}
    return {
        "dry_run": done is None,
        "still_alive": [each for each in _still_alive(found) if (each["name"], each["client_id"]) not in gone],
        "still_alive_unread": found.unread or None,
        "revoked": revoked or [],
        "found": [*found.launchers, *found.keys, *map(str, found.ours)],
        "removed": [] if done is None else done.removed,
        "not_removed": [] if done is None else [{"what": what, "why": why} for what, why in done.kept],
        "left": {
            "exports": list(found.exports),
            "others": list(map(str, found.others)),
            "shared": list(found.shared),
            "database": found.server,
        },
    }


def _write_backup(output: Output, settings: Settings, file: Path) -> None:
    from companion.cli.backup import passphrase_of_backup
    from companion.cli.passphrase import AskForPassphrase
    from companion.cli.prompts import can_ask
    from companion.core.errors import StorageFailed
    from companion.wiring.backup import backup_folder

    passphrase = passphrase_of_backup(new=True, piped=not can_ask())
    done = backup_folder(settings, file, passphrase, ask=AskForPassphrase(settings))
    if done.unopened:
        raise StorageFailed(
            f"{len(done.unopened)} of what was to be in the backup {file} does not open and is not in it. "
            "Nothing was removed.",
            next_step="`companion doctor` names it. Run this again without `--backup` where it is not needed.",
        )
    output.note(f"{done.connections} connections are in {file}.")


def _revoke_all(output: Output, settings: Settings, found: Found) -> list[Any]:
    """Delete the API accounts of this world, one after the other, each with its connections."""
    from companion.cli.browser_jobs import revoke_job
    from companion.cli.session import open_client

    job, revoked, seen = revoke_job(), [], set()
    with open_client(settings) as client:
        for each in found.connections:
            if each.world != settings.world or each.api_account is None:
                continue
            connection = client.connection(each.id)
            if (each.store_hash, each.api_account.name) not in seen:
                revoked.append(job(output, connection, client, settings, agreed=_agreed, headed=False))
                seen.add((each.store_hash, each.api_account.name))
            client.delete(each.id, client.connection(each.id)["revision"])
    return revoked


def _agreed(_webhooks: int | None) -> None:
    return  # the question was answered for all of them
