"""The way from anywhere in the control panel to the form that creates an API account."""

from __future__ import annotations

from dataclasses import replace

from automation.core.account_ends import with_next_end
from automation.core.actions import Command, Do, Open, Press, Stop, Wait
from automation.core.decisions.failed_load import load_anew
from automation.core.errors import (
    ApiAccountNameTaken,
    AutomationError,
    ControlMissing,
    NotPermitted,
    PanelRefused,
    PanelUnreachable,
)
from automation.core.extract import messages
from automation.core.extract.addresses import DEEP_LINK, LOGIN_HOST, leads_away
from automation.core.extract.api_accounts import ApiAccountsList, api_accounts_list
from automation.core.extract.element import Found
from automation.core.extract.wording import is_one_of, normal
from automation.core.flows.retrieval import StepId
from automation.core.progress import LAST_LOOK, Progress
from automation.core.request import RetrievalRequest
from automation.core.snapshot import Busy
from automation.core.targets import ACCOUNT_LEVEL_API_ACCOUNTS, API_ACCOUNTS, API_SECTION, SETTINGS, Target
from automation.core.view import View

# Newest first; which of them lives today is not established (the official Catalyst CLI, 2023; the WordPress plugin,
# to 2021; the API accounts page of the documentation, 2026).
_PATHS = ("/settings/api-accounts", "/settings/auth/api-accounts", "/settings-list", "/settings")
CREATE_PATHS = ("/settings/api-accounts/create", "/settings/auth/api-accounts/create")
# A store's limit: BigCommerce's Help Center, "Store API Accounts" (copies of 2022 and 2023).
_MOST_ACCOUNTS = 50
# Each time without an answer takes half of the patience.
_MOST_UNANSWERED = 2
_MOST_FAULTS = 3
_PRESSED = ("link", "button", "menuitem", "tab")
_TRIED_ANEW = frozenset({"create", "create-entry", "create-address"})
_ON_THE_WAY = (("row", API_ACCOUNTS), ("menu", SETTINGS), ("section", API_SECTION))
_DEEP_LINKS = (
    DEEP_LINK,
    f"https://{LOGIN_HOST}/deep-links/settings/auth/api-accounts",
)


def decide_way(progress: Progress, view: View) -> tuple[Progress, Command]:
    """Decide on a page of the control panel that is neither the list nor the form."""
    step = StepId.OPEN_API_ACCOUNTS
    progress = progress.toward("api-accounts")
    stuck = progress.stuck(busy=view.busy)
    if stuck:
        progress, failure = _dead_end(progress, view)
        if failure is not None:
            return progress, Stop(failure)
        if (progress.tried("row") or progress.tried("address")) and view.denied(progress.standing) is not None:
            return _past_refusal(progress, view)
        anew = load_anew(progress, view, step) if view.blank else None
        if anew is not None:
            return anew
        if _came_by_create(progress) and view.busy is not Busy.LOADING:
            return _without_form(progress, view)
    for key, target in () if progress.tried(LAST_LOOK) else _ON_THE_WAY:
        tries = progress.tried(key)
        if tries and not stuck:
            # The page that the last press leads to may still be on its way.
            if key == "row" or not _inside(view, API_ACCOUNTS):
                return progress, Wait(step)
            continue
        found = _inside(view, target)
        if found and tries < min(2, len(found) + 1):
            control = found[min(tries, len(found) - 1)].control
            return progress.trying(key), Do(step, Press(control, view.tab.number, forced=progress.blocked))
    if not stuck:
        return progress, Wait(step)
    # Who may not list API accounts may still create them, and is shown neither row nor list.
    paths = (*_PATHS, *CREATE_PATHS)
    addresses = [*(progress.panel(path) for path in paths), *_DEEP_LINKS]
    number = progress.tried("address")
    if number < len(addresses) and not progress.impatient:
        return progress.trying("address"), Do(step, Open(addresses[number]))
    looks = tuple(dict.fromkeys((progress.list_address or addresses[0], addresses[1])))
    number = progress.tried(LAST_LOOK)
    if number < len(looks) and view.denied(progress.standing) is None and view.fault(progress.standing) is None:
        return _looking_again(progress, len(addresses)), Do(step, Open(looks[number]))
    return progress, Stop(_not_found(progress, view, step))


def _inside(view: View, target: Target) -> list[Found]:
    """Return the controls that do not lead out of the control panel: help pages call things by the same names."""
    return [each for each in view.ways(target) if not leads_away(each.element.address)]


def _looking_again(progress: Progress, addresses: int) -> Progress:
    """Return the progress with which a page is looked at once more, and longer: it may be drawn late."""
    tries = {key: number for key, number in progress.tries if key not in _TRIED_ANEW} | {"address": addresses}
    return replace(progress, tries=tuple(tries.items()), goal_since=progress.now).trying(LAST_LOOK)


def _dead_end(progress: Progress, view: View) -> tuple[Progress, AutomationError | None]:
    """What ends the search on a page that shows neither list nor form, and does not get on."""
    if _came_by_create(progress):
        step = StepId.CREATE_API_ACCOUNT
        if view.limit_reached(progress.standing) or view.denied(progress.standing):
            return progress, _no_form(progress, view, step)
    else:
        step = StepId.OPEN_API_ACCOUNTS
    if view.busy:
        progress = progress.trying("unanswered" if view.busy is Busy.LOADING else "unanswered, perhaps")
    elif view.fault(progress.standing) is not None:
        progress = progress.trying("faulty")
    waited = 2 * progress.tried("unanswered") + progress.tried("unanswered, perhaps")
    if waited >= 2 * _MOST_UNANSWERED or progress.tried("faulty") >= _MOST_FAULTS:
        return progress, _not_found(progress, view, step)
    return progress, None


def _came_by_create(progress: Progress) -> bool:
    """Whether the list was there, and this is what its button led to."""
    return progress.tried("create") > 0 or progress.tried("create-address") > 0


def _without_form(progress: Progress, view: View) -> tuple[Progress, Command]:
    """Decide where the list's button leads to a page that has come to rest without a form, and says nothing.

    The form's own addresses come first, then the way from the list once more, with all the time that a slow page may
    need. A page that shows no more than its head was given that time at each look.
    """
    step = StepId.CREATE_API_ACCOUNT
    addresses, number = _create_addresses(progress), progress.tried("create-address")
    if progress.tried(LAST_LOOK) or (view.busy and number):
        return progress, Stop(_no_form(progress, view, step))
    if number < len(addresses):
        return progress.trying("create-address"), Do(step, Open(addresses[number]))
    return _looking_again(progress, len(_PATHS)), Do(step, Open(progress.list_address or progress.panel(_PATHS[0])))


def _past_refusal(progress: Progress, view: View) -> tuple[Progress, Command]:
    """Decide where the panel refuses to show the list: who may not list accounts may still create them."""
    step = StepId.OPEN_API_ACCOUNTS
    paths = (_PATHS[0], *CREATE_PATHS)
    number = progress.tried("past-refusal")
    if number < len(paths) and not progress.impatient:
        return progress.trying("past-refusal"), Do(step, Open(progress.panel(paths[number])))
    return progress, Stop(_not_found(progress, view, step))


def decide_list(progress: Progress, view: View, shown: ApiAccountsList) -> tuple[Progress, Command]:
    """Decide on the list of API accounts."""
    step = StepId.CREATE_API_ACCOUNT
    progress = replace(progress.over(StepId.OPEN_API_ACCOUNTS).toward("create"), list_address=view.tab.url)
    if any(row.bears(progress.request.api_account_name) for row in shown.rows):
        if progress.may_exist:
            progress = replace(progress, name_was_there=True)  # ours or not, of two of that name none is deleted
        elif progress.with_person:
            progress = replace(progress, request=_named_otherwise(progress.request, shown))
        else:
            return progress, Stop(_name_taken(progress.request.api_account_name, step))
    stuck = progress.stuck(busy=view.busy)
    tries = progress.tried("create")
    if shown.create_menu is not None and tries and progress.tried("create-entry") < 2:
        if progress.tried("create-entry") == 0 or stuck:
            return progress.trying("create-entry"), Do(
                step, Press(shown.create_menu, view.tab.number, forced=progress.blocked)
            )
        return progress, Wait(step)
    if tries == 0 and (shown.total or 0) >= _MOST_ACCOUNTS:
        return progress, Stop(_full(step))
    if shown.create is None or shown.create_disabled:
        if not stuck:
            return progress, Wait(step)
        addresses = _create_addresses(progress)
        number = progress.tried("create-address")
        if shown.create is None and not shown.complete and number < len(addresses) and not view.limit_reached():
            # Who may not list API accounts may still create them.
            progress = replace(progress, standing=progress.standing | view.complaints())
            return progress.trying("create-address"), Do(step, Open(addresses[number]))
        return progress, Stop(_not_offered(view, shown, step))
    if tries == 0 or (stuck and tries < (1 if progress.tried(LAST_LOOK) else 3)):
        if tries == 0:
            progress = replace(progress, standing=view.complaints())
        return progress.trying("create"), Do(step, Press(shown.create, view.tab.number, forced=progress.blocked))
    if stuck and progress.tried(LAST_LOOK):
        return progress, Stop(_no_form(progress, view, step))
    if stuck:
        addresses, number = _create_addresses(progress), progress.tried("create-address")
        # What the list says of a limit counts here although it stood there before: it is why the button does nothing.
        if number < len(addresses) and view.denied(progress.standing) is None and view.limit_reached() is None:
            return progress.trying("create-address"), Do(step, Open(addresses[number]))
        return progress, Stop(_no_form(progress, view, step))
    return progress, Wait(step)


def _create_addresses(progress: Progress) -> tuple[str, ...]:
    """Where the form may be: below the list that was seen, and where it is known to have been."""
    known = tuple(progress.panel(path) for path in CREATE_PATHS)
    seen = progress.list_address.partition("?")[0].rstrip("/")
    below = (f"{seen}/create",) if seen.endswith("api-accounts") else ()
    return tuple(dict.fromkeys((*below, *known)))


def shown_list(view: View) -> ApiAccountsList | None:
    """Return the list of API accounts; None on another page.

    The Settings page names both kinds of accounts, and may do so in headings: there, and where a menu beside the list
    does, only what can create or holds accounts is the list.
    """
    shown = view.read(api_accounts_list)
    if shown is None or shown.create is not None or shown.create_menu is not None:
        return shown
    names = [row.name for row in shown.rows]
    if shown.complete and not any(is_one_of(name, ACCOUNT_LEVEL_API_ACCOUNTS.all_names) for name in names):
        return shown
    both = view.find(ACCOUNT_LEVEL_API_ACCOUNTS) is not None and view.find(API_ACCOUNTS) is not None
    return None if both else shown


def _not_found(progress: Progress, view: View, step: StepId) -> AutomationError:
    refusal = view.denied(progress.standing)
    if refusal is not None:
        return NotPermitted(
            "This user may not see the store-level API accounts.",
            why=f"The control panel says: “{refusal}”",
            next_step="Ask the store's owner for the permissions to list and to create store-level API accounts.",
            step=step,
        )
    faulty = progress.tried("faulty") > 1 or view.fault(progress.standing) is not None
    if faulty or progress.tried("unanswered") or view.busy is Busy.LOADING:
        return _unreachable(progress, view, step)
    in_english = any(messages.in_english(document) for document in view.documents)
    named = progress.request.store_hash
    if named is not None and not in_english and not can_be_used(view):
        return no_control_panel(progress, step)
    if not in_english:
        return ControlMissing(
            "“Store-level API accounts” was not found: the control panel does not seem to be in English.",
            why="Its language is that of the user's profile, and the names of its menus are known in English only.",
            next_step="In the control panel, set English as the language in My Profile, or use a user that has it set.",
            step=step,
        )
    if progress.tried("unanswered, perhaps"):
        return _unreachable(progress, view, step)
    return ControlMissing(
        "“Store-level API accounts” was not found in the control panel.",
        why="Neither the Settings page nor the known addresses of the store "
        f"{progress.store_hash or progress.panel_host} led there. This user may lack the permission to see it, or the "
        "store may not be one of this user's.",
        next_step="Open Settings > API > Store-level API accounts by hand with this user. If that works, the control "
        "panel has changed: please report the names of its menus.",
        step=step,
    )


def no_control_panel(progress: Progress, step: StepId) -> ControlMissing:
    """Return the error for an address at which there is no store's control panel."""
    return ControlMissing(
        f"There is no control panel at {progress.panel()}.",
        why=f"The page there has no menu, so BigCommerce may not know the store {progress.store_hash}.",
        next_step="Check the store hash: it stands in the control panel's address, "
        "https://store-HASH.mybigcommerce.com/manage.",
        step=step,
    )


def can_be_used(view: View) -> bool:
    """Whether a page has anything to press; one that says that an address is unknown has not."""
    return any(next(document.of_role(*_PRESSED), None) is not None for document in view.documents)


def _unreachable(progress: Progress, view: View, step: StepId) -> PanelUnreachable:
    fault = view.fault(progress.standing)
    return PanelUnreachable(
        "The control panel could not show the store-level API accounts.",
        why=f"It says: “{fault}”" if fault is not None else "Its page did not come to an end of loading.",
        next_step="Try again in a few minutes; `--timeout` sets how long a page may take.",
        step=step,
    )


def _full(step: StepId, limit: str | None = None) -> PanelRefused:
    return PanelRefused(
        "This store can have no more API accounts.",
        why=f"The control panel says: “{limit}”" if limit else f"A store has at most {_MOST_ACCOUNTS} of them.",
        next_step="Delete one that is no longer used, and try again.",
        step=step,
    )


def _named_otherwise(request: RetrievalRequest, shown: ApiAccountsList) -> RetrievalRequest:
    """Return the request with a name of the same beginning that no account of the list bears."""
    name = request.api_account_name
    while any(row.bears(name) for row in shown.rows):
        name = with_next_end(name)
    return replace(request, api_account_name=name)


def _name_taken(name: str, step: StepId) -> ApiAccountNameTaken:
    return ApiAccountNameTaken(
        f"The list of API accounts has one named “{name}” already.",
        why="Of two accounts of one name, nobody could tell later which is which. Nothing was made.",
        next_step="Try again: the name's end is drawn anew each time. Or choose another beginning with "
        "`--api-account-name`.",
        step=step,
    )


def _not_offered(view: View, shown: ApiAccountsList, step: StepId) -> AutomationError:
    limit = view.limit_reached()
    if limit is not None or len(shown.rows) >= _MOST_ACCOUNTS:
        return _full(step, limit)
    refusal = view.denied()
    return NotPermitted(
        "This user may not create store-level API accounts.",
        why=f"The control panel says: “{refusal}”"
        if refusal
        else "“Create API account” is disabled."
        if shown.create_disabled
        else "The list has no “Create API account”.",
        next_step="Ask the store's owner for the permission to create store-level API accounts.",
        step=step,
    )


def _no_form(progress: Progress, view: View, step: StepId) -> AutomationError:
    limit = view.limit_reached()
    if limit is not None:
        return _full(step, limit)
    refusal = view.denied(progress.standing)
    if refusal is not None:
        return NotPermitted(
            "This user may not create store-level API accounts.",
            why=f"The control panel says: “{refusal}”",
            next_step="Ask the store's owner for the permission to create store-level API accounts.",
            step=step,
        )
    errors = view.errors(progress.standing)
    return PanelRefused(
        "“Create API account” did not lead to the form.",
        why=f"The control panel says: “{normal(errors[0])}”"
        if errors
        else "The page it leads to shows none, and no reason; this user may lack the permission to create accounts.",
        next_step="Press it by hand with this user and see what happens; then try again.",
        step=step,
    )
