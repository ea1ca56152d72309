"""A read-only walk through the control panel: whether each documented control can be found, and how.

It goes the way of a retrieval, types nothing, and leaves the form as soon as it was read. What the form shows only for
another token type, or once it is unfolded, is looked for there; nothing of it is saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from automation.core.actions import Command, Do, Open, Press, Stop, Surveyed, Type, Wait
from automation.core.decisions.api_accounts import decide_list, decide_way, shown_list
from automation.core.decisions.form import choose_token_type
from automation.core.decisions.hidden_scopes import bring_up
from automation.core.extract.account_form import AccountForm, account_form
from automation.core.extract.api_accounts import ApiAccountsList
from automation.core.extract.element import Control, Way
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress
from automation.core.request import IMPERSONATION_TOKENS, STOREFRONT_TOKENS, Sighting
from automation.core.targets import SETTINGS, VIEW_STOREFRONT, Target
from automation.core.view import View

CONTROLS: Mapping[str, str] = {
    "view-storefront": "“View storefront”",
    "settings": "“Settings” in the menu",
    "api-accounts": "“Store-level API accounts” on the Settings page",
    "create-api-account": "“Create API account” over the list",
    "token-type": "“Token type” on the form",
    "name": "“Name” on the form",
    "scope-storefront-tokens": f"the scope “{STOREFRONT_TOKENS.labels[0]}”",
    "scope-impersonation-tokens": f"the scope “{IMPERSONATION_TOKENS.labels[0]}”",
    "save": "“Save” on the form",
}
"""Every documented control by its id, and what it is called in messages, in the order of the steps."""

OPTIONAL = frozenset({"view-storefront", "settings", "api-accounts", "token-type"})
"""Controls that a retrieval can do without: their step has another way, or older pages have none."""

_SCOPES = {STOREFRONT_TOKENS: "scope-storefront-tokens", IMPERSONATION_TOKENS: "scope-impersonation-tokens"}


@dataclass(frozen=True)
class Difference:
    """How a control was found otherwise than the last time.

    Attributes:
        before, now: the way; None where it was not found.
    """

    control: str
    before: str | None
    now: str | None


def decide_survey(progress: Progress, view: View) -> tuple[Progress, Command]:
    """Decide in the control panel until the form was read and left; `progress.sightings` says what was found."""
    if progress.tried("leave"):
        return progress, Surveyed(progress.sightings)
    progress = _seen_in_shell(progress, view)
    form = view.read(lambda document: account_form(document, progress.request.scopes))
    if form is not None:
        return _on_form(progress, view, form)
    shown = shown_list(view)
    if shown is not None:
        return decide_list(_seen_on_list(progress, shown), view, shown)
    if not progress.at_rest(busy=view.busy):
        return progress, Wait(StepId.OPEN_API_ACCOUNTS)  # what is still to be drawn is not missing
    before = dict(progress.tries)
    progress, command = decide_way(progress, view)
    pressed = {key for key, number in progress.tries if number > before.get(key, 0)}
    if isinstance(command, Do) and isinstance(command.action, Press):
        control = {"menu": "settings", "row": "api-accounts"}.get(next(iter(pressed & {"menu", "row"}), ""), "")
        if control:
            progress = _seen(progress, control, command.action.control)
    return progress, command


def differences(before: Mapping[str, str | None], now: Iterable[Sighting]) -> tuple[Difference, ...]:
    """Return what is otherwise than the last time; a control that nobody looked for then is no difference."""
    found = {each.control: each.way for each in now}
    return tuple(
        Difference(control, before[control], found.get(control))
        for control in CONTROLS
        if control in before and before[control] != found.get(control)
    )


def ways_of(sightings: Iterable[Sighting]) -> dict[str, str | None]:
    """Return the way each documented control was found; None where it was not."""
    found = {each.control: each.way for each in sightings}
    return {control: found.get(control) for control in CONTROLS}


def _seen_in_shell(progress: Progress, view: View) -> Progress:
    return _found(_found(progress, "view-storefront", view, VIEW_STOREFRONT), "settings", view, SETTINGS)


def _seen_on_list(progress: Progress, shown: ApiAccountsList) -> Progress:
    return progress if shown.create is None else _seen(progress, "create-api-account", shown.create)


def _on_form(progress: Progress, view: View, form: AccountForm) -> tuple[Progress, Command]:
    if not progress.at_rest(busy=view.busy):
        return progress, Wait(StepId.SET_SCOPES)
    progress = _seen(progress.over(StepId.CREATE_API_ACCOUNT), "name", form.name)
    if form.token_type is not None:
        progress = _seen(progress, "token-type", form.token_type.control)
    for scope, control in form.scopes:
        if control is not None and scope in _SCOPES:
            progress = _noted(progress, Sighting(_SCOPES[scope], control.way.value, control.label))
    brought_up = _bring_up(progress, view, form)
    if brought_up is not None:
        return brought_up
    if form.save is not None:
        progress = _seen(progress, "save", form.save)
    return progress.trying("leave"), Do(StepId.SAVE, Open(progress.panel(), view.tab.number))


def _bring_up(progress: Progress, view: View, form: AccountForm) -> tuple[Progress, Command] | None:
    """Decide how to see scopes that the form keeps out of sight; None where it hides none, or they do not show."""
    seen = {each.control for each in progress.sightings}
    absent = [scope.labels[0] for scope, control in _SCOPES.items() if control not in seen]
    if not absent:
        return None
    if form.token_type is not None and not form.token_type.is_v2_v3:
        chosen = choose_token_type(progress, view, form.token_type)
        return None if isinstance(chosen[1], Stop) else chosen
    shown = bring_up(progress, view, absent)
    if shown is None or (isinstance(shown[1], Do) and isinstance(shown[1].action, Type)):
        return None
    return shown


def _found(progress: Progress, control: str, view: View, target: Target) -> Progress:
    found = next(view.ways(target), None)
    return progress if found is None else _noted(progress, Sighting(control, found.way.value, found.element.name))


def _seen(progress: Progress, name: str, control: Control) -> Progress:
    return _noted(progress, Sighting(name, (control.way or Way.NAME).value, control.name))


def _noted(progress: Progress, sighting: Sighting) -> Progress:
    if any(each.control == sighting.control for each in progress.sightings):
        return progress
    return replace(progress, sightings=(*progress.sightings, sighting))
