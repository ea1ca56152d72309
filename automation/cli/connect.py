"""`companion connect`; nothing heavy is imported before it runs."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.core.presets import presets_help, scopes_of_presets
from companion.cli.output import Output, with_output
from companion.cli.selection import AUTH_TYPES
from companion.core.exit_codes import ExitCode
from companion.core.presets import PRESETS

if TYPE_CHECKING:
    from automation.jobs.hand_over import WantedConnection

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
    if guided and headed is False:
        raise click.UsageError(
            "In guided mode you see the browser, so --headless does not fit. Leave it out, or use --mode unattended."
        )
    if no_cover and not guided:
        raise click.UsageError("--no-cover is for --mode guided: nobody sees the window in an unattended run.")
    from automation.browser.endpoint import endpoint_from_text
    from automation.cli.end_at_once import report_end_at_once
    from automation.cli.retrieve import Manner, keep_evidence, retrieve, show_rehearsal, show_retrieval
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
            manner = Manner(guided, headed, attach, cover=not no_cover, dry_run=dry_run, remember=remember)
            report = retrieve(request, wanted, settings, interruption, manner, output.note)
    except CompanionError as failure:
        keep_evidence(output, failure, evidence)
        raise with_steps(failure) from None
    if isinstance(report, RehearsalReport):
        show_rehearsal(output, report)
        return ExitCode.DONE
    show_retrieval(output, report)
    if report.unverified is not None:
        return ExitCode.ATTENTION_DUE
    return ExitCode.CREDENTIALS_REFUSED if report.connection["status"] == "broken" else ExitCode.DONE


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
    from automation.jobs.batch_values import BatchRequest

    if template:
        return write_template(output, file)
    api_account_name_from(api_account_name)
    scopes = wanted_scopes(scopes_of_presets(presets, oauth_scopes))
    return connect_batch(output, file, BatchRequest(api_account_name, scopes, timeout, parallel, headed))


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


def _forget(output: Output) -> int:
    from companion.cli.kept_sessions import LocalSessions
    from companion.settings import load_settings

    sessions = LocalSessions(load_settings())
    sessions.refuse_another_service()
    dropped = sessions.drop_all()
    text = "No browser session was kept." if not dropped else "Dropped what was kept of browser sessions."
    output.result({"forgotten": dropped}, text)
    return ExitCode.DONE
