"""What to do next with a person at hand: the same rules, less what takes the page from under somebody's hands.

What would end an unattended run is left to the person. Whatever they do, the account's name keeps its random end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from automation.core.actions import Action, ByHand, CheckBeforeSave, CloseTab, Command, Do, Open, Press, Scroll, Stop
from automation.core.decide import current_step, decide
from automation.core.errors import AutomationError, BrowserUnavailable, PanelRefused, ScopesUnread, StepFailed
from automation.core.extract.account_form import AccountForm, account_form
from automation.core.extract.addresses import Place, place_of
from automation.core.extract.credentials_window import credentials_window
from automation.core.extract.document import Document
from automation.core.extract.element import Control
from automation.core.extract.scopes import scope_control
from automation.core.extract.wording import is_one_of
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress
from automation.core.request import WantedScope
from automation.core.snapshot import Observation, Tab
from automation.core.view import View
from companion.core.credentials_file import credentials_from_text
from companion.core.errors import InvalidInput
from companion.core.oauth_scopes import SCOPES

MAX_PREFIX = 80
# What stays counted although the person went to another page: it protects the user or the store, or is our own doing.
_COUNTED = ("sign-in", "sign-in-address", "open-store", "save", "load", "loads", "leave")
_NOBODYS_STEPS = frozenset(
    {StepId.READ_SUBDOMAIN, StepId.READ_STORE_HASH, StepId.READ_CREDENTIALS, StepId.HAND_OVER, StepId.VERIFY}
)
_MAY_BE_DONE_ALREADY = (StepId.SIGN_IN, StepId.CHOOSE_TOKEN_TYPE)


@dataclass(frozen=True)
class Guided:
    """What is known now, and what to do.

    Attributes:
        save: the form's Save button, which is not to be pressed before all is as it must be; None where there is none.
        looks_through: whether the command only brings up what of the form is not drawn, which nobody has to do by hand.
    """

    progress: Progress
    command: Command
    save: Control | None = None
    looks_through: bool = False

    @property
    def may_stay(self) -> bool:
        """Whether what is asked for may be left as it is: a scope set besides, or what cannot be read."""
        match self.command:
            case Do(StepId.SET_SCOPES, ByHand(error)):
                return isinstance(error, ScopesUnread)
            case Do(StepId.SET_SCOPES):
                return self.progress.besides is not None
            case _:
                return False

    def left_so(self) -> Progress:
        """Return the progress with what is asked for left as it is."""
        if self.progress.besides is None:
            return replace(self.progress, unread_kept=True)
        return replace(self.progress, kept=(*self.progress.kept, self.progress.besides))


def decide_guided(progress: Progress, observation: Observation) -> Guided:
    """Decide as `decide` does, for a run in which a person takes part."""
    progress = replace(progress, with_person=True, besides=None)
    tab = next((tab for tab in observation.tabs if tab.number == 0), None)
    if tab is None:
        return Guided(*decide(progress, observation))
    view = View(tab)
    progress = _after_a_move(progress, tab, observation.at)
    form = view.read(lambda document: account_form(document, progress.request.scopes)) if _on_panel(tab) else None
    if progress.save_pressed_at is None:
        progress = _named_as_wished(progress, form)
        progress = _saved_by_the_way(progress, observation, view, form)
    if progress.save_pressed_at is None and _is_away(progress, tab):
        progress = progress.looked(observation)
        return Guided(progress, Do(current_step(progress), ByHand(_away())))
    after, command = decide(progress, observation)
    match command:
        case Stop(error) if _can_be_mended(after, error, form):
            if after.save_pressed_at is not None:
                after = replace(after, save_pressed_at=None, may_exist=True, checked_at=None)
            return Guided(after, Do(_step_of(after, error), ByHand(error)), form.save if form else None)
        case Do(StepId.SAVE, Press()) if form is not None:
            after = replace(after, oauth_scopes=_with_those_set_besides(after, view))
    looks_through = len(after.looked_through) > len(progress.looked_through)
    return Guided(after, command, form.save if form else None, looks_through)


def is_for_a_person(step: StepId, action: Action, tab: Tab | None) -> bool:
    """Whether an action is shown to the person rather than done: all that one presses, types or chooses."""
    match action:
        case CloseTab() | CheckBeforeSave() | Scroll():
            return False
        case Press():
            return step is not StepId.READ_CREDENTIALS
        case Open(url, number):
            if tab is None or number is None or tab.failure is not None or (tab.status or 0) >= 500:
                return False
            place = place_of(tab.url)
            on_the_way = step in {StepId.OPEN_API_ACCOUNTS, StepId.CREATE_API_ACCOUNT}
            anew = url == tab.url  # what it showed is lost, and nobody has anything in it
            return place is Place.SIGN_IN or (place is Place.PANEL and on_the_way and not anew)
        case _:
            return True


def picks_from_what_was_opened(before: tuple[StepId, Action] | None, step: StepId, action: Action) -> bool:
    """Whether an action chooses from the list or menu that the helper has just opened for the same step.

    Such a list closes as soon as the person presses anything else, the panel's own button included, so that opening
    it and choosing from it are one wish.

    Args:
        before: what the helper was asked to do last.
    """
    if before is None or before[0] is not step or not isinstance(before[1], Press) or not isinstance(action, Press):
        return False
    return not action.aside and (action.control.role in _PICKED or step is StepId.CREATE_API_ACCOUNT)


_PICKED = frozenset({"menuitem", "menuitemradio", "option"})


def credited(
    step: StepId,
    status: str,
    *,
    asked: frozenset[StepId],
    helper: frozenset[StepId],
    person: frozenset[StepId],
) -> str:
    """Return the status of a step that is over: `by-user` where a person had a hand in it.

    Args:
        asked: the steps that the person was asked to do.
        helper, person: the steps for which each of them is known to have done something.
    """
    if status != "done" or step in _NOBODYS_STEPS:
        return status
    if step in person:
        return "by-user"
    if step in helper or (step in _MAY_BE_DONE_ALREADY and step not in asked):
        return status
    return "by-user"  # nobody else was there


def name_as_wished(typed: str, name: str) -> str:
    """Return the account's name for what a person typed into the box: theirs, with our random end.

    Args:
        name: what the account is called so far, with the random end behind the last space.
    """
    end = name.rpartition(" ")[2]
    prefix = " ".join(typed.split())
    if prefix.endswith(f" {end}"):
        prefix = prefix.removesuffix(f" {end}").rstrip()
    if not prefix or prefix == end or not prefix.isprintable() or len(prefix) > MAX_PREFIX:
        return name
    return f"{prefix} {end}"


def _after_a_move(progress: Progress, tab: Tab, now: float) -> Progress:
    """Count anew what was tried once the person has gone to another page: there is nobody whom a limit would help.

    Where what was asked for last has led there, its page is on its way, and nothing is asked for twice meanwhile.
    """
    address = tab.url.partition("?")[0].partition("#")[0]
    if address == progress.address or tab.failure is not None or (tab.status or 0) >= 500:
        return progress
    if place_of(tab.url) not in {Place.PANEL, Place.SIGN_IN}:
        return progress
    led_there = progress.moved_at <= progress.acted_at and now - progress.acted_at <= progress.request.patience / 2
    if not progress.address or led_there:
        return replace(progress, address=address, moved_at=now)
    tries = tuple((key, number) for key, number in progress.tries if key in _COUNTED)
    return replace(progress, address=address, moved_at=now, tries=tries)


def _named_as_wished(progress: Progress, form: AccountForm | None) -> Progress:
    if form is None:
        return progress
    name = name_as_wished(form.name_value, progress.request.api_account_name)
    return replace(progress, request=replace(progress.request, api_account_name=name))


def _saved_by_the_way(progress: Progress, observation: Observation, view: View, form: AccountForm | None) -> Progress:
    """Notice that Save was pressed although nobody was asked to: then the credentials are there already."""
    in_file = [name for download in observation.downloads if (name := _account_in(download.text)) is not None]
    shown = _on_panel(view.tab) and view.read(credentials_window) is not None
    if not in_file and not shown:
        return progress
    named = form.name_value if form is not None and form.name_value else next(iter(in_file), "")
    progress = replace(progress, save_pressed_at=observation.at, oauth_scopes=())
    progress = replace(progress, oauth_scopes=_with_those_set_besides(progress, view))
    if named and named != progress.request.api_account_name:
        # It lacks the random end, so nothing of that name is deleted, whatever happens.
        progress = replace(progress, request=replace(progress.request, api_account_name=named), name_was_there=True)
    return progress.over(StepId.SET_SCOPES)


def _account_in(text: str) -> str | None:
    try:
        return credentials_from_text(text).name or ""
    except InvalidInput:
        return None


def _with_those_set_besides(progress: Progress, view: View) -> tuple[str, ...]:
    granted = view.read(lambda document: _granted(document) or None) or ()
    kept = (_grant(label, option) for label, option in progress.kept)
    return tuple(dict.fromkeys((*progress.oauth_scopes, *granted, *kept)))


def _grant(label: str, option: str) -> str:
    """Return what is recorded of a scope that was left set, by the words of the form where it is not known."""
    for names, options in SCOPES:
        for known, parameter in options if is_one_of(label, names) else ():
            if is_one_of(option, (known,)):
                return parameter or f"{names[0]}={known}"
    return f"{label}={option}"


def _granted(document: Document) -> tuple[str, ...]:
    """Return what is granted by all known scopes that are set to more than their first option."""
    found = []
    for names, options in SCOPES:
        control = scope_control(document, WantedScope(names, tuple(label for label, _ in options), parameter=""))
        if control is None or not control.options or control.options[0].chosen:
            continue
        chosen = (control.chosen() or "").casefold()
        grants = {label.casefold(): parameter or f"{names[0]}={label}" for label, parameter in options}
        found += [grants[chosen]] if chosen in grants else []
    return tuple(found)


def _can_be_mended(progress: Progress, error: AutomationError, form: AccountForm | None) -> bool:
    if isinstance(error, BrowserUnavailable):
        return False
    if progress.save_pressed_at is None:
        return True
    return isinstance(error, PanelRefused) and form is not None and progress.window is None and progress.file is None


def _is_away(progress: Progress, tab: Tab) -> bool:
    """Whether the person is at a page that is not BigCommerce's, such as that of an identity provider."""
    if tab.failure is not None:
        return False
    place = place_of(tab.url)
    expected = place is Place.STOREFRONT and progress.tried("storefront") and progress.storefront is None
    return place in {Place.ELSEWHERE, Place.STOREFRONT} and not expected


def _away() -> StepFailed:
    return StepFailed(
        "The browser is at a page that is not BigCommerce's.",
        why="Nothing is read, pressed or shown there.",
        next_step="Sign in there if it is your identity provider's; else go back to the control panel.",
    )


def _on_panel(tab: Tab) -> bool:
    return place_of(tab.url) is Place.PANEL


def _step_of(progress: Progress, error: AutomationError) -> StepId:
    return StepId(error.step) if error.step else current_step(progress)
