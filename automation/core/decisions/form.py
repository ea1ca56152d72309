"""How the form is filled in, each value read back before Save."""

from __future__ import annotations

from dataclasses import replace

from automation.core.actions import CheckBeforeSave, Choose, Command, Do, Open, Press, Stop, Type, Wait
from automation.core.decisions.hidden_scopes import (
    bring_up,
    has_brought_up,
    in_a_closed_part,
    look_through,
    on_this_form,
    scopes_touched,
)
from automation.core.errors import AutomationError, PanelRefused, ScopeNotOffered, StepFailed, WitnessesDisagree
from automation.core.extract.account_form import AccountForm, TokenType
from automation.core.extract.scope_options import ScopeControl
from automation.core.extract.scopes import scope_control
from automation.core.extract.scopes_besides import set_besides
from automation.core.extract.wording import normal
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress
from automation.core.request import NOTHING, WantedScope
from automation.core.view import View

_MOST_TRIES = 4
_AT_REST = 0.5  # seconds
# Seconds for which the check before Save holds: after a detour, as a new sign-in, it is made again.
CHECK_HOLDS = 20.0


def decide_form(progress: Progress, view: View, form: AccountForm) -> tuple[Progress, Command]:
    """Decide on the first thing on the form that is not as wanted; Save when all is."""
    progress = progress.over(StepId.CREATE_API_ACCOUNT)
    if progress.goal != "save":
        progress = progress.toward("form")
    progress = replace(progress, form_address=view.tab.url)
    if form.api_path_hash is not None and not progress.panel_host:
        progress = replace(progress, store_hash_confirmed=form.api_path_hash == progress.store_hash)
    wrong_store = _wrong_store(progress, form)
    if wrong_store is not None:
        return progress, Stop(wrong_store)
    if form.token_type is not None and not form.token_type.is_v2_v3:
        return choose_token_type(progress, view, form.token_type)
    progress = on_this_form(progress, form)
    if has_brought_up(progress) and any(control is None for _, control in form.scopes):
        # What was brought up is set before what would hide it again.
        for wanted, control in form.scopes:
            if control is not None and not _is_set(progress, wanted, control):
                return _set_scope(progress, view, wanted, control)
    progress = _read_back(progress, form)
    progress, besides = _set_besides(progress, view, form)
    if besides is not None and progress.looked_through:
        return _unset(progress, view, besides)  # before what is looked for next hides it again
    absent = [wanted for wanted, control in form.scopes if control is None and not _was_set(progress, wanted)]
    if absent:
        shown = bring_up(progress, view, [wanted.labels[0] for wanted in absent])
        if shown is not None:
            return shown
        if not progress.stuck(busy=view.busy):
            return progress, Wait(StepId.SET_SCOPES)
        return progress, Stop(in_a_closed_part(view) or _absent(absent, form))
    progress = progress.over(StepId.CHOOSE_TOKEN_TYPE, "done" if form.token_type is not None else "skipped")
    if form.name_value == progress.request.api_account_name:
        progress = progress.over(StepId.ENTER_NAME)
    elif "name" not in progress.entered:
        return _enter_name(progress, view, form)
    if besides is not None and progress.with_person and _is_clear(progress, form):
        return _unset(progress, view, besides)  # at once, so that they need not guess later what they have set
    to_set = _to_set(progress, form)
    if to_set:
        return _set_scope(progress, view, *to_set[0], more=len(to_set) > 1)
    if progress.entered:
        return progress, Wait(StepId.SET_SCOPES)  # nothing is saved that was not read back
    if besides is not None:
        return _unset(progress, view, besides)
    hidden = look_through(progress, view, form)
    if hidden is not None:
        return hidden
    progress = replace(
        progress.over(StepId.SET_SCOPES),
        oauth_scopes=tuple(wanted.grant for wanted, _ in form.scopes),
    )
    return _save(progress, view, form)


def _enter_name(progress: Progress, view: View, form: AccountForm) -> tuple[Progress, Command]:
    if progress.tried("name") >= _MOST_TRIES:
        return progress, Stop(
            StepFailed(
                "The name of the API account could not be entered.",
                why="The box shows something else after it was filled in.",
                next_step="Try a shorter name with `--api-account-name`.",
                step=StepId.ENTER_NAME,
            )
        )
    progress = _entering(progress, "name")
    return progress, Do(
        StepId.ENTER_NAME,
        Type(form.name, progress.request.api_account_name, view.tab.number),
        look=progress.with_person or not _to_set(progress, form),
    )


def _entering(progress: Progress, key: str) -> Progress:
    """Return the progress with something being entered, which the next look reads back."""
    return replace(progress.trying(key), entered=progress.entered | {key})


def _to_set(progress: Progress, form: AccountForm) -> list[tuple[WantedScope, ScopeControl]]:
    """Return the scopes that are not as wanted, less those that were set since the last look."""
    return [
        (wanted, control)
        for wanted, control in form.scopes
        if control is not None and not _is_set(progress, wanted, control) and _key(wanted) not in progress.entered
    ]


def _key(wanted: WantedScope) -> str:
    return f"scope {wanted.labels[0]}"


def _save(progress: Progress, view: View, form: AccountForm) -> tuple[Progress, Command]:
    progress = progress.toward("save")
    if form.save is None or form.save_disabled:
        if not progress.stuck(busy=view.busy):
            return progress, Wait(StepId.SAVE)
        errors = view.refusals()
        return progress, Stop(
            PanelRefused(
                "“Save” stays disabled although the form is filled in.",
                why=f"The control panel says: “{errors[0]}”" if errors else "",
                next_step="See in the control panel what the form still wants; `--headed` shows the browser.",
                step=StepId.SAVE,
            )
        )
    checked_at = progress.checked_at
    if checked_at is None or checked_at < progress.goal_since or progress.now - checked_at > CHECK_HOLDS:
        return replace(progress, checked_at=progress.now), Do(StepId.SAVE, CheckBeforeSave(), look=False)
    if progress.request.dry_run:
        return decide_leaving(progress, view)
    if progress.tried("save") >= _MOST_TRIES:
        return progress, Stop(_not_saved(progress, view))
    return replace(progress.trying("save"), save_pressed_at=progress.now, standing=view.complaints()), Do(
        StepId.SAVE, Press(form.save, view.tab.number, forced=progress.tried("save") >= 2)
    )


def _not_saved(progress: Progress, view: View) -> AutomationError:
    """Return why pressing Save again would be of no use; where it was pressed and refused, the form says why."""
    refusals = view.refusals()
    if progress.may_exist and refusals:
        return PanelRefused(
            "The control panel did not save the API account, however often “Save” was pressed.",
            why=f"It says: “{refusals[0]}”",
            next_step="Mend what it names, and start again.",
            step=StepId.SAVE,
        )
    return StepFailed(
        "“Save” could not be pressed.",
        why="Something lies over it.",
        next_step="Close what lies over it." if progress.with_person else "Use `--headed` to see what it is.",
        step=StepId.SAVE,
    )


def decide_leaving(progress: Progress, view: View) -> tuple[Progress, Command]:
    """Decide at the end of a dry run: the form is left by its address, and what was filled in goes with it.

    A question about unsaved changes, which the browser may ask then, is answered with leaving; one that the page draws
    itself does not hold up an address.
    """
    tries = progress.tried("leave")
    if tries and not progress.stuck(busy=view.busy):
        return progress, Wait(StepId.SAVE)
    if tries < _MOST_TRIES:
        return progress.trying("leave"), Do(StepId.SAVE, Open(progress.panel(), view.tab.number))
    return progress, Stop(
        StepFailed(
            "The form could not be left.",
            why="Its page stays. Nothing was saved; what was filled in goes with the browser, which is closed now.",
            next_step="Nothing needs to be done.",
            step=StepId.SAVE,
        )
    )


def choose_token_type(progress: Progress, view: View, token_type: TokenType) -> tuple[Progress, Command]:
    """Decide how to choose the token type that has OAuth scopes; stop where the form does not offer it."""
    step = StepId.CHOOSE_TOKEN_TYPE
    option = token_type.v2_v3_option()
    tries = progress.tried("token-type")
    if tries and not progress.still_for(0.3) and not progress.blocked:
        return progress, Wait(step)
    if tries >= 2 * _MOST_TRIES or (option is None and token_type.native):
        offered = ", ".join(f"“{entry.name[:60]}”" for entry in token_type.open_options) or "nothing that could be read"
        return progress, Stop(
            StepFailed(
                "The token type “V2/V3 API token” could not be chosen.",
                why=f"The form offers {offered} and shows “{token_type.value[:60]}”.",
                next_step="Choose it by hand with this user; without that entry, ask the store's owner to do it.",
                step=step,
            )
        )
    progress = progress.trying("token-type")
    if option is None:
        # A click on the box opens the list in today's component; in others only the arrow beside it does.
        opener = token_type.arrow if tries % 2 and token_type.arrow is not None else token_type.control
        return progress, Do(step, Press(opener, view.tab.number, forced=progress.blocked))
    if token_type.native:
        return progress, Do(step, Choose(token_type.control, option.name, view.tab.number))
    return progress, Do(step, Press(option.control, view.tab.number, forced=progress.blocked))


def _set_scope(
    progress: Progress, view: View, wanted: WantedScope, control: ScopeControl, *, more: bool = False
) -> tuple[Progress, Command]:
    """Decide how to set a scope.

    Args:
        more: whether others are to be set, too: then one look reads all of them back, where a press is all it takes.
    """
    step = StepId.SET_SCOPES
    key = _key(wanted)
    tries = progress.tried(key)
    option = control.wanted_option(wanted)
    if tries and not progress.still_for(0.3) and not progress.blocked:
        return progress, Wait(step)
    if option is None and control.drop_down is not None and not control.native and tries < _MOST_TRIES:
        return progress.trying(key), Do(step, Press(control.drop_down, view.tab.number, forced=progress.blocked))
    if option is None or option.disabled:
        if not progress.stuck(busy=view.busy):
            return progress, Wait(step)
        offers = ", ".join(f"“{entry.name[:40]}”" for entry in control.options)
        return progress, Stop(
            ScopeNotOffered(
                f"The scope “{wanted.labels[0]}” cannot be set to “{wanted.options[0]}”.",
                why=f"The form offers {offers or 'no option that could be read'}"
                + (", and it is disabled." if option is not None else "."),
                next_step="Set it by hand with this user; if that is not possible either, ask the store's owner.",
                step=step,
            )
        )
    if tries >= _MOST_TRIES:
        return progress, Stop(
            StepFailed(
                f"The scope “{wanted.labels[0]}” was pressed, but does not read as “{wanted.options[0]}”.",
                why="What cannot be read back is not saved.",
                next_step="Use `--headed` to see the form; please report what its scopes look like.",
                step=step,
            )
        )
    progress = scopes_touched(_entering(progress, key), wanted=wanted.options is not NOTHING)
    if control.drop_down is not None:
        picked = {**dict(progress.picked), wanted.labels[0]: normal(option.name)}
        progress = replace(progress, picked=tuple(picked.items()))
    if control.native and control.drop_down is not None:
        return progress, Do(step, Choose(control.drop_down, option.name, view.tab.number))
    press = Press(replace(option.control, way=control.way), view.tab.number, forced=progress.blocked or tries >= 2)
    look = not more or progress.with_person or tries > 0 or control.drop_down is not None
    return progress, Do(step, press, look=look)


def _is_set(progress: Progress, wanted: WantedScope, control: ScopeControl) -> bool:
    chosen = control.chosen_option()
    if chosen is None:
        return False
    if control.drop_down is not None and (wanted.labels[0], normal(chosen.name)) in progress.picked:
        return True  # closed again, it shows no other option to tell this one by
    return chosen == control.wanted_option(wanted)


def _read_back(progress: Progress, form: AccountForm) -> Progress:
    """Return the progress with what the form shows of the wanted scopes; what it hides stays as it was read."""
    shown = {wanted.labels[0]: control for wanted, control in form.scopes if control is not None}
    set_ = {wanted.labels[0] for wanted, control in form.scopes if control and _is_set(progress, wanted, control)}
    return replace(progress, read_back=frozenset((progress.read_back - shown.keys()) | set_))


def _was_set(progress: Progress, wanted: WantedScope) -> bool:
    return wanted.labels[0] in progress.read_back


def _set_besides(progress: Progress, view: View, form: AccountForm) -> tuple[Progress, ScopeControl | None]:
    """Return a scope that grants something and is not wanted: a draft that came back, or set along with another.

    One that a person leaves set is none as long as it stays as they left it.
    """
    wanted = tuple(control for _, control in form.scopes if control is not None)
    found = view.read(lambda document: set_besides(document, wanted) or None) or ()
    if progress.kept:
        progress = replace(progress, kept=tuple(each for each in progress.kept if not _is_gone(view, found, each)))
    return progress, next((control for control in found if _called(control) not in progress.kept), None)


def _is_gone(view: View, found: tuple[ScopeControl, ...], kept: tuple[str, str]) -> bool:
    """Whether a scope that was left set is shown, and is not set so any more."""
    label, _ = kept
    shown = view.read(lambda document: scope_control(document, WantedScope((label,), (), "")))
    return shown is not None and shown.chosen() is not None and kept not in map(_called, found)


def _called(control: ScopeControl) -> tuple[str, str]:
    """Return what a scope and its option are called to a person."""
    return control.label or "without a name", control.chosen() or ""


def _is_clear(progress: Progress, form: AccountForm) -> bool:
    """Whether what is wanted is found and the form at rest, so that nothing else is taken for set besides."""
    return progress.still_for(_AT_REST) and all(control is not None for _, control in form.scopes)


def _unset(progress: Progress, view: View, besides: ScopeControl) -> tuple[Progress, Command]:
    progress = replace(progress, besides=_called(besides))
    return _set_scope(progress, view, WantedScope((_called(besides)[0],), NOTHING, ""), besides)


def _wrong_store(progress: Progress, form: AccountForm) -> WitnessesDisagree | None:
    step = StepId.READ_STORE_HASH
    if form.account_level:
        return WitnessesDisagree(
            "This form creates an account-level API account, not a store-level one.",
            why="Its API path begins with https://api.bigcommerce.com/accounts/.",
            next_step="Open Settings > API > Store-level API accounts.",
            step=step,
        )
    if form.api_path_hash is not None and form.api_path_hash != progress.store_hash:
        return WitnessesDisagree(
            f"The address bar names the store {progress.store_hash}, the form's API path {form.api_path_hash}.",
            why="One of them belongs to another store; nothing was created.",
            next_step="Close other control panels of this user and try again with `--store HASH`.",
            step=step,
        )
    return None


def _absent(absent: list[WantedScope], form: AccountForm) -> ScopeNotOffered:
    names = " and ".join(f"“{wanted.labels[0]}”" for wanted in absent)
    return ScopeNotOffered(
        f"The form does not offer the scope {names}.",
        why=f"It offers {', '.join(form.offered)}." if form.offered else "No scope that is known was found on it.",
        next_step="Storefront scopes need a store with the GraphQL Storefront API, and a user who may grant them.",
        step=StepId.SET_SCOPES,
    )
