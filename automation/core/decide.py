"""What to do next, judged by the page that is shown: same input, same answer.

It goes by what is on the page, not by a step counter: a person may wander off, sign in again or do half by hand, and
the flow goes on from where the page is. What remains is I/O and lives in the runners.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from automation.core.actions import Command, Do, Open, Rehearsed, Stop, Wait
from automation.core.decisions.api_accounts import (
    CREATE_PATHS,
    can_be_used,
    decide_list,
    decide_way,
    no_control_panel,
    shown_list,
)
from automation.core.decisions.credentials import decide_after_save
from automation.core.decisions.failed_load import load_anew, unreachable
from automation.core.decisions.form import decide_form, decide_leaving
from automation.core.decisions.obstacles import put_aside
from automation.core.decisions.sign_in import (
    challenged,
    decide_sign_in,
    panel_address_to_try,
    sign_in_unanswered,
    start_address,
)
from automation.core.decisions.storefront import (
    decide_storefront,
    storefront_in_main_tab,
    storefront_known,
    storefront_not_pressed,
)
from automation.core.errors import BrowserUnavailable, PersonNeeded, StepFailed, StoreChoiceNeeded
from automation.core.extract.account_form import AccountForm, account_form
from automation.core.extract.addresses import Place, is_bigcommerces, panel_address, panel_url, place_of
from automation.core.extract.document import Document
from automation.core.extract.sign_in import sign_in_form
from automation.core.flows.retrieval import STEPS, StepId
from automation.core.progress import Progress
from automation.core.snapshot import Observation
from automation.core.view import View

_MAIN = 0
_MOST_LOADS = 3
_MOST_LOADS_IN_ALL = 12
_NOT_FOUND = frozenset({404, 410})


OnPanel = Callable[[Progress, View], tuple[Progress, Command]]


def decide(progress: Progress, observation: Observation, on_panel: OnPanel | None = None) -> tuple[Progress, Command]:
    """Return what is known now, and the one thing to do about it.

    Args:
        on_panel: what to do in the control panel, where nothing is in the way; the retrieval unless given.
    """
    progress = progress.looked(observation)
    tab = next((tab for tab in observation.tabs if tab.number == _MAIN), None)
    if progress.save_pressed_at is not None:
        return decide_after_save(progress, observation, View(tab) if tab else None)
    if tab is None:
        return progress, Stop(
            BrowserUnavailable(
                "The browser window was closed before the retrieval was done.",
                next_step="Start again, and leave the window open.",
                step=current_step(progress),
            )
        )
    view = View(tab)
    challenge = challenged(progress, view)
    if challenge is not None:
        return progress.toward("challenge"), challenge
    if tab.failure is not None or (tab.status is not None and tab.status >= 500):
        return _on_failed_load(progress, view)
    if tab.status is not None:
        progress = progress.forgetting("load")  # the next loss is another one
    match place_of(tab.url):
        case Place.BLANK:
            if progress.tried("start") and not progress.stuck(busy=view.busy):
                return progress, Wait(StepId.SIGN_IN)
            if progress.tried("start") >= _MOST_LOADS:
                return progress, Stop(unreachable(view, StepId.SIGN_IN))
            return progress.trying("start"), Do(StepId.SIGN_IN, Open(start_address(progress)))
        case Place.SIGN_IN:
            return decide_sign_in(progress, view)
        case Place.PANEL:
            return _on_panel(progress, observation, view, on_panel)
        case Place.STOREFRONT if progress.tried("storefront") and progress.storefront is None and progress.panel_seen:
            progress = storefront_in_main_tab(progress, tab.url)
            return progress, Do(StepId.READ_SUBDOMAIN, Open(progress.panel()))
        case _:
            return _elsewhere(progress, view)


def current_step(progress: Progress) -> StepId:
    """Return the first step that is not over."""
    over = dict(progress.steps)
    return next((step.id for step in STEPS if step.id not in over), STEPS[-1].id)


def _on_panel(
    progress: Progress, observation: Observation, view: View, on_panel: OnPanel | None
) -> tuple[Progress, Command]:
    view = view.only(lambda document: is_bigcommerces(document.url))
    address = panel_address(view.tab.url)
    named = progress.request.store_hash
    if address is None or address.store_hash is None:
        form = view.read(lambda document: _form(progress, document))
        if named is not None and progress.tried("open-store") < 2:
            return progress.trying("open-store"), Do(StepId.READ_STORE_HASH, Open(panel_url(named)))
        if not progress.panel_host and not progress.stuck(busy=view.busy):
            return progress, Wait(StepId.READ_STORE_HASH)
        if address is None or (form is not None and _names_no_store(progress, form, view)):
            return progress, Stop(_no_store_hash())
        if on_panel is not None and not (progress.store_hash and progress.panel_host == address.host):
            return _ask_the_form(progress, view, address.host, form)
        progress = _by_the_form(replace(progress, panel_host=address.host), form)
    else:
        progress = replace(progress, panel_host="", store_hash=address.store_hash)
    if named is not None and progress.store_hash not in {named, None}:
        if progress.tried("open-store") < 2:
            return progress.trying("open-store"), Do(StepId.SIGN_IN, Open(panel_url(named)))
        return progress, Stop(_another_store(progress))
    if any(_asks_to_sign_in(document) for document in view.documents):
        # The session ended inside the frame: the top document still looks signed in. Loading it again tells.
        if progress.tried("reload") < _MOST_LOADS:
            return progress.trying("reload"), Do(StepId.SIGN_IN, Open(progress.panel()))
        return progress, Stop(unreachable(view, StepId.SIGN_IN))
    if progress.request.store_hash is not None and _is_nowhere(progress, view):
        return _on_nowhere(progress, view)
    progress = replace(progress.over(StepId.SIGN_IN), panel_seen=True)
    step = current_step(progress)
    aside = put_aside(progress, view, step)
    if aside is not None:
        if progress.blocked and progress.storefront is None:
            return storefront_not_pressed(aside[0]), aside[1]
        return aside
    if on_panel is not None:
        return on_panel(progress, view)
    if progress.storefront is None and progress.request.subdomain is not None:
        progress = storefront_known(progress, progress.request.subdomain)
    if progress.storefront is None:
        return decide_storefront(progress, observation, view)
    form = view.read(lambda document: _form(progress, document))
    if form is not None:
        if progress.store_hash is None:
            return progress, Wait(StepId.READ_STORE_HASH)
        return decide_leaving(progress, view) if progress.tried("leave") else decide_form(progress, view, form)
    if progress.tried("leave"):
        storefront = progress.storefront
        return progress, Rehearsed(progress.store_hash or "", storefront.subdomain, progress.oauth_scopes)
    shown = shown_list(view)
    if shown is not None:
        return decide_list(progress, view, shown)
    if progress.goal == "form" and not progress.stuck(busy=view.busy):
        return progress, Wait(step)  # the form is drawn anew, or its scopes are still on their way
    if progress.goal in {"form", "save"} and view.tab.url == progress.form_address:
        anew = load_anew(progress, view, step)
        if anew is not None:
            return anew
    if dict(progress.steps).get(StepId.OPEN_API_ACCOUNTS) and not progress.stuck(busy=view.busy):
        return progress, Wait(step)
    return decide_way(progress, view)


def _on_failed_load(progress: Progress, view: View) -> tuple[Progress, Command]:
    step = current_step(progress)
    progress = sign_in_unanswered(progress, view)
    if progress.tried("load") < _MOST_LOADS and progress.tried("loads") < _MOST_LOADS_IN_ALL:
        if progress.unanswered is not None:
            again = panel_address_to_try(progress)
        else:
            again = _where_it_was(progress) if _panel_known(progress) else start_address(progress)
        if progress.tried("load") and not progress.still_for(1.0):
            return progress, Wait(step)
        return progress.trying("load").trying("loads"), Do(step, Open(again))
    return progress, Stop(unreachable(view, step))


def _elsewhere(progress: Progress, view: View) -> tuple[Progress, Command]:
    step = current_step(progress)
    progress = progress.toward("elsewhere")
    if not progress.stuck(busy=view.busy):
        return progress, Wait(step)
    if progress.tried("return") < 2:
        back = progress.panel() if _panel_known(progress) else start_address(progress)
        return progress.trying("return"), Do(step, Open(back))
    if step is StepId.SIGN_IN:
        return progress, Stop(
            PersonNeeded(
                "The sign-in led to a page outside BigCommerce, as that of an identity provider.",
                why="Nothing is typed there, and sign-in with an identity provider cannot be done unattended.",
                next_step="Use `--mode guided`, where a person signs in; or a user who signs in with e-mail address "
                "and password.",
                step=step,
            )
        )
    return progress, Stop(
        StepFailed(
            "The way led to a page outside BigCommerce's control panel.",
            next_step="Try again; `--headed` shows what happens.",
            step=step,
        )
    )


def _where_it_was(progress: Progress) -> str:
    """Return the list's address once it is known, so that nobody has to find the way to it twice; else the panel's.

    Where the list does not load, the panel's first page may.
    """
    listed = progress.list_address and progress.save_pressed_at is None and not progress.tried("load")
    return progress.list_address if listed else progress.panel()


def _panel_known(progress: Progress) -> bool:
    return bool(progress.store_hash or progress.panel_host)


def _by_the_form(progress: Progress, form: AccountForm | None) -> Progress:
    """Take the store hash from the form's API path, since the address names no store; `--store` is a second witness."""
    if form is None or form.api_path_hash is None or progress.store_hash is not None:
        return progress
    confirmed = progress.request.store_hash == form.api_path_hash
    return replace(progress, store_hash=form.api_path_hash, store_hash_confirmed=confirmed)


def _ask_the_form(progress: Progress, view: View, host: str, form: AccountForm | None) -> tuple[Progress, Command]:
    """Look up on the create form which store this is, before anything is read or deleted; nothing is typed there."""
    step = StepId.READ_STORE_HASH
    aside = put_aside(progress, view, step)
    if aside is not None:
        return aside
    progress = replace(progress, panel_host=host, store_hash=None)
    if form is not None and form.api_path_hash is not None:
        progress = _by_the_form(progress, form)
        if progress.request.store_hash not in {None, progress.store_hash}:
            return progress, Stop(_another_store(progress))
        return progress, Do(step, Open(progress.panel(), view.tab.number))
    tries = progress.tried("create form")
    if tries and not progress.stuck(busy=view.busy):
        return progress, Wait(step)
    if tries >= len(CREATE_PATHS):
        return progress, Stop(_no_store_hash())
    return progress.trying("create form"), Do(step, Open(progress.panel(CREATE_PATHS[tries]), view.tab.number))


def _is_nowhere(progress: Progress, view: View) -> bool:
    """Whether the named store's own address is answered with "not found", by a page that offers nothing."""
    unused = progress.storefront is None and not progress.tried("storefront")
    return unused and view.tab.status in _NOT_FOUND and not can_be_used(view)


def _on_nowhere(progress: Progress, view: View) -> tuple[Progress, Command]:
    """Ask for the address once more, as a server may be restarting; then there is no such store."""
    step = StepId.READ_STORE_HASH
    if view.busy or not progress.still_for(1.0):
        return progress, Wait(step)
    if not progress.tried("nowhere"):
        return progress.trying("nowhere"), Do(step, Open(progress.panel(), view.tab.number))
    return progress, Stop(no_control_panel(progress, step))


def _another_store(progress: Progress) -> StoreChoiceNeeded:
    return StoreChoiceNeeded(
        f"The control panel opens the store {progress.store_hash}, not {progress.request.store_hash}.",
        why="This user may have no access to the store that was named.",
        next_step="Check the hash after `--store`, and which stores this user sees.",
        step=StepId.SIGN_IN,
    )


def _names_no_store(progress: Progress, form: AccountForm, view: View) -> bool:
    unknown = progress.store_hash is None and form.api_path_hash is None and not form.account_level
    return unknown and bool(progress.panel_host) and progress.stuck(busy=view.busy)


def _no_store_hash() -> StepFailed:
    return StepFailed(
        "The control panel does not show the store hash.",
        why="Its address is not of the form https://store-HASH.mybigcommerce.com/manage, and no API path is shown.",
        next_step="Look whether this user's control panel opens at store-HASH.mybigcommerce.com; the hash is in any "
        "API path of the store.",
        step=StepId.READ_STORE_HASH,
    )


def _form(progress: Progress, document: Document) -> AccountForm | None:
    return account_form(document, progress.request.scopes)


def _asks_to_sign_in(document: Document) -> bool:
    return place_of(document.url) is Place.SIGN_IN and sign_in_form(document) is not None
