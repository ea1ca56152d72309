"""Jobs in the control panel that the companion's own commands find by entry point; nothing heavy before they run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automation.core.extract.api_accounts import AccountRow
    from companion.cli.browser_jobs import RevokedDocument
    from companion.cli.output import Output
    from companion.client import CompanionClient, ConnectionDocument
    from companion.settings import Settings


def revoke(
    output: Output,
    connection: ConnectionDocument,
    client: CompanionClient,
    settings: Settings,
    *,
    agreed: Callable[[int | None], None],
    headed: bool,
) -> RevokedDocument:
    """`companion.cli.browser_jobs.RevokeJob`: signs in unattended, as `companion connect` does."""
    from automation.cli.kept_session import kept_session
    from automation.cli.sign_in import unattended_sign_in
    from automation.jobs.interruption import Interruption
    from automation.jobs.revocation import known_account, revoke_account
    from automation.jobs.run_options import RunOptions
    from companion.settings import SignInSettings

    known_account(connection)
    interruption = Interruption(on_first=lambda: output.note("Stopping. Ctrl-C again ends at once."))
    values = SignInSettings()

    def asked(row: AccountRow) -> None:
        with interruption.at_once():
            agreed(row.webhooks)

    with interruption, kept_session(settings, values.email, output.note) as around:
        sign_in = unattended_sign_in(
            values,
            settings.verification_code_command,
            interrupted=interruption.is_requested,
            needed=not around.begins_signed_in,
        )
        options = RunOptions(
            settings, sign_in, headed=headed, say=output.note, interruption=interruption, around=around
        )
        revoked = revoke_account(connection, client, options, agreed=asked)
    return {
        "kind": "api-account",
        "name": revoked.name,
        "client_id": revoked.client_id,
        "webhooks": revoked.webhooks,
    }
