"""What the panel in the page tells a person: pure, so that every word is tested without a browser."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from automation.core.actions import Action, ByHand, Choose, EnterCode, EnterSignIn, Open, Press, Type
from automation.core.errors import AutomationError
from automation.core.extract.addresses import Place, panel_url, place_of
from automation.core.extract.element import Control
from automation.core.flows.retrieval import STEPS, StepId
from automation.core.targets import (
    API_ACCOUNTS,
    CREATE_API_ACCOUNT,
    NAME,
    SAVE,
    SETTINGS,
    TOKEN_TYPE,
    VIEW_STOREFRONT,
)

_NUMBERS = {step.id: number for number, step in enumerate(STEPS, 1)}
_STEPS = {step.id: step for step in STEPS}
_KNOWN_NAMES = {
    StepId.OPEN_STOREFRONT: VIEW_STOREFRONT.names,
    StepId.OPEN_API_ACCOUNTS: (*API_ACCOUNTS.names, *SETTINGS.names),
    StepId.CREATE_API_ACCOUNT: CREATE_API_ACCOUNT.names,
    StepId.CHOOSE_TOKEN_TYPE: TOKEN_TYPE.names,
    StepId.ENTER_NAME: NAME.names,
    StepId.SAVE: SAVE.names,
}
_LONGEST_NAME = 80


class Verb(StrEnum):
    """What a person can ask for in the panel."""

    DO_IT = "do-it"
    DO_REST = "do-rest"
    PAUSE = "pause"
    CANNOT_FIND = "cannot-find"
    LEAVE_SO = "leave-so"
    YES = "yes"
    NO = "no"
    DELETE = "delete"
    KEEP = "keep"
    STOP = "stop"


LABELS = {
    Verb.DO_IT: "Do it for me",
    Verb.DO_REST: "Do the rest for me",
    Verb.PAUSE: "Let me go on myself",
    Verb.CANNOT_FIND: "I can't find it",
    Verb.LEAVE_SO: "Leave it so",
    Verb.YES: "Delete it and try again",
    Verb.NO: "Leave it and stop",
    Verb.DELETE: "Delete it",
    Verb.KEEP: "Leave it",
    Verb.STOP: "Stop",
}


@dataclass(frozen=True)
class Guidance:
    """What the panel shows.

    Attributes:
        number, total: the step's place among all.
        what: what to do, or what is being done.
        why: what it is good for.
        alert: what went wrong; empty where nothing did.
        where: lines on where to look, for who asked.
        offers: what the person can ask for, in this order.
        highlights: whether a control in the page is pointed at.
    """

    step: StepId
    number: int
    total: int
    what: str
    why: str = ""
    alert: str = ""
    where: tuple[str, ...] = ()
    offers: tuple[Verb, ...] = ()
    highlights: bool = False


def to_do(
    step: StepId,
    action: Action,
    *,
    can_help: bool,
    lost: bool = False,
    alert: str = "",
    store_hash: str | None = None,
    besides: tuple[str, str] | None = None,
    may_stay: bool = False,
) -> Guidance:
    """Return what to show of an action that is left to the person.

    Args:
        can_help: whether the helper could do it instead.
        lost: whether the person asked where it is.
        store_hash: for the address of a page, where it is known.
        besides: the scope, and its option, that is set and was not asked for, where that is what is to be changed.
        may_stay: whether the person may leave it as it is.
    """
    control = control_of(action)
    helped = (Verb.DO_IT, Verb.DO_REST) if can_help and not isinstance(action, ByHand) else ()
    offers = (*helped, *((Verb.LEAVE_SO,) if may_stay else ()), *(() if lost else (Verb.CANNOT_FIND,)), Verb.STOP)
    what, why = _what(step, action), _why(step, action)
    if isinstance(action, ByHand):
        alert = told_of(action.error)
    elif besides is not None:
        scope, option = besides
        alert = f"{alert} The scope “{scope}” is set to “{option}”, which was not asked for.".strip()
        what, why = _what_of_scope(scope, action), "The connection is to have no more than it needs, unless you say so."
    return Guidance(
        step,
        _NUMBERS[step],
        len(STEPS),
        what,
        why,
        alert,
        where_to_look(step, store_hash) if lost else (),
        offers,
        highlights=control is not None,
    )


def under_way(step: StepId, *, helping: bool = False) -> Guidance:
    """Return what to show while the page, or the helper, is at work.

    Args:
        helping: whether the helper does the rest, which the person may end.
    """
    offers = (Verb.PAUSE, Verb.STOP) if helping else (Verb.STOP,)
    if step is StepId.READ_CREDENTIALS:
        return Guidance(
            step,
            _NUMBERS[step],
            len(STEPS),
            "The credentials are being read.",
            "Leave the window open; it is closed by itself. Nothing has to be copied.",
        )
    return Guidance(step, _NUMBERS[step], len(STEPS), _STEPS[step].say, "One moment, please.", offers=offers)


def with_loss(guidance: Guidance, lost: str | None) -> Guidance:
    """Return what to show, and that the network is away, where a request of the page to BigCommerce failed.

    Args:
        lost: what the browser said of that request; None where nothing is lost, or it is told already.
    """
    if lost is None:
        return guidance
    told = f"The network is away: the browser says {lost}. Once it is back, what led nowhere may be done again."
    return replace(guidance, alert=f"{guidance.alert} {told}".strip())


def paused(step: StepId) -> Guidance:
    """Return what to show while the run is held from elsewhere, as on the companion's own page."""
    return Guidance(
        step,
        _NUMBERS[step],
        len(STEPS),
        "Paused. Nothing is pressed or typed.",
        "It goes on when you resume it on the companion's page.",
        offers=(Verb.STOP,),
    )


def handing_over(trouble: str = "") -> Guidance:
    """Return what to show while the connection is handed over.

    Args:
        trouble: why the service has not taken it yet.
    """
    step = StepId.HAND_OVER
    why = "Nothing has to be done here; keep the window open." if trouble else "One moment, please."
    return Guidance(step, _NUMBERS[step], len(STEPS), _STEPS[step].say, why, trouble)


def question(step: StepId, error: AutomationError, account: str) -> Guidance:
    """Return the question whether an account whose credentials are lost is to be deleted again."""
    return Guidance(
        step,
        _NUMBERS[step],
        len(STEPS),
        f"Delete the API account “{account}” again, and try once more?",
        "It may exist, and nobody can see its credentials any more, so it is of no use.",
        told_of(error),
        offers=(Verb.YES, Verb.NO),
    )


def question_of_left(account: str) -> Guidance:
    """Return the question whether an account that a killed run may have left is to be looked for and deleted."""
    step = StepId.VERIFY
    return Guidance(
        step,
        _NUMBERS[step],
        len(STEPS),
        f"The connection is stored. Delete the API account “{account}”, which an earlier run may have left?",
        "That run was ended before anything could be stored, so nothing uses the account.",
        offers=(Verb.DELETE, Verb.KEEP),
    )


def control_of(action: Action) -> Control | None:
    """Return the control that an action is about, to be highlighted."""
    match action:
        case Press(control) | Type(control) | Choose(control):
            return control
        case EnterSignIn(email, password, submit):
            return email or password or submit
        case EnterCode(field):
            return field
        case _:
            return None


def tab_of(action: Action) -> int:
    """Return the tab that an action is about."""
    return action.tab if isinstance(action, Press | Type | Choose) else 0


def names_of(step: StepId) -> tuple[str, ...]:
    """Return the names on record of what a step is about."""
    return _KNOWN_NAMES.get(step, ())


def where_to_look(step: StepId, store_hash: str | None) -> tuple[str, ...]:
    """Return lines on where a step's control is, under which names, and at which address."""
    known = _STEPS[step]
    lines = [known.where] if known.where else []
    names = names_of(step)
    if names:
        lines.append(f"Other names it has had: {', '.join(f'“{name}”' for name in names[:8])}.")
    if known.path and store_hash:
        lines.append(f"Its address is {panel_url(store_hash, known.path)}.")
    return tuple(lines) or ("Look through the page; whatever you do by hand is noticed.",)


def _what(step: StepId, action: Action) -> str:
    say = _STEPS[step].say
    match action:
        case Press(control, aside=True):
            return f"Something lies over the page. Press “{_name(control)}”."
        case Press(control) if step is StepId.SIGN_IN:
            return f"Choose your account or store: press “{_name(control)}”."
        case Press(control) if control.name and _name(control).casefold() not in say.casefold():
            return f"{say} Press “{_name(control)}”."
        case Type(_, text):
            return f"{say} Type: {text}"
        case Choose(_, option):
            return f"{say} Choose “{option[:_LONGEST_NAME]}”."
        case EnterCode(_, _, from_authenticator):
            source = "your authenticator app shows" if from_authenticator else "BigCommerce has sent you"
            return f"Enter the code that {source}."
        case Open(url) if step is StepId.SIGN_IN and place_of(url) is Place.PANEL:
            return f"Do what this page asks for, such as choosing your store; its address is {url}"
        case Open() if step is StepId.SIGN_IN:
            return "Do what this page asks for; it is not known here."
        case Open(url):
            return f"{say} It was not found on this page; its address is {url}"
        case _:
            return say


def _what_of_scope(scope: str, action: Action) -> str:
    match action:
        case Choose(_, option):
            return f"Take the scope “{scope}” back. Choose “{option[:_LONGEST_NAME]}”."
        case Press(control):
            return f"Take the scope “{scope}” back. Press “{_name(control)}”."
        case _:
            return f"Take the scope “{scope}” back."


def _why(step: StepId, action: Action) -> str:
    match action:
        case Press(_, aside=True):
            return "The step waits behind it; what you filled in is kept."
        case EnterCode():
            return "It proves to BigCommerce that it is you."
        case _:
            return _STEPS[step].why


def told_of(error: AutomationError) -> str:
    """Return an error in one line: what happened, why, and what to do next."""
    explained = error.explained
    return " ".join(part for part in (explained.what, explained.why, explained.next_step) if part)


def _name(control: Control) -> str:
    return (control.name or "what is highlighted")[:_LONGEST_NAME]
