"""A new API account in place of a connection's present one: proven before it is swapped in, the old deleted last.

At every moment the connection works: with the old access token until the new one is proven and stored in one step, with
the new one from then on. An old account that is not deleted, for whatever reason, is a finding of the connection.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from automation.core.decisions.listing import READ_AGAIN
from automation.core.earlier_accounts import EarlierAccount, earlier_accounts, finding_of_earlier
from automation.core.errors import (
    AccountNotFound,
    AccountUnclear,
    BrowserUnavailable,
    Interrupted,
)
from automation.core.extract.document import forget_documents
from automation.core.flows.retrieval import StepId
from automation.core.known_accounts import KnownAccount, exact_scopes, listed_scopes, row_of
from automation.core.progress import Progress
from automation.core.request import Captured, RetrievalRequest
from automation.jobs.account_names import name_of_successor
from automation.jobs.hand_over import WantedConnection
from automation.jobs.interruption import Interruption
from automation.jobs.reports import RetrievalReport
from automation.jobs.retrieval import retrieve_and_hand_over
from automation.jobs.revocation import known_account, remove_listed
from automation.jobs.run_options import Around, RunOptions, making_nothing
from automation.ports import RotationService
from automation.runners.clean_up import ConfirmingHands
from automation.runners.listing import list_accounts
from companion.core.connection import AuthType, Finding, Severity
from companion.core.errors import Conflict, ReauthorizeNeeded

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from automation.browser.downloads import Downloads
    from automation.browser.session import BrowserSettings
    from automation.core.extract.api_accounts import AccountRow
    from companion.client import ConnectionDocument

Agreed = Callable[["AccountRow"], None]


class OldAccount(StrEnum):
    """What became of the API account that was rotated out."""

    DELETED = "deleted"
    KEPT = "kept"
    LEFT = "left"


@dataclass(frozen=True)
class RotationReport:
    """What a rotation led to.

    Attributes:
        retrieval: of the new API account.
        old: what became of the old one; where it is still alive, a finding of the connection says so.
        connection: as it is now.
    """

    retrieval: RetrievalReport
    old_name: str
    old_client_id: str | None
    old: OldAccount
    connection: ConnectionDocument

    def document(self) -> dict[str, Any]:
        """Return the document of `rotate --json`."""
        kept = {key: value for key, value in self.retrieval.document().items() if key != "superseded"}
        old = {"name": self.old_name, "client_id": self.old_client_id, "status": self.old.value}
        return {**kept, "connection": self.connection, "old_api_account": old}


@dataclass
class _Rotation(Around):
    """What happens in the browser before and after the new API account is made.

    Attributes:
        outer: what is around the rotation itself, and gives its browser.
    """

    connection: ConnectionDocument
    account: KnownAccount
    agreed: Agreed
    interruption: Interruption
    outer: Around
    keep_old: bool
    old: OldAccount = OldAccount.LEFT
    _progress: Progress | None = field(default=None, init=False)
    _row: AccountRow | None = field(default=None, init=False)

    def session(
        self, settings: BrowserSettings, *, headed: bool, downloads: Downloads, say: Callable[[str], None]
    ) -> AbstractContextManager[BrowserContext]:
        return self.outer.session(settings, headed=headed, downloads=downloads, say=say)

    def begin(self, hands: ConfirmingHands, request: RetrievalRequest) -> RetrievalRequest:
        request = self.outer.begin(hands, request)
        looking = replace(request, api_account_name=self.account.name)
        self._progress, rows = list_accounts(hands, Progress(looking), interrupted=self.interruption.is_requested)
        self._row = row_of(self.account, rows)
        scopes = exact_scopes(self._row, self.account.oauth_scopes)
        if not scopes:
            raise AccountUnclear(
                f"Which scopes the API account “{self.account.name}” has cannot be told for certain.",
                why=f"The list says “{self._row.scopes[:300]}”"
                + (", and the connection recorded none." if self.account.oauth_scopes is None else "."),
                next_step="Make the new account with "
                f"`companion connect {shlex.quote(self.connection['name'])} --replace`, naming each scope with "
                "--oauth-scope.",
                step=StepId.OPEN_API_ACCOUNTS,
            )
        if not self.keep_old:
            self.agreed(self._row)
        return replace(request, scopes=scopes)

    def before_hand_over(self, hands: ConfirmingHands, captured: Captured) -> None:
        """Compare the new account's scopes with the old one's in the list, where it shows them."""
        progress, old = self._known()
        new = KnownAccount(captured.api_account_name, captured.client_id, captured.oauth_scopes)
        try:
            row = row_of(new, list_accounts(hands, _again(progress), interrupted=self.interruption.is_requested)[1])
        except AccountNotFound:
            return  # a list may show an account late; the form was read back, and the token will be proven
        shown, before = listed_scopes(row.scopes), listed_scopes(old.scopes)
        if shown is not None and before is not None and shown != before:
            raise AccountUnclear(
                f"The new API account “{row.name}” does not have the scopes of the old one.",
                why=f"The list says “{row.scopes[:300]}” of the new, and “{old.scopes[:300]}” of the old one.",
                next_step="Compare both by hand in the control panel.",
                step=StepId.READ_CREDENTIALS,
            )

    def end(self, hands: ConfirmingHands) -> None:
        self.outer.end(hands)
        progress, row = self._known()
        if self.keep_old:
            self.old = OldAccount.KEPT
        elif not self.interruption.requested:
            try:
                remove_listed(hands, progress, row)
            except Exception:  # noqa: BLE001  the new token is stored; what else happens leaves the old account alive
                return
            self.old = OldAccount.DELETED

    def _known(self) -> tuple[Progress, AccountRow]:
        if self._progress is None or self._row is None:
            raise RuntimeError("The rotation has not begun.")
        return self._progress, self._row


def check_rotation(connection: ConnectionDocument, all_connections: Iterable[ConnectionDocument]) -> KnownAccount:
    """Check all that can be checked before a browser opens; returns the present API account.

    Raises:
        AccountUnclear: the connection does not say which API account it uses.
        ReauthorizeNeeded: its auth type is `token`: the storefront token that it carries would be lost.
        Conflict: other connections use the same API account.
    """
    name = connection["name"]
    if connection["auth_type"] == AuthType.TOKEN:
        raise ReauthorizeNeeded(
            f"The connection {name!r} is of auth type `token`, and cannot be rotated.",
            why="The storefront token that it carries belongs to its present API account.",
            next_step="Make it one of auth type `custom` first.",
        )
    account = known_account(connection)
    shared = [other["name"] for other in all_connections if _shares(other, connection)]
    if shared:
        raise Conflict(
            f"The API account “{account.name}” is used by other connections, too: {', '.join(map(repr, shared))}.",
            why="They would stop working when it is deleted.",
            next_step="Delete or replace those connections first, so that each has an API account of its own.",
        )
    return account


def rotate_connection(
    connection: ConnectionDocument,
    account: KnownAccount,
    service: RotationService,
    options: RunOptions,
    *,
    agreed: Agreed,
    keep_old: bool = False,
    patience: float = 60.0,
) -> RotationReport:
    """Make a new API account with exactly the scopes of the old one, prove it, swap it in, and delete the old one.

    Args:
        account: what `check_rotation` returned.
        agreed: asked with the old account's row before anything is made; raises where the answer is no.
        keep_old: do not delete the old one.
        patience: seconds after which a page that does not get on is given up.

    Raises:
        CompanionError: what stopped it; the connection is as it was, and works with the old access token. Carries what
            `retrieve_and_hand_over` gives its failures.
    """
    rotation = _Rotation(connection, account, agreed, options.interruption, options.around, keep_old)
    earlier = kept_or_left(connection)
    still_alive = [_kept(connection, each) for each in earlier]
    report = retrieve_and_hand_over(
        RetrievalRequest(
            name_of_successor(account.name),
            store_hash=connection["store_hash"],
            channel_id=connection["channel_id"],
            subdomain=connection["subdomain"],
            patience=patience,
        ),
        WantedConnection(
            connection["name"],
            replace=True,
            prove=True,
            findings=(*still_alive, finding_of_earlier(account.name, account.client_id)),
        ),
        service,
        replace(options, around=rotation),
    )
    now = report.connection
    if rotation.old is OldAccount.DELETED:
        now = service.drop_finding(now["id"], finding_of_earlier(account.name, None).code)
    return RotationReport(report, account.name, account.client_id, rotation.old, now)


def finish_rotation(
    connection: ConnectionDocument,
    service: RotationService,
    options: RunOptions,
    *,
    agreed: Agreed,
    patience: float = 60.0,
) -> tuple[EarlierAccount, ...]:
    """Delete the API accounts that the connection used before; returns those that are gone now.

    Args:
        patience: as for `rotate_connection`.

    Raises:
        AccountUnclear, StepFailed: one could not be told from others, or not be deleted; those before it are gone.
    """
    from playwright.sync_api import Error

    left = kept_or_left(connection)
    if not left:
        return ()
    present = connection["api_account"]
    request = RetrievalRequest(left[0].name, store_hash=connection["store_hash"], patience=patience)
    try:
        with making_nothing(options, request) as hands:
            progress, rows = list_accounts(hands, Progress(request), interrupted=options.interruption.is_requested)
            for each in left:
                if options.interruption.requested:
                    raise Interrupted("Interrupted.", next_step="Start it again for what is left.")
                if present is not None and each.name == present["name"]:
                    raise AccountUnclear(f"The API account “{each.name}” is the one in use; it was not touched.")
                try:
                    row = row_of(KnownAccount(each.name, each.client_id, None), rows)
                except AccountNotFound:
                    options.say(f"“{each.name}” is not in the list any more: somebody has deleted it.")
                else:
                    agreed(row)
                    remove_listed(hands, progress, row)
                service.drop_finding(connection["id"], each.code)
    except Error:
        raise BrowserUnavailable("The browser ended before everything was deleted.", next_step="Try again.") from None
    finally:
        forget_documents()
    return left


def kept_or_left(connection: ConnectionDocument) -> tuple[EarlierAccount, ...]:
    """Return the API accounts that the connection used before and that are still alive, as far as it knows."""
    return earlier_accounts((each["code"], each["message"]) for each in connection["findings"])


def _kept(connection: ConnectionDocument, earlier: EarlierAccount) -> Finding:
    found = next(each for each in connection["findings"] if each["code"] == earlier.code)
    return Finding(found["code"], found["message"], found["action"], Severity.NOTE)


def _shares(other: ConnectionDocument, connection: ConnectionDocument) -> bool:
    mine, its = connection["api_account"], other["api_account"]
    if mine is None or its is None or other["id"] == connection["id"]:
        return False
    if other["store_hash"] != connection["store_hash"]:
        return False
    return its["name"] == mine["name"] or (its["client_id"] is not None and its["client_id"] == mine["client_id"])


def _again(progress: Progress) -> Progress:
    """Return the progress with which the list is read once more, where it was seen."""
    return Progress(
        progress.request,
        goal=READ_AGAIN,
        submitted=progress.submitted,
        panel_seen=True,
        store_hash=progress.store_hash,
        list_address=progress.list_address,
    )
