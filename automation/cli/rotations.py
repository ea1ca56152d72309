"""What `companion rotate` does, for one connection after the other."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from automation.cli.rotation_texts import (
    exit_code_of,
    files_that_die,
    finish_document,
    finish_text,
    line_of,
    plan_text,
    report_text,
)
from companion.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from automation.core.earlier_accounts import EarlierAccount
    from automation.core.extract.api_accounts import AccountRow
    from automation.jobs.rotation import RotationReport
    from automation.jobs.run_options import RunOptions
    from companion.cli.output import Output
    from companion.client import CompanionClient, ConnectionDocument
    from companion.settings import Settings


class Rotations:
    """What `rotate` was asked to do, for one connection after the other."""

    def __init__(
        self,
        output: Output,
        client: CompanionClient,
        settings: Settings,
        *,
        keep_old: bool,
        finish: bool,
        headed: bool,
        patience: float,
        yes: bool,
    ) -> None:
        from automation.cli.end_at_once import report_end_at_once
        from automation.jobs.interruption import Interruption

        self._output = output
        self._client = client
        self._settings = settings
        self._keep_old = keep_old
        self._finish = finish
        self._headed = headed
        self._patience = patience
        self._yes = yes
        self._interruption = Interruption(
            on_first=lambda: output.note("Stopping; what was made is taken back first. Ctrl-C again ends at once."),
            on_second=lambda: report_end_at_once(output, self._interruption.at_stake()),
        )

    def plan(self, connections: Sequence[ConnectionDocument]) -> int:
        """Say what would be done with each connection."""
        from companion.core.errors import CompanionError

        entries: list[dict[str, Any]] = []
        lines: list[str] = []
        for connection in connections:
            exports = self._exports([connection])
            entry: dict[str, Any] = {"id": connection["id"], "name": connection["name"], "exports": exports}
            try:
                entry |= self._planned(connection)
                lines.append(f"{connection['name']}: {plan_text(entry)}{files_that_die(exports)}")
            except CompanionError as failure:
                entry |= {"hindrance": {"code": failure.code, "message": str(failure)}}
                lines.append(f"{connection['name']}: cannot be done. {failure}")
            entries.append(entry)
        self._output.result({"dry_run": True, "plan": entries}, "\n".join(lines) or "Nothing would be done.")
        return ExitCode.DONE

    def ask(self, connections: Sequence[ConnectionDocument]) -> None:
        """Say what will be gone, and go on only with a yes.

        Raises:
            ConfirmationNeeded: nobody can be asked and `--yes` is not given, or the answer was no.
        """
        from companion.cli.prompts import confirm

        if self._keep_old or not connections:
            return
        names = ", ".join(repr(connection["name"]) for connection in connections)
        which = "earlier API accounts" if self._finish else "present API accounts"
        confirm(
            f"The {which} of {names} will be deleted at BigCommerce, for good: every other program that still uses one "
            "of their access tokens stops, and webhooks that one of them has registered die with it."
            + files_that_die(self._exports(connections)),
            "Go on?",
            yes=self._yes,
        )

    def _exports(self, connections: Sequence[ConnectionDocument]) -> list[str]:
        """Return the files that `export` wrote and that stop working with the old API accounts."""
        due = [self._client.due(connection["id"]) for connection in connections]
        return [
            each["path"]
            for one in due
            for each in one["exports"]
            if each["has_access_token"] and each["is_present"] is not self._finish
        ]

    def one(self, connection: ConnectionDocument) -> int:
        """Do it for one connection, and show all about it."""
        from automation.jobs.reports import with_steps
        from companion.core.errors import CompanionError

        if self._finish:
            with self._interruption:
                gone = self._finished(connection)
            self._output.result(finish_document(connection, gone), finish_text(connection, gone))
            return ExitCode.DONE
        try:
            with self._interruption:
                report = self._rotated(connection)
        except CompanionError as failure:
            raise with_steps(failure) from None
        self._output.result(report.document(), report_text(report))
        return exit_code_of(report)

    def several(self, connections: Sequence[ConnectionDocument]) -> int:
        """Do it for each connection; one that fails is no reason to leave out the others, a refused sign-in is."""
        from companion.cli.failure import explained_failure
        from companion.core.errors import CompanionError, ServiceUnreachable

        done: list[dict[str, Any]] = []
        failures: list[dict[str, Any]] = []
        codes: list[int] = []
        totals: Counter[str] = Counter()
        refused = False
        with self._interruption:
            for connection in connections:
                name = connection["name"]
                if refused or self._interruption.requested:
                    totals["not_tried"] += 1
                    self._output.line(f"{name}: not tried")
                    continue
                try:
                    document, text, outcome, code = self._done(connection)
                except ServiceUnreachable:
                    raise
                except CompanionError as failure:
                    explained = explained_failure(failure)
                    failures.append({"id": connection["id"], "name": name, **explained.document})
                    self._output.line(f"{name}: failed\n{explained.text}")
                    totals["failed"] += 1
                    codes.append(explained.exit_code)
                    # The next one would be refused, too, and six refusals lock the user (Help Center, "Unlocking Your
                    # User Account").
                    refused = explained.exit_code == ExitCode.SIGN_IN_NEEDED
                else:
                    done.append(document)
                    totals[outcome] += 1
                    codes.append(code)
                    self._output.line(text)
        summary = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in totals.items())
        document = {"rotations": done, "failures": failures, "totals": dict(totals)}
        self._output.result(document, f"\n{summary or 'Nothing to do'}.")
        if self._interruption.requested:
            return ExitCode.INTERRUPTED
        if not any(codes):
            return ExitCode.DONE
        return ExitCode.ATTENTION_DUE if done else codes[0]

    def _done(self, connection: ConnectionDocument) -> tuple[dict[str, Any], str, str, int]:
        """Do it for one of several: document, text, the word for the totals, exit code."""
        if self._finish:
            gone = self._finished(connection)
            outcome = "finished" if gone else "nothing_left"
            return finish_document(connection, gone), finish_text(connection, gone), outcome, ExitCode.DONE
        report = self._rotated(connection)
        old = report.old.value
        return report.document(), line_of(report), f"rotated_old_{old}", exit_code_of(report)

    def _planned(self, connection: ConnectionDocument) -> dict[str, Any]:
        from automation.core.earlier_accounts import earlier_accounts
        from automation.jobs.rotation import check_rotation

        earlier = earlier_accounts((each["code"], each["message"]) for each in connection["findings"])
        left = [{"name": each.name, "client_id": each.client_id} for each in earlier]
        if self._finish:
            return {"deletes": left}
        account = check_rotation(connection, self._client.all_connections())
        present = {"name": account.name, "client_id": account.client_id}
        scopes = None if account.oauth_scopes is None else list(account.oauth_scopes)
        return {
            "replaces": present,
            "oauth_scopes": scopes,
            "deletes": [] if self._keep_old else [present],
            "still_alive": left,
        }

    def _rotated(self, connection: ConnectionDocument) -> RotationReport:
        from automation.cli.step_display import step_display
        from automation.jobs.rotation import check_rotation, rotate_connection

        account = check_rotation(connection, self._client.all_connections())
        with self._options() as options, step_display(sys.stderr) as (on_step, say):
            return rotate_connection(
                connection,
                account,
                self._client,
                replace(options, on_step=on_step, say=say),
                agreed=self._agreed,
                keep_old=self._keep_old,
                patience=self._patience,
            )

    def _finished(self, connection: ConnectionDocument) -> tuple[EarlierAccount, ...]:
        from automation.jobs.rotation import finish_rotation, kept_or_left

        if not kept_or_left(connection):
            return ()  # then nothing is needed to sign in with
        with self._options() as options:
            return finish_rotation(connection, self._client, options, agreed=self._agreed, patience=self._patience)

    @contextlib.contextmanager
    def _options(self) -> Iterator[RunOptions]:
        from automation.cli.kept_session import kept_session
        from automation.cli.noting import noting_of
        from automation.cli.sign_in import unattended_sign_in
        from automation.jobs.run_options import RunOptions
        from companion.settings import SignInSettings

        values = SignInSettings()
        with kept_session(self._settings, values.email, self._output.note) as around:
            sign_in = unattended_sign_in(
                values,
                self._settings.verification_code_command,
                interrupted=self._interruption.is_requested,
                needed=not around.begins_signed_in,
            )
            yield RunOptions(
                self._settings,
                sign_in,
                headed=self._headed,
                say=self._output.note,
                interruption=self._interruption,
                around=around,
                noting=noting_of(self._settings, "companion rotate"),
            )

    def _agreed(self, row: AccountRow) -> None:
        """Ask once more where an account turns out to have webhooks, which nobody can bring back."""
        from companion.cli.prompts import confirm

        if row.webhooks:
            with self._interruption.at_once():
                confirm(
                    f"The API account {row.name!r} has {row.webhooks} active webhooks, which will be gone with it.",
                    "Go on?",
                    yes=self._yes,
                )
