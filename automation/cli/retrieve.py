"""What `companion connect NAME` does once its options are read: the service, the sign-in, the browser, the report."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automation.core.request import RetrievalRequest
    from automation.jobs.hand_over import WantedConnection
    from automation.jobs.interruption import Interruption
    from automation.jobs.reports import RehearsalReport, RetrievalReport
    from companion.cli.output import Output
    from companion.core.errors import CompanionError
    from companion.settings import Settings


@dataclass(frozen=True)
class Manner:
    """How one store is connected.

    Attributes:
        headed: whether the browser is shown; None leaves it to the mode.
        attach: the address of a running browser to join.
        cover: whether the values in the credentials window are covered.
        remember: whether the browser session is kept.
    """

    guided: bool = False
    headed: bool | None = None
    attach: str | None = None
    cover: bool = True
    dry_run: bool = False
    remember: bool = False

    @property
    def shows_a_window(self) -> bool:
        """Whether a browser is started that a person sees."""
        return self.headed if self.headed is not None else self.guided and self.attach is None


def retrieve(
    request: RetrievalRequest,
    wanted: WantedConnection,
    settings: Settings,
    interruption: Interruption,
    manner: Manner,
    note: Callable[[str], None],
) -> RetrievalReport | RehearsalReport:
    """Retrieve, store and verify one connection, or rehearse it.

    Raises:
        CompanionError: as `retrieve_and_hand_over`.
    """
    from automation.browser.window import check_window
    from automation.cli.kept_session import keep_session, kept_session
    from automation.cli.noting import noting_of
    from automation.cli.sign_in import unattended_sign_in
    from automation.cli.step_display import step_display
    from automation.jobs.rehearsal import rehearse
    from automation.jobs.reports import RetrievalReport
    from automation.jobs.retrieval import retrieve_and_hand_over
    from automation.jobs.run_options import GuideSettings, RunOptions
    from companion.cli.kept_sessions import LocalSessions
    from companion.cli.left_accounts import tell_left
    from companion.cli.session import open_client
    from companion.settings import SignInSettings

    if manner.remember:
        LocalSessions(settings).refuse_another_service()
    if manner.shows_a_window:
        check_window(os.environ, sys.platform)
    values = SignInSettings()
    usable = not manner.guided and manner.attach is None
    with kept_session(settings, values.email, note, usable=usable, keep=manner.remember) as around:
        sign_in = unattended_sign_in(
            values,
            settings.verification_code_command,
            interrupted=interruption.is_requested,
            needed=not manner.guided and not around.begins_signed_in,
        )
        with open_client(settings) as client, step_display(sys.stderr) as (on_step, say):
            tell_left(say, settings, client)
            job: Callable[..., RetrievalReport | RehearsalReport]
            job = rehearse if manner.dry_run else retrieve_and_hand_over
            report = job(
                request,
                wanted,
                client,
                RunOptions(
                    settings,
                    sign_in,
                    headed=manner.shows_a_window,
                    attach=manner.attach,
                    guide=GuideSettings(cover=manner.cover) if manner.guided else None,
                    on_step=on_step,
                    say=say,
                    interruption=interruption,
                    around=around,
                    noting=noting_of(settings, f"companion connect {wanted.name}"),
                ),
            )
    if manner.remember and isinstance(report, RetrievalReport):
        # Who signs in by hand is not known here, and must not be taken for the user of the environment.
        keep_session(settings, None if manner.guided else values.email, report, around, note)
    return report


def keep_evidence(output: Output, failure: CompanionError, file: Path | None) -> None:
    """Write the masked summary of the page on which a step failed, or say how to get one."""
    from companion.private_files import create_private_file

    summary = getattr(failure, "evidence", None)
    if summary is None:
        return
    if file is None:
        output.note("With --evidence FILE, a masked summary of the page is written, which can be attached to a report.")
        return
    try:
        create_private_file(file, summary.encode())
    except OSError as refused:
        output.note(f"The summary of the page could not be written to {file}: {refused.strerror}.")
    else:
        output.note(f"Wrote what the page looked like, masked, to {file}. Look through it before you attach it.")


def show_rehearsal(output: Output, report: RehearsalReport) -> None:
    """Show what a dry run led to."""
    rehearsed = report.rehearsed
    where = rehearsed.subdomain or "not shown by its address"
    output.result(
        report.document(),
        f"A dry run: every step up to Save can be done in store {rehearsed.store_hash} (subdomain {where}). Nothing "
        f"was made. Scopes read back from the form: {', '.join(rehearsed.oauth_scopes)}.",
    )


def show_retrieval(output: Output, report: RetrievalReport) -> None:
    """Show the connection, and what it supersedes."""
    from companion.cli.describe import connection_text

    lines = [connection_text(report.connection)]
    if report.superseded is not None:
        old = report.superseded
        client_id = f" (client ID {old['client_id']})" if old["client_id"] else ""
        lines.append(
            f"It supersedes the API account {old['name']!r}{client_id}, which stays alive at BigCommerce: delete it in "
            "the control panel once nothing uses its access token."
        )
    if report.unverified is not None:
        output.note(f"Stored, but not verified. {report.unverified}")
    output.result(report.document(), "\n\n".join(lines))
