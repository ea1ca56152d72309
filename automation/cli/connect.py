"""`companion connect`; nothing heavy is imported before it runs."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.core.presets import PRESETS, presets_help, scopes_of_presets
from companion.cli.output import Output, with_output
from companion.cli.selection import AUTH_TYPES
from companion.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from automation.core.errors import Created
    from automation.core.request import RetrievalRequest
    from automation.jobs.hand_over import WantedConnection
    from automation.jobs.interruption import Interruption
    from automation.jobs.kept_session import WithSession
    from automation.jobs.reports import RehearsalReport, RetrievalReport
    from automation.ports import SessionKeeper
    from companion.core.errors import CompanionError
    from companion.settings import Settings

MODES = ("unattended", "guided")
DEFAULT_PATIENCE = 60.0
DEFAULT_ACCOUNT_NAME = "BigCommerce Companion"


@click.command(short_help="Retrieve the credentials in a browser and store the connection.")
@click.argument("name", required=False)
@click.option(
    "--mode",
    type=click.Choice(MODES),
    help="guided: shows you what to press, or does it for you; you sign in (the default on a terminal). unattended: "
    "signs in with BIGCOMMERCE_EMAIL, BIGCOMMERCE_PASSWORD and, where asked for a code, BIGCOMMERCE_TOTP_SECRET or "
    "COMPANION_VERIFICATION_CODE_COMMAND (the default elsewhere).",
)
@click.option("--store", metavar="HASH", help="The store to use, where the user has several: its hash or an address.")
@click.option("--headed/--headless", default=None, help="Show the browser; unless given, guided mode alone shows it.")
@click.option(
    "--attach",
    metavar="URL",
    help="Join a browser that was started for this, at its debugging port on this machine: http://127.0.0.1:9222.",
)
@click.option("--no-cover", is_flag=True, help="Guided: leave the values in the credentials window uncovered.")
@click.option(
    "--auth-type",
    type=click.Choice(AUTH_TYPES, case_sensitive=False),
    help="custom: private tokens, recommended and the default. token: the older storefront tokens.",
)
@click.option("--channel-id", metavar="ID", help="The storefront channel; 1 unless given.")
@click.option(
    "--storefront-scope",
    "storefront_scopes",
    multiple=True,
    metavar="SCOPE",
    help="A scope of the private tokens: Unauthenticated (default), Customer, B2B; repeatable.",
)
@click.option(
    "--preset",
    "presets",
    multiple=True,
    metavar="PURPOSE",
    type=click.Choice(tuple(preset.name for preset in PRESETS)),
    help=f"Ask for the scopes that a purpose needs, and for no more; repeatable. {presets_help()}.",
)
@click.option(
    "--oauth-scope",
    "oauth_scopes",
    multiple=True,
    metavar="SCOPE=OPTION",
    help="A scope of the API account on top of the two that are always set, as 'Products=read-only'; repeatable.",
)
@click.option(
    "--api-account-name",
    metavar="TEXT",
    default=DEFAULT_ACCOUNT_NAME,
    show_default=True,
    help="How the name of the new API account begins; it ends in random letters.",
)
@click.option("--replace", is_flag=True, help="Replace a connection of this name, in place, if there is one.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=1, max=3600),
    default=DEFAULT_PATIENCE,
    show_default=True,
    metavar="SECONDS",
    help="How long a page may take that does not get on.",
)
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag; repeatable.")
@click.option(
    "--dry-run", is_flag=True, help="Do every step up to Save, then leave the form: nothing is made, nothing is stored."
)
@click.option(
    "--remember",
    is_flag=True,
    help="Keep this browser session, sealed, for at most 14 days: this user's next unattended run needs no sign-in. "
    "It opens every store of that user.",
)
@click.option("--forget", is_flag=True, help="Drop every browser session that was kept, and do nothing else.")
@click.option(
    "--evidence",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where a step fails: write what the page looked like to a new FILE, for a report. Roles, names and structure; "
    "values, lists, longer texts and all that is this store's are removed.",
)
@click.option(
    "--batch",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Connect the stores of a CSV file, a row each: name, store_hash, and if wanted subdomain, channel_id, "
    "auth_type, scopes, email, tags. One sign-in a user; run again, it goes on where it stopped. No NAME then.",
)
@click.option("--template", is_flag=True, help="With --batch: write an empty FILE.")
@click.option(
    "--parallel",
    type=click.IntRange(1, 16),
    default=2,
    show_default=True,
    help="With --batch: how many stores at once.",
)
@with_output
def connect(
    output: Output,
    name: str | None,
    mode: str | None,
    store: str | None,
    headed: bool | None,
    attach: str | None,
    no_cover: bool,
    auth_type: str | None,
    channel_id: str | None,
    storefront_scopes: tuple[str, ...],
    presets: tuple[str, ...],
    oauth_scopes: tuple[str, ...],
    api_account_name: str,
    replace: bool,
    timeout: float,
    tags: tuple[str, ...],
    dry_run: bool,
    remember: bool,
    forget: bool,
    evidence: Path | None,
    batch: Path | None,
    template: bool,
    parallel: int,
) -> int:
    """Retrieve the credentials of a store in a browser, and store and verify the connection NAME.

    In guided mode you see the browser, and a panel in its pages says what to press and why; any step can be left to it.

    It makes a new API account in the control panel, reads its credentials, and deletes it again where they cannot be
    kept. The password is tried once and never stored.
    """
    if math.isnan(timeout):  # neither below nor above any limit
        raise click.BadParameter("nan is no number of seconds.", param_hint="--timeout")
    if forget:
        if name or batch is not None or remember:
            raise click.UsageError("--forget goes alone: it drops every browser session that was kept.")
        return _forget(output)
    if remember and (dry_run or batch is not None or attach is not None):
        raise click.UsageError("--remember does not go with --dry-run, --batch or --attach.")
    if batch is not None:
        if (
            name
            or store
            or replace
            or dry_run
            or mode == "guided"
            or auth_type
            or channel_id
            or storefront_scopes
            or tags
        ):
            raise click.UsageError(
                "With --batch, all that is about one store stands in the file, and nobody is guided."
            )
        return _connect_batch(
            output, batch, template, presets, oauth_scopes, api_account_name, timeout, parallel, bool(headed)
        )
    if template:
        raise click.UsageError("--template is for --batch FILE.")
    guided = mode == "guided" or (mode is None and sys.stdin.isatty() and sys.stderr.isatty())
    if attach is not None and headed is not None:
        raise click.UsageError("--attach joins a browser that is there already, so --headed and --headless do not fit.")
    if no_cover and not guided:
        raise click.UsageError("--no-cover is for --mode guided: nobody sees the window in an unattended run.")
    from automation.browser.endpoint import endpoint_from_text
    from automation.core.oauth_scopes import wanted_scopes
    from automation.core.request import RetrievalRequest
    from automation.jobs.account_names import api_account_name_from
    from automation.jobs.interruption import Interruption
    from automation.jobs.reports import RehearsalReport, with_steps
    from companion.cli.at_hand import connection_at_hand
    from companion.core.errors import CompanionError
    from companion.core.store_urls import store_hash_from_text
    from companion.settings import load_settings

    try:
        settings = load_settings()
        if attach is not None:
            endpoint_from_text(attach)
        wanted = _wanted_connection(
            connection_at_hand(name, settings), replace, auth_type, channel_id, storefront_scopes, tags
        )
        request = RetrievalRequest(
            api_account_name=api_account_name_from(api_account_name),
            store_hash=None if store is None else store_hash_from_text(store),
            channel_id=wanted.channel_id or 1,
            scopes=wanted_scopes(scopes_of_presets(presets, oauth_scopes)),
            patience=timeout,
        )
        interruption = Interruption(
            on_first=lambda: output.note("Stopping; what was made is taken back first. Ctrl-C again ends at once."),
            on_second=lambda: report_end_at_once(output, interruption.at_stake()),
        )
        with interruption:
            report = _retrieve(
                request,
                wanted,
                settings,
                interruption,
                headed=headed if headed is not None else guided and attach is None,
                attach=attach,
                guided=guided,
                cover=not no_cover,
                dry_run=dry_run,
                remember=remember,
                note=output.note,
            )
    except CompanionError as failure:
        _keep_evidence(output, failure, evidence)
        raise with_steps(failure) from None
    if isinstance(report, RehearsalReport):
        _show_rehearsal(output, report)
        return ExitCode.DONE
    _show(output, report)
    if report.unverified is not None:
        return ExitCode.ATTENTION_DUE
    return ExitCode.CREDENTIALS_REFUSED if report.connection["status"] == "broken" else ExitCode.DONE


def _keep_evidence(output: Output, failure: CompanionError, file: Path | None) -> None:
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


def _connect_batch(
    output: Output,
    file: Path,
    template: bool,
    presets: tuple[str, ...],
    oauth_scopes: tuple[str, ...],
    api_account_name: str,
    timeout: float,
    parallel: int,
    headed: bool,
) -> int:
    from automation.cli.batch import connect_batch, write_template
    from automation.core.oauth_scopes import wanted_scopes
    from automation.jobs.account_names import api_account_name_from
    from automation.jobs.batch import BatchRequest

    if template:
        return write_template(output, file)
    api_account_name_from(api_account_name)
    scopes = wanted_scopes(scopes_of_presets(presets, oauth_scopes))
    return connect_batch(output, file, BatchRequest(api_account_name, scopes, timeout, parallel, headed))


def report_end_at_once(output: Output, at_stake: tuple[Created, ...] = ()) -> None:
    """Say, as the last thing before the process ends, what could not be finished.

    Args:
        at_stake: what was made at BigCommerce and stays there.
    """
    from automation.core.errors import Interrupted
    from automation.jobs.reports import with_steps
    from companion.cli.failure import explained_failure

    failure = Interrupted(
        "Ended at once, without cleaning up.",
        next_step="Delete the API account named above in the control panel." if at_stake else "",
        created=at_stake,
    )
    explained = explained_failure(with_steps(failure))
    if sys.stderr.isatty():
        sys.stderr.write("\x1b[?25h\n")  # the live list hides the cursor, and will not get to show it again
    if output.as_json and not output.printed:
        output.document(explained.document)
    output.note(explained.text)
    sys.stdout.flush()
    sys.stderr.flush()


def _wanted_connection(
    name: str,
    replace: bool,
    auth_type: str | None,
    channel_id: str | None,
    scopes: tuple[str, ...],
    tags: tuple[str, ...],
) -> WantedConnection:
    """Check all that can be checked before a service or a browser starts."""
    from automation.jobs.hand_over import WantedConnection
    from companion.core.connection import AuthType, checked_name, checked_storefront_scopes, checked_tags
    from companion.core.store_urls import channel_id_from_text

    return WantedConnection(
        name=checked_name(name),
        replace=replace,
        auth_type=auth_type,
        channel_id=None if channel_id is None else channel_id_from_text(channel_id),
        scopes=checked_storefront_scopes(AuthType(auth_type or AuthType.CUSTOM), scopes) if scopes else None,
        tags=checked_tags(tags) if tags else None,
    )


def _retrieve(
    request: RetrievalRequest,
    wanted: WantedConnection,
    settings: Settings,
    interruption: Interruption,
    *,
    headed: bool,
    attach: str | None,
    guided: bool,
    cover: bool,
    dry_run: bool,
    remember: bool,
    note: Callable[[str], None],
) -> RetrievalReport | RehearsalReport:
    from automation.browser.window import check_window
    from automation.cli.sign_in import unattended_sign_in
    from automation.cli.step_display import step_display
    from automation.jobs.kept_session import WithSession
    from automation.jobs.left_accounts import Noting
    from automation.jobs.rehearsal import rehearse
    from automation.jobs.retrieval import retrieve_and_hand_over
    from automation.jobs.run_options import GuideSettings, RunOptions
    from companion.account_notes import AccountNotes
    from companion.cli.kept_sessions import LocalSessions
    from companion.cli.left_accounts import tell_left
    from companion.cli.session import open_client
    from companion.core.errors import CompanionError
    from companion.settings import SignInSettings

    sessions: SessionKeeper = LocalSessions(settings)
    if remember:
        LocalSessions(settings).refuse_another_service()
    if headed:
        check_window(os.environ, sys.platform)
    values = SignInSettings()
    kept = None if guided or attach is not None else sessions.load(values.email)
    sign_in = unattended_sign_in(
        values,
        settings.verification_code_command,
        interrupted=interruption.is_requested,
        needed=not guided and kept is None,
    )
    around = WithSession(kept, keep=remember)
    with open_client(settings) as client, step_display(sys.stderr) as (on_step, say):
        tell_left(say, settings, client)
        job: Callable[..., RetrievalReport | RehearsalReport] = rehearse if dry_run else retrieve_and_hand_over
        try:
            report = job(
                request,
                wanted,
                client,
                RunOptions(
                    settings,
                    sign_in,
                    headed=headed,
                    attach=attach,
                    guide=GuideSettings(cover=cover) if guided else None,
                    on_step=on_step,
                    say=say,
                    interruption=interruption,
                    around=around,
                    noting=Noting(AccountNotes(settings.data_dir), settings.world, f"companion connect {wanted.name}"),
                ),
            )
        except CompanionError as failure:
            if around.is_over(failure):
                _drop(sessions, values.email, note)
            raise
        if around.is_over():
            _drop(sessions, values.email, note)
    if remember:
        # Who signs in by hand is not known here, and must not be taken for the user of the environment.
        _keep(sessions, None if guided else values.email, report, around, note)
    return report


def _drop(sessions: SessionKeeper, email: str | None, note: Callable[[str], None]) -> None:
    from companion.core.errors import CompanionError

    try:
        sessions.drop(email)
    except CompanionError as failure:
        note(f"The kept browser session is not used any more, and could not be dropped. {failure.explained.what}")
    else:
        note("The kept browser session had ended; it was dropped.")


def _keep(
    sessions: SessionKeeper,
    email: str | None,
    report: RetrievalReport | RehearsalReport,
    around: WithSession,
    note: Callable[[str], None],
) -> None:
    """Keep the session of a run that made a connection; whatever goes wrong here, the connection is made."""
    from automation.jobs.reports import RetrievalReport
    from companion.core.errors import CompanionError

    if not isinstance(report, RetrievalReport) or report.connection["status"] == "broken":
        return
    session = around.session_of_run
    if session is None:
        note("The browser session of this run was not kept: either the kept one was used, or none could be read.")
        return
    try:
        ends_at = sessions.save(email, report.connection["id"], session)
    except CompanionError as failure:
        note(f"The browser session could not be kept. {failure.explained.what}")
        return
    note(
        f"The browser session is kept, sealed, until {ends_at:%Y-%m-%d %H:%M} UTC at the latest. It opens every store "
        f"of this user, not only this one. It goes with the connection {report.connection['name']!r}; "
        "`companion connect --forget` drops it."
    )


def _forget(output: Output) -> int:
    from companion.cli.kept_sessions import LocalSessions
    from companion.settings import load_settings

    sessions = LocalSessions(load_settings())
    sessions.refuse_another_service()
    dropped = sessions.drop_all()
    text = "No browser session was kept." if not dropped else "Dropped what was kept of browser sessions."
    output.result({"forgotten": dropped}, text)
    return ExitCode.DONE


def _show_rehearsal(output: Output, report: RehearsalReport) -> None:
    rehearsed = report.rehearsed
    where = rehearsed.subdomain or "not shown by its address"
    output.result(
        report.document(),
        f"A dry run: every step up to Save can be done in store {rehearsed.store_hash} (subdomain {where}). Nothing "
        f"was made. Scopes read back from the form: {', '.join(rehearsed.oauth_scopes)}.",
    )


def _show(output: Output, report: RetrievalReport) -> None:
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
