"""How an API account is deleted: one that this run created and cannot use, or one that was found in the list.

What may be deleted is exactly the one row that bears the whole name, and, of what this run created, that was not there
before Save; else nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace

from automation.core.actions import Command, Do, Open, Press, Removal, Removed, Stop, Wait
from automation.core.decisions.api_accounts import decide_way, shown_list
from automation.core.decisions.obstacles import put_aside
from automation.core.decisions.sign_in import decide_sign_in
from automation.core.extract import messages
from automation.core.extract.addresses import Place, is_bigcommerces, place_of
from automation.core.extract.api_accounts import (
    AccountRow,
    ApiAccountsList,
    delete_entry,
    delete_question,
)
from automation.core.extract.element import Control
from automation.core.extract.wording import normal
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress
from automation.core.snapshot import Observation
from automation.core.view import View

_STEP = StepId.READ_CREDENTIALS
_LIST_PATH = "/settings/api-accounts"
_MOST_LOADS = 3
_MOST_PRESSES = 3
_MOST_PAGES = 50
_LEFT = Removed(Removal.LEFT)


def deletion_after(progress: Progress) -> Progress:
    """Return the progress with which the deletion of what `progress` created begins.

    Its patience begins with the first look: a hand-over may have been tried for minutes since the last one.
    """
    return Progress(
        progress.request,
        goal="delete",
        name_was_there=progress.name_was_there,
        account_seen=progress.window is not None or progress.file is not None,
        submitted=progress.submitted,
        panel_seen=progress.panel_seen,
        store_hash=progress.store_hash,
        panel_host=progress.panel_host,
        list_address=progress.list_address,
    )


def deletion_of_listed(progress: Progress) -> Progress:
    """Return the progress with which the deletion of an account begins that was just found in the list."""
    return Progress(
        progress.request,
        goal="delete",
        account_seen=True,
        submitted=progress.submitted,
        panel_seen=progress.panel_seen,
        store_hash=progress.store_hash,
        panel_host=progress.panel_host,
        list_address=progress.list_address,
    )


def decide_deletion(progress: Progress, observation: Observation) -> tuple[Progress, Command]:
    """Decide until the account is deleted, was never there, or is left where it is."""
    progress = progress.looked(observation)
    tab = observation.tabs[0] if observation.tabs else None
    if tab is None or progress.store_hash is None or progress.name_was_there:
        return progress, _LEFT
    if progress.now - progress.goal_since > progress.request.patience:
        return progress, _LEFT
    view = View(tab)
    if place_of(tab.url) is Place.PANEL:
        view = view.only(lambda document: is_bigcommerces(document.url))
    if progress.tried("list") == 0 or _must_load(progress, view):
        if progress.tried("list") >= _MOST_LOADS:
            return progress, _LEFT
        return progress.trying("list"), _open_list(progress, view)
    if place_of(tab.url) is Place.SIGN_IN:
        return _without_stops(decide_sign_in(progress, view), goal=progress)
    if place_of(tab.url) is not Place.PANEL:
        return progress, Wait(_STEP)
    progress = replace(progress, panel_seen=True)
    aside = put_aside(progress, view, _STEP) if view.read(delete_question) is None else None
    if aside is not None:
        return aside
    shown = shown_list(view)
    if shown is None and not progress.stuck(busy=view.busy):
        return progress, Wait(_STEP)
    if shown is None:
        return _without_stops(decide_way(progress, view), goal=progress)
    progress = replace(progress, list_address=progress.list_address or tab.url)
    ours = [row for row in shown.rows if row.bears(progress.request.api_account_name)]
    if len(ours) > 1:
        return progress, _LEFT
    if ours:
        return _on_row(progress, view, shown, ours[0])
    return _not_on_page(progress, view, shown)


def _on_row(progress: Progress, view: View, shown: ApiAccountsList, row: AccountRow) -> tuple[Progress, Command]:
    """Decide with our row on the page: a question or a menu that belongs to another account is not touched."""
    question = view.read(delete_question)
    if question is not None:
        name = progress.request.api_account_name
        others = [other.name for other in shown.rows if other != row and other.name in question.text]
        if not progress.tried("delete") or (others and name not in question.text):
            return progress, _LEFT
        if progress.tried("select") and not _asks_about_one(question.text, name):
            return progress, _LEFT
        return _press(progress, view, "confirm", question.confirm)
    entry = view.read(delete_entry)
    if entry is not None:
        # A menu drawn apart from its row is ours where no row says that it is open and we were the ones to open one.
        if entry.belongs_to(row, progress.request.api_account_name) or (
            entry.row is None and progress.tried("menu") and not _open_menus(shown)
        ):
            return _press(progress, view, "delete", entry.control)
        return progress, _LEFT
    if row.delete is not None:
        return _press(progress, view, "delete", row.delete)
    if row.menu is not None:
        return _press(progress, view, "menu", row.menu)
    return _by_its_box(progress, view, shown, row)


def _by_its_box(progress: Progress, view: View, shown: ApiAccountsList, row: AccountRow) -> tuple[Progress, Command]:
    """Delete a row that can only be selected: while its box, and no other on the page, is checked."""
    alone = len(shown.rows) == 1 and shown.next_page is None  # then the box over all rows is checked along with it
    if row.box is None or shown.selected > (0 if not row.selected else 2 if alone else 1):
        return progress, _LEFT
    if not row.selected:
        return _press(progress, view, "select", row.box) if not progress.tried("delete") else (progress, Wait(_STEP))
    if not progress.tried("select"):
        return progress, _LEFT  # who checked it is not known, nor what else is selected on other pages
    if shown.delete_selected is None:
        return progress, _LEFT if progress.stuck(busy=view.busy) else Wait(_STEP)
    return _press(progress, view, "delete", shown.delete_selected)


def _asks_about_one(question: str, name: str) -> bool:
    """Whether a question about what is selected speaks of one account: by its name, or of no other number than 1."""
    numbers = re.findall(r"\d+", question.replace(name, ""))
    return all(int(number) == 1 for number in numbers)


def _open_menus(shown: ApiAccountsList) -> bool:
    return any(row.menu_open for row in shown.rows)


def _not_on_page(progress: Progress, view: View, shown: ApiAccountsList) -> tuple[Progress, Command]:
    if not progress.at_rest(busy=view.busy):
        return progress, Wait(_STEP)
    deleted = progress.tried("delete") > 0
    turn = "next page after delete" if deleted and progress.tried("list after delete") else "next page"
    if deleted and progress.tried("list after delete") == 0:  # a list may turn its pages back by itself
        return progress.trying("list after delete"), _open_list(progress, view)
    if shown.next_page is not None and progress.tried(turn) < _MOST_PAGES:
        return progress.trying(turn), Do(_STEP, Press(shown.next_page, view.tab.number))
    if deleted:
        return progress, _LEFT if view.errors() else Removed(Removal.DELETED)
    if progress.tried("look again") == 0:  # an account that is being made may come late
        # The way there may be as long as the first time.
        anew = {"next page", "row", "menu", "section", "address"}
        progress = replace(progress, tries=tuple((k, n) for k, n in progress.tries if k not in anew))
        return progress.trying("look again"), _open_list(progress, view)
    if _may_stand_there(progress.request.api_account_name, view, shown):
        return progress, _LEFT
    unread = not shown.complete or shown.lost_among_pages
    if progress.account_seen or unread or view.read(messages.denied) is not None:
        return progress, _LEFT  # it is there, or nobody can tell: then it is named to the person
    return progress, Removed(Removal.NEVER_THERE)


def _may_stand_there(name: str, view: View, shown: ApiAccountsList) -> bool:
    """Whether the page shows our name in a place that was not read as a row's name, or a name that is cut short."""
    cut = [normal(row.name).removesuffix("...") for row in shown.rows if normal(row.name).endswith("...")]
    stands = any(e.text == name for document in view.documents for e in document.with_text((name,)))
    return stands or any(normal(name).startswith(each) for each in cut)


def _open_list(progress: Progress, view: View) -> Do:
    address = progress.list_address or progress.panel(_LIST_PATH)
    return Do(_STEP, Open(address, view.tab.number))


def _press(progress: Progress, view: View, key: str, control: Control) -> tuple[Progress, Command]:
    tries = progress.tried(key)
    if tries and not progress.stuck(busy=view.busy):
        return progress, Wait(_STEP)
    if tries >= _MOST_PRESSES:
        return progress, _LEFT
    return progress.trying(key), Do(_STEP, Press(control, view.tab.number, forced=progress.blocked or tries >= 1))


def _must_load(progress: Progress, view: View) -> bool:
    failed = view.tab.failure is not None or (view.tab.status or 0) >= 500
    return failed and progress.still_for(1.0)


def _without_stops(decision: tuple[Progress, Command], *, goal: Progress) -> tuple[Progress, Command]:
    """A clean-up never fails the run a second time: what it cannot do leaves the account where it is."""
    progress, command = decision
    progress = replace(progress, goal=goal.goal, goal_since=goal.goal_since)
    return progress, _LEFT if isinstance(command, Stop) else command
