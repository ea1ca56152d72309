"""How the list of API accounts is read to its end; nothing is changed."""

from __future__ import annotations

from dataclasses import replace

from automation.core.actions import Command, Do, Listed, Open, Press, Stop, Wait
from automation.core.decisions.api_accounts import decide_way, shown_list
from automation.core.errors import NotPermitted, StepFailed
from automation.core.extract.api_accounts import ApiAccountsList
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress
from automation.core.view import View

READ_AGAIN = "read the list again"
"""The goal with which a list whose address is known is opened anew, whatever the tab shows."""

_STEP = StepId.OPEN_API_ACCOUNTS
_MOST_PAGES = 50
_MOST_PRESSES = 3


def decide_listing(progress: Progress, view: View) -> tuple[Progress, Command]:
    """Decide in the control panel until every row of every page was read."""
    shown = shown_list(view)
    if progress.goal == READ_AGAIN:
        return progress.toward("listing").trying("open-list"), Do(_STEP, Open(progress.list_address, view.tab.number))
    if shown is None:
        if progress.list_address and not progress.stuck(busy=view.busy):
            return progress, Wait(_STEP)
        return decide_way(progress, view)
    progress = replace(progress.over(_STEP).toward("listing"), list_address=progress.list_address or view.tab.url)
    if not progress.at_rest(busy=view.busy):
        return progress, Wait(_STEP)
    if not shown.complete:
        if not progress.stuck(busy=view.busy):
            return progress, Wait(_STEP)
        return progress, Stop(_not_shown(view))
    names = tuple(" ".join((row.name, *sorted(row.texts))) for row in shown.rows)
    if names != progress.listed_page:
        progress = replace(progress, listed=(*progress.listed, *shown.rows), listed_page=names)
        return _turn(progress, view, shown, "next page")
    # The page that was read before is still there: it may be about to turn.
    if not progress.stuck(busy=view.busy):
        return progress, Wait(_STEP)
    return _turn(progress, view, shown, f"next page again {len(progress.listed)}")


def _turn(progress: Progress, view: View, shown: ApiAccountsList, key: str) -> tuple[Progress, Command]:
    if shown.next_page is None:
        return progress, Listed(progress.listed)
    if progress.tried(key) >= (_MOST_PAGES if key == "next page" else _MOST_PRESSES):
        return progress, Stop(
            StepFailed(
                "The list of API accounts could not be read to its end.",
                why="Its next page does not open.",
                next_step="Look through the list by hand, and delete there what is to go.",
                step=_STEP,
            )
        )
    return progress.trying(key), Do(_STEP, Press(shown.next_page, view.tab.number, forced=progress.blocked))


def _not_shown(view: View) -> NotPermitted:
    refusal = view.denied()
    return NotPermitted(
        "This user may not see the store-level API accounts.",
        why=f"The control panel says: “{refusal}”" if refusal else "The list shows no accounts, and not that none are.",
        next_step="Ask the store's owner for the permission to list API accounts, or use a user that has it.",
        step=_STEP,
    )
