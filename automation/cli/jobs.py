"""`companion jobs`; nothing heavy is imported before one of its commands runs."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.core.presets import scopes_of_presets
from companion.cli.output import Output, table, with_output
from companion.core.exit_codes import ExitCode
from companion.core.presets import PRESETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automation.queue.handing_out import HandedOut, JobState

DEFAULT_ACCOUNT_NAME = "BigCommerce Companion"

_LOOK_AGAIN = 1.0
_GONE_AFTER = 120.0
"""Seconds without a sign of life of any worker after which it is not waited for one."""


@click.group()
def jobs() -> None:
    """Hand stores out to workers on any number of machines (`companion worker`), and see what became of them."""


@jobs.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--preset",
    "presets",
    multiple=True,
    metavar="PURPOSE",
    type=click.Choice(tuple(preset.name for preset in PRESETS)),
    help="Ask for the scopes that a purpose needs; repeatable, as with `companion connect`.",
)
@click.option(
    "--oauth-scope",
    "oauth_scopes",
    multiple=True,
    metavar="SCOPE=OPTION",
    help="A scope on top of the two that are always set; repeatable, as with `companion connect`.",
)
@click.option(
    "--api-account-name",
    metavar="TEXT",
    default=DEFAULT_ACCOUNT_NAME,
    show_default=True,
    help="How the names of the new API accounts begin; they end in random letters.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1, max=3600),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a page may take that does not get on.",
)
@with_output
def add(
    output: Output,
    file: Path,
    presets: tuple[str, ...],
    oauth_scopes: tuple[str, ...],
    api_account_name: str,
    timeout: float,
) -> int:
    """Hand the stores of a CSV file out, a row each, as `companion connect --batch` takes it.

    What waits or is under way already is left alone; what is connected already is found so.
    """
    from automation.cli.batch import text_of
    from automation.core.batch_rows import rows_from_csv
    from automation.core.oauth_scopes import wanted_scopes
    from automation.core.store_jobs import StoreJob
    from automation.jobs.account_names import api_account_name_from

    rows = rows_from_csv(text_of(file))
    api_account_name_from(api_account_name)
    scopes = scopes_of_presets(presets, oauth_scopes)
    wanted_scopes(scopes)
    added = _handed_out().add([StoreJob(row, api_account_name, scopes, timeout) for row in rows])
    output.result(
        {"handed_out": [each.row.name for each in added], "there_already": len(rows) - len(added)},
        f"Handed out {len(added)} stores; {len(rows) - len(added)} were there already. "
        "`companion jobs list` says what becomes of them.",
    )
    return ExitCode.DONE


@jobs.command("list")
@click.option("--wait", is_flag=True, help="Wait until no worker has anything left to do, or none is there any more.")
@with_output
def list_(output: Output, wait: bool) -> int:
    """Show what became of each store.

    Ends with 0 where every store is connected, else with 9.
    """
    handed_out = _handed_out()
    states = handed_out.states()
    while wait and not all(each.is_over for each in states) and handed_out.has_workers(within=_GONE_AFTER):
        time.sleep(_LOOK_AGAIN)
        states = handed_out.states()
    if not all(each.is_over for each in states) and not handed_out.has_workers(within=_GONE_AFTER):
        output.note("No worker is there for what waits. Start one: companion worker")
    totals = dict(Counter(_word(each) for each in states))
    rows = [(each.name, each.store_hash, _word(each), str(each.tries), _remark(each)) for each in states]
    shown = table(("NAME", "STORE", "STATE", "TRIES", "REMARK"), rows) if rows else "Nothing was handed out."
    summary = ", ".join(f"{count} {word}" for word, count in totals.items())
    output.result(
        {"stores": [_document(each) for each in states], "totals": totals},
        f"{shown}\n\n{summary}." if rows else shown,
    )
    done = all(each.state == "done" for each in states)
    return ExitCode.DONE if done else ExitCode.ATTENTION_DUE


@jobs.command()
@with_output
def retry(output: Output) -> int:
    """Hand out again what failed, and let users sign in again whose sign-in was refused."""
    again = _handed_out().try_again()
    output.result({"handed_out": [each.name for each in again]}, f"Handed out {len(again)} stores again.")
    return ExitCode.DONE


def _handed_out() -> HandedOut:
    from automation.cli.worker import queue_of
    from automation.queue.handing_out import HandedOut
    from companion.settings import load_settings

    return HandedOut(queue_of(load_settings()))


def _word(state: JobState) -> str:
    """Return the one word for it: what the queue says, and once it is done what the worker said."""
    return state.outcome or state.state if state.state == "done" else state.state


def _remark(state: JobState) -> str:
    deleted: Sequence[str] = state.document.get("deleted", ())
    error: dict[str, Any] = state.document.get("error", {})
    if state.state == "waiting" and state.email and not error:
        return f"for a worker that signs in as {state.email}"
    said = f"deleted what an earlier try left: {', '.join(deleted)}" if deleted else ""
    return " ".join(filter(None, (said, str(error.get("detail", "")))))


def _document(state: JobState) -> dict[str, Any]:
    connection = state.document.get("connection")
    return {
        "name": state.name,
        "store_hash": state.store_hash,
        "state": _word(state),
        "tries": state.tries,
        "connection_id": connection["id"] if connection else None,
        "deleted": state.document.get("deleted", []),
        "error": state.document.get("error"),
        "created": state.document.get("created", []),
    }
