"""`companion connect --batch FILE`; nothing heavy is imported before it runs."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from companion.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from automation.core.batch_rows import BatchRow
    from automation.jobs.batch_values import BatchRequest, RowReport
    from automation.ports import SessionKeeper
    from automation.runners.unattended import SignIn
    from companion.cli.output import Output
    from companion.core.secret import Secret
    from companion.settings import Settings, SignInSettings

_MOST_BYTES = 4 * 1024 * 1024


def write_template(output: Output, file: Path) -> int:
    """Write an empty file for `--batch`; one that is there is not touched.

    Raises:
        InvalidInput: it cannot be written.
    """
    from automation.core.batch_rows import COLUMNS, template
    from companion.core.errors import InvalidInput

    try:
        with file.open("x", encoding="utf-8", newline="") as opened:
            opened.write(template())
    except OSError as failure:
        raise InvalidInput(
            f"The file {file} could not be written: {failure.strerror}.",
            next_step="Name one that is not there yet, in a folder that may be written to.",
        ) from None
    output.result({"template": str(file), "columns": list(COLUMNS)}, f"Wrote {file}. A row a store; no password in it.")
    return ExitCode.DONE


def connect_batch(output: Output, file: Path, request: BatchRequest) -> int:
    """Connect the stores of a file.

    Raises:
        InvalidInput: the file is not accepted; nothing was connected.
    """
    from automation.cli.end_at_once import report_end_at_once
    from automation.cli.kept_session import drop_session, keeper_of
    from automation.cli.noting import noting_of
    from automation.core.batch_rows import rows_from_csv
    from automation.jobs.batch import Batch
    from automation.jobs.interruption import Interruption
    from companion.cli.left_accounts import tell_left
    from companion.cli.session import open_client
    from companion.settings import SignInSettings, load_settings

    settings = load_settings()
    rows = rows_from_csv(text_of(file))
    interruption = Interruption(
        on_first=lambda: output.note("Stopping; what was made is taken back first. Ctrl-C again ends at once."),
        on_second=lambda: report_end_at_once(output, interruption.at_stake()),
    )
    values = SignInSettings()
    sessions = _sessions(rows, values, keeper_of(settings))
    users = _users(rows, values, settings, interruption, frozenset(sessions))

    def on_session_over(email: str) -> None:
        drop_session(keeper_of(settings), email or values.email, output.note)

    with open_client(settings) as client, interruption, _display(output, sys.stderr, len(rows)) as (on_row, say):
        tell_left(say, settings, client)
        noting = noting_of(settings, "companion connect --batch")
        reports = Batch(
            rows, request, client, settings, users, interruption, on_row, say, noting, sessions, on_session_over
        ).run()
    document = batch_document(reports)
    output.result(document, f"\n{_summary(document['totals'])}.")
    return ExitCode.INTERRUPTED if interruption.requested else exit_code_of(reports)


def batch_document(reports: Sequence[RowReport]) -> dict[str, Any]:
    """Return the document of `connect --batch --json`: every row, in the order of the file."""
    from companion.cli.failure import explained_failure

    rows: list[dict[str, Any]] = []
    created: list[dict[str, str]] = []
    for report in reports:
        row: dict[str, Any] = {
            "line": report.row.line,
            "name": report.row.name,
            "store_hash": report.row.store_hash,
            "outcome": report.outcome.value,
            "seconds": round(report.seconds, 3),
            "connection": report.connection,
        }
        if report.failure is not None:
            explained = explained_failure(report.failure).document
            row |= {"error": explained["error"], "created": explained["created"]}
            created += explained["created"]
        if report.unverified is not None:
            row["error"] = explained_failure(report.unverified).document["error"]
        rows.append(row)
    totals = dict(Counter(report.outcome.value for report in reports))
    return {"rows": rows, "totals": totals, "created": created}


def exit_code_of(reports: Sequence[RowReport]) -> int:
    """Return 0 where every store is connected and works, 9 where some are, else what the first failure ends with."""
    codes = [code for code in map(_exit_code, reports) if code]
    if not codes:
        return ExitCode.DONE
    return ExitCode.ATTENTION_DUE if any(report.connection is not None for report in reports) else codes[0]


def line_of(report: RowReport) -> str:
    """Return what became of a row as a line, and more lines where it failed."""
    from companion.cli.failure import explained_failure

    row, outcome = report.row, report.outcome.value.replace("_", " ")
    status = f" ({report.connection['status']})" if report.connection is not None else ""
    line = f"{row.name} ({row.store_hash}): {outcome}{status}"
    if report.unverified is not None:
        line += f"\nStored, but not verified. {report.unverified}"
    return line if report.failure is None else f"{line}\n{explained_failure(report.failure).text}"


def _exit_code(report: RowReport) -> int:
    if report.failure is not None:
        return report.failure.exit_code
    if report.unverified is not None:
        return ExitCode.ATTENTION_DUE
    broken = report.connection is not None and report.connection["status"] == "broken"
    return ExitCode.CREDENTIALS_REFUSED if broken else ExitCode.DONE


def text_of(file: Path) -> str:
    """Return what stands in a file of stores.

    Raises:
        InvalidInput: it cannot be read, is too large, or is no text in UTF-8.
    """
    from companion.core.errors import InvalidInput

    try:
        with file.open("rb") as opened:  # a pipe or a device has no size to ask for
            content = opened.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise InvalidInput(f"{file} is too large for a list of stores.", next_step="Split it.")
        return content.decode("utf-8-sig")
    except OSError as failure:
        why = str(failure.strerror)
    except UnicodeDecodeError:
        why = "It is no text in UTF-8."
    raise InvalidInput(
        f"{file} could not be read.", why=why, next_step="Save it as CSV in UTF-8; --template writes an empty one."
    )


def _sessions(rows: Sequence[BatchRow], values: SignInSettings, keeper: SessionKeeper) -> dict[str, Secret]:
    """Return the kept session of each user that has one: by e-mail address, empty for the user of the environment."""
    addresses = {(row.email or "").lower() for row in rows}
    found = {address: keeper.load(address or values.email) for address in addresses}
    return {address: session for address, session in found.items() if session is not None}


def _users(
    rows: Sequence[BatchRow],
    values: SignInSettings,
    settings: Settings,
    interruption: Any,
    with_session: frozenset[str],
) -> dict[str, SignIn | None]:
    """Return what each user signs in with: the environment's, else what is asked for on a terminal, once each.

    Args:
        with_session: users whose kept session is tried instead of asking.
    """
    from dataclasses import replace

    from automation.cli.sign_in import unattended_sign_in
    from companion.cli.prompts import ask_secret, can_ask

    own = None
    if values.email and values.password_secret:
        own = unattended_sign_in(values, settings.verification_code_command, interrupted=interruption.is_requested)
    users: dict[str, SignIn | None] = {"": own}
    for row in rows:
        email = (row.email or "").lower()
        if email in users:
            continue
        if own is not None and own.email is not None and own.email.lower() == email:
            users[email] = own
        elif email in with_session:
            users[email] = None
        elif can_ask():
            users[email] = replace(
                own or _nobody(), email=row.email, password=ask_secret(f"Password of {row.email}"),
                authenticator_code=None,
            )  # fmt: skip
        else:
            users[email] = None
    if own is not None and own.email is not None and own.email.lower() in users:
        users[""] = users[own.email.lower()]
    return users


def _nobody() -> SignIn:
    from automation.runners.unattended import SignIn

    return SignIn(None, None)


@contextlib.contextmanager
def _display(
    output: Output, stream: TextIO, rows: int
) -> Iterator[tuple[Callable[[RowReport], None], Callable[[str], None]]]:
    """Give what shows a row that is over and what shows a remark: a progress bar on a terminal, lines elsewhere."""
    from companion.cli.progress_bar import progress_bar

    with progress_bar("Stores", rows, stream) as bar:
        say = output.note if bar is None else bar.say

        def on_row(report: RowReport) -> None:
            say(line_of(report))
            if bar is not None:
                bar.ended(report.seconds > 0)

        yield on_row, say


def _summary(totals: dict[str, int]) -> str:
    return ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in totals.items())
