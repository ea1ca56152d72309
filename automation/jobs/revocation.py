"""Deletes the API account of a connection in the control panel, and proves that it is gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from automation.core.actions import Removal
from automation.core.decisions.deletion import deletion_of_listed
from automation.core.errors import AccountNotFound, AccountUnclear, BrowserUnavailable, Interrupted, StepFailed
from automation.core.extract.document import forget_documents
from automation.core.flows.retrieval import StepId
from automation.core.known_accounts import KnownAccount, row_of
from automation.core.progress import Progress
from automation.core.request import RetrievalRequest
from automation.jobs.run_options import RunOptions, making_nothing
from automation.ports import RevocationService
from automation.runners.clean_up import ConfirmingHands, remove
from automation.runners.listing import list_accounts
from companion.core.errors import CompanionError

if TYPE_CHECKING:
    from automation.core.extract.api_accounts import AccountRow
    from companion.client import ConnectionDocument

REFUSED = "token-refused"
"""The finding with which the service says that BigCommerce does not know a token (401)."""

PATIENCE = 60.0
"""Seconds for which a deleted account's token may go on working; BigCommerce says so of storefront tokens only."""

_LOOK_AGAIN = 2.0


@dataclass(frozen=True)
class Revoked:
    """What was deleted in the control panel.

    Attributes:
        webhooks: how many died with it; None where the list did not say.
    """

    name: str
    client_id: str | None
    webhooks: int | None


def known_account(connection: ConnectionDocument) -> KnownAccount:
    """Return the API account that the connection recorded.

    Raises:
        AccountUnclear: it recorded none.
    """
    account, scopes = connection["api_account"], connection["oauth_scopes"]
    if account is None:
        raise AccountUnclear(
            f"The connection {connection['name']!r} does not say which API account its access token belongs to.",
            why="It was added by hand, without the downloaded file.",
            next_step="Delete the API account by hand under Settings > API > Store-level API accounts.",
            step=StepId.OPEN_API_ACCOUNTS,
        )
    return KnownAccount(account["name"], account["client_id"], None if scopes is None else tuple(scopes))


def revoke_account(
    connection: ConnectionDocument,
    service: RevocationService,
    options: RunOptions,
    *,
    agreed: Callable[[AccountRow], None],
    patience: float = 60.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Revoked:
    """Delete the API account behind the connection's access token, and prove by that token that it is gone.

    Args:
        agreed: asked with the account's row before anything is deleted; raises where the answer is no.
        patience: seconds after which a page that does not get on is given up.

    Raises:
        AccountNotFound, AccountUnclear: nothing was deleted. One that is not in the list, and whose token was refused
            already, is gone, and that is no failure: so an attempt that broke off after the deletion can be ended.
        StepFailed: it could not be deleted, or its token still works; the message says which.
        CompanionError: what else stopped it; nothing was deleted.
    """
    from playwright.sync_api import Error

    account = known_account(connection)
    # What cannot be proven now could not be proven afterwards either.
    gone_before = _is_refused(service.verify(connection["id"]))
    request = RetrievalRequest(account.name, store_hash=connection["store_hash"], patience=patience)
    try:
        with making_nothing(options, request) as hands:
            progress, rows = list_accounts(hands, Progress(request), interrupted=options.interruption.is_requested)
            try:
                row = row_of(account, rows)
            except AccountNotFound:
                if not gone_before:
                    raise
                options.say(f"“{account.name}” is not in the list, and its token is refused: it was deleted before.")
                return Revoked(account.name, account.client_id, None)
            agreed(row)
            if options.interruption.requested:
                raise Interrupted("Interrupted; nothing was deleted.")
            remove_listed(hands, progress, row)
    except Error:
        raise BrowserUnavailable(
            "The browser ended before the API account was deleted.",
            next_step=f"Try again: where “{account.name}” was deleted all the same, the rest is done.",
        ) from None
    finally:
        forget_documents()
    options.say(f"“{row.name}” is no longer in the list of API accounts.")
    try:
        _prove_gone(connection, service, sleep)
    except CompanionError as failure:
        why = f"The API account “{row.name}” was deleted. {failure.explained.why}".strip()
        vars(failure).update(explained=replace(failure.explained, why=why))
        raise
    return Revoked(row.name, account.client_id, row.webhooks)


def remove_listed(hands: ConfirmingHands, progress: Progress, row: AccountRow) -> None:
    """Delete the account of a row that was just read, and nothing else.

    Raises:
        StepFailed: it could not be deleted; it may still be there.
    """
    request = replace(progress.request, api_account_name=row.name)
    outcome = remove(hands, deletion_of_listed(replace(progress, request=request)))
    if outcome is not Removal.DELETED:
        raise StepFailed(
            f"The API account “{row.name}” could not be deleted in the control panel.",
            why="This user may lack the permission to delete API accounts, or the page has changed. It may still be "
            "there.",
            next_step="Delete it by hand under Settings > API > Store-level API accounts.",
            step=StepId.OPEN_API_ACCOUNTS,
        )


def _is_refused(verified: ConnectionDocument) -> bool:
    return any(finding["code"] == REFUSED for finding in verified["findings"])


def _prove_gone(connection: ConnectionDocument, service: RevocationService, sleep: Callable[[float], None]) -> None:
    left = PATIENCE
    while True:
        verified = service.verify(connection["id"])
        if _is_refused(verified):
            return
        if left <= 0:
            break
        sleep(_LOOK_AGAIN)
        left -= _LOOK_AGAIN
    raise StepFailed(
        f"The access token of {connection['name']!r} still works, although its API account was deleted.",
        why="It may not have been the one of this token.",
        next_step=f"Run `companion verify {connection['name']}` in a minute; if it still is not refused, look at the "
        "API accounts in the control panel.",
        step=StepId.VERIFY,
    )
