"""One retrieval from end to end: ticket, browser, the 13 steps, hand-over, verification."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from automation.core.errors import BrowserUnavailable, Created, Interrupted
from automation.core.extract.document import forget_documents
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress
from automation.core.request import Captured, RetrievalRequest
from automation.jobs.attempt import RehearsalOver, TryAgain, attempt, second_failure
from automation.jobs.hand_over import HandOver, WantedConnection, verified
from automation.jobs.left_accounts import remove_left
from automation.jobs.reports import API_ACCOUNT, Record, RetrievalReport, annotated, at_step
from automation.jobs.run_options import RunOptions
from automation.ports import RetrievalService
from automation.runners.loop import StepReport
from companion.core.errors import BigCommerceUnreachable, CompanionError
from companion.core.host_map import HostMap

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from automation.browser.downloads import Downloads
    from automation.browser.servers import ServerCheck
    from automation.runners.guided import GuidedHands
    from automation.runners.unattended import UnattendedHands
    from companion.client import ConnectionDocument


def retrieve_and_hand_over(
    request: RetrievalRequest, wanted: WantedConnection, client: RetrievalService, options: RunOptions
) -> RetrievalReport:
    """Retrieve credentials in a browser, store the connection and, unless `options` leave that to others, verify it.

    Args:
        request: what to retrieve; channel and store of a replaced connection count where it names none.
        wanted: the connection it is for.

    Raises:
        CompanionError: what stopped it. It carries `step`, `created` and `document` (the steps), whatever its class.
    """
    started = options.clock()
    record = Record(options.on_step)
    hand_over = HandOver(client, wanted, options.interruption.is_requested, options.say)
    made: tuple[Created, ...] = ()
    try:
        hand_over.prepare()
        request = _completed(request, wanted, hand_over)
        captured, connection = _retrieve(request, hand_over, record, options)
        made = (Created(API_ACCOUNT, captured.api_account_name),)
        unverified = None
        if options.verifies:
            connection, unverified = _verify(client, hand_over, captured, connection, record, options)
    except CompanionError as failure:
        failure = options.interruption.instead_of(failure)
        raise annotated(failure, record, made, options.clock() - started) from None
    return RetrievalReport(
        connection,
        record.all_steps(),
        options.clock() - started,
        made,
        hand_over.superseded,
        unverified,
        record.dealt_with,
    )


def _completed(request: RetrievalRequest, wanted: WantedConnection, hand_over: HandOver) -> RetrievalRequest:
    """A replaced connection stays one of its store and its channel, unless others are named."""
    old = hand_over.replaces
    channel_id = request.channel_id if wanted.channel_id is None and old is None else hand_over.channel_id
    store_hash = request.store_hash or (old["store_hash"] if old is not None else None)
    return replace(request, channel_id=channel_id, store_hash=store_hash)


def _retrieve(
    request: RetrievalRequest, hand_over: HandOver, record: Record, options: RunOptions
) -> tuple[Captured, ConnectionDocument]:
    from playwright.sync_api import Error

    from automation.browser.attach import attached_session
    from automation.browser.downloads import Downloads
    from automation.browser.servers import ServerCheck

    downloads = Downloads()
    servers = ServerCheck(options.settings.host_map if options.attach else HostMap())
    session = (
        options.around.session(options.settings, headed=options.headed, downloads=downloads, say=options.say)
        if options.attach is None
        else attached_session(options.attach, downloads=downloads, say=options.say)
    )
    try:
        with session as context, contextlib.ExitStack() as at_the_end:
            servers.watch(context)
            hands = _hands(context, downloads, servers, hand_over, options)
            if options.attach is not None:
                at_the_end.callback(hands.leave)
            progress = Progress(options.around.begin(hands, request))
            return _tries(progress, hands, downloads, hand_over, record, options)
    except Error:
        raise BrowserUnavailable(
            "The browser ended before the retrieval was done.", next_step="Try again.", step=None
        ) from None
    finally:
        downloads.forget()
        forget_documents()


def _hands(
    context: BrowserContext, downloads: Downloads, servers: ServerCheck, hand_over: HandOver, options: RunOptions
) -> UnattendedHands | GuidedHands:
    from automation.runners.guided import GuidedHands
    from automation.runners.steered import SteeredGuidedHands, SteeredUnattendedHands
    from automation.runners.unattended import UnattendedHands

    common: dict[str, Any] = {
        "check_before_save": hand_over.check_before_save,
        "own_tab": options.attach is not None,
        "check_page": servers.check,
    }
    if options.guide is None:
        if options.orders is None:
            return UnattendedHands(context, downloads, options.sign_in, **common)
        return SteeredUnattendedHands(context, downloads, options.sign_in, orders=options.orders, **common)
    common |= {"cover": options.guide.cover, "on_show": options.guide.on_show, "say": options.say}
    if options.orders is None:
        guided = GuidedHands(context, downloads, options.sign_in, **common)
    else:
        common |= {"orders": options.orders, "alone": options.guide.alone}
        guided = SteeredGuidedHands(context, downloads, options.sign_in, **common)

    def say(line: str) -> None:
        options.say(line)
        guided.tell_trouble(line)

    hand_over.say = say
    return guided


def _tries(
    progress: Progress,
    hands: UnattendedHands | GuidedHands,
    downloads: Downloads,
    hand_over: HandOver,
    record: Record,
    options: RunOptions,
) -> tuple[Captured, ConnectionDocument]:
    """Try it, and once more where the credentials were lost and nothing is left of their API account."""

    def one(progress: Progress) -> tuple[Captured, ConnectionDocument]:
        try:
            stored = attempt(progress, hands, hand_over, record, options)
        except RehearsalOver as over:
            over.dealt_with = hands.dealt_with
            raise
        finally:
            record.dealt_with = hands.dealt_with
        options.around.end(hands)
        _remove_left(hands, stored[0].store_hash, hand_over, options)
        return stored

    try:
        return one(progress)
    except TryAgain as lost:
        options.say(f"{lost.failure.explained.what} Nothing is left of that API account; trying once more.")
        downloads.forget()  # they are of the account that is gone
        hands.confirms = False
        try:
            return one(lost.anew)
        except TryAgain as second:
            raise second_failure(second.failure, lost.failure) from None
        except CompanionError as second:
            raise second_failure(second, lost.failure) from None


def _remove_left(
    hands: UnattendedHands | GuidedHands, store_hash: str, hand_over: HandOver, options: RunOptions
) -> None:
    """Delete what killed runs have left in this store; the connection is stored, so nothing of this is a failure."""
    if options.noting is None or options.interruption.requested:
        return

    def agreed(account: str) -> bool | None:
        return hands.agrees_to_delete_left(account, options.interruption.is_requested)

    try:
        remove_left(hands, store_hash, options.noting, hand_over.service, agreed=agreed, say=options.say)
    except Exception:  # noqa: BLE001  its notes stay, so that the next run tells of them again
        options.say("What an earlier run may have left in this store was not looked for.")


def _verify(
    client: RetrievalService,
    hand_over: HandOver,
    captured: Captured,
    connection: ConnectionDocument,
    record: Record,
    options: RunOptions,
) -> tuple[ConnectionDocument, CompanionError | None]:
    from automation.jobs.storefront_lookup import with_subdomain

    before = options.clock()
    unverified: CompanionError | None = None
    try:
        with options.interruption.at_once():
            if captured.subdomain is None and options.looks_subdomain_up:
                connection = with_subdomain(client, hand_over, captured, connection)
            connection = verified(client, connection["id"])
    except BigCommerceUnreachable as failure:
        unverified = failure
    except CompanionError as failure:
        raise at_step(failure, StepId.VERIFY, ()) from None
    except KeyboardInterrupt:
        raise Interrupted(
            f"Interrupted: the connection {connection['name']!r} is stored, but was not verified.",
            next_step=f"Verify it with `companion verify {connection['name']}`.",
            step=StepId.VERIFY,
        ) from None
    failed = unverified is not None or connection["status"] == "broken"
    record.add(StepReport(StepId.VERIFY, "failed" if failed else "done", options.clock() - before))
    return connection, unverified
