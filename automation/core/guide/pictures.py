"""Which moments of a retrieval are pictured, and what a picture is of; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from automation.core.actions import Action, Choose, CloseTab, Command, Do, EnterCode, EnterSignIn, Press, Type
from automation.core.extract.element import Control
from automation.core.flows.retrieval import StepId
from automation.core.guide.known_words import is_known
from automation.core.guide.words import Language
from automation.core.targets import API_ACCOUNTS

MOST_OF_ONE_STEP = 4
_DOTS = "••••••"

# The list may hold API accounts of others, whose names are nobody's business.
_CELLS = ":is(td, [role=cell], [role=gridcell]), :is(td, [role=cell], [role=gridcell]) *"
# A storefront that is not open yet tells its staff a code of any form; here its address alone matters.
_ALL_BUT_HEADINGS = ":not(h1, h2, h3)"


@dataclass(frozen=True)
class Scene:
    """What is to be pictured before something is done.

    Attributes:
        controls: to be marked, in this order.
        tab: which tab shows it.
        instruction: what to do with them; empty where the step says it.
        covered: a CSS selector of elements whose text is covered whatever it is; empty for none.
    """

    step: StepId
    controls: tuple[Control, ...] = ()
    tab: int = 0
    instruction: str = ""
    covered: str = ""


@dataclass(frozen=True)
class Picture:
    """One picture of a step.

    Attributes:
        png: the picture.
        host: of the address to be shown with it, in three parts of which the middle one is what to note; empty where
            the address does not matter.
    """

    step: StepId
    png: bytes
    instruction: str = ""
    host: tuple[str, str, str] | None = None


def instead(owned: Sequence[Picture], others: Sequence[Picture]) -> list[Picture]:
    """Return the pictures of all steps in order: those of somebody's own store where there are any, else the others."""
    has_own = {each.step for each in owned}
    return [each for step in StepId for each in (owned if step in has_own else others) if each.step is step]


def scenes(command: Command, language: Language, *, own: bool = False) -> tuple[Scene, ...]:
    """Return what is to be pictured before a command is carried out; nothing for most of them.

    Args:
        own: whether it is somebody's own store: its storefront is left out, and no name that may be its is repeated.
    """
    match command:
        case Do(StepId.READ_SUBDOMAIN, CloseTab()) if own:
            return (Scene(StepId.READ_STORE_HASH),)
        case Do(StepId.READ_SUBDOMAIN, CloseTab(tab)):
            return Scene(StepId.READ_SUBDOMAIN, tab=tab, covered=_ALL_BUT_HEADINGS), Scene(StepId.READ_STORE_HASH)
        case Do(step, action):
            controls = _controls(action)
            if not controls:
                return ()
            told = _instruction(action, language, own=own)
            tab = action.tab if isinstance(action, Press | Type | Choose) else 0
            return (Scene(step, controls, tab, told, _CELLS if step is StepId.CREATE_API_ACCOUNT else ""),)
    return ()


def _controls(action: Action) -> tuple[Control, ...]:
    match action:
        case Press(aside=True):
            return ()
        case Press(control) | Type(control) | Choose(control):
            return (control,)
        case EnterSignIn(email, password, submit):
            return tuple(each for each in (email, password, submit) if each is not None)
        case EnterCode(field):
            return (field,)
    return ()


def _instruction(action: Action, language: Language, *, own: bool) -> str:
    match action:
        case Press(control) if own and not is_known(_short(control.name)):
            return language.press_marked
        case Type(control) | Choose(control) if own and not is_known(control.name):
            return language.enter
        case Press(control):
            return language.press.format(control=_short(control.name)) if control.name else language.enter
        case Type(control, text):
            return language.type_in.format(control=control.name, text=text)
        case Choose(control, option):
            return language.choose.format(control=control.name, text=option)
    return language.enter


def _short(name: str) -> str:
    """Return a control's name without the description that stands in the same link."""
    return next((known for known in API_ACCOUNTS.all_names if name.casefold().startswith(known.casefold())), name)


def host_parts(step: StepId, host: str, *, own: bool = False) -> tuple[str, str, str] | None:
    """Return what a step notes of an address, between what stands around it; None where there is nothing.

    Args:
        own: whether it is somebody's own store, whose name is nobody's business: dots stand for it.
    """
    name, dot, rest = host.partition(".")
    if step is StepId.READ_SUBDOMAIN and rest == "mybigcommerce.com":
        return "https://", _DOTS if own else name, f"{dot}{rest}/"
    if step is StepId.READ_STORE_HASH and name.startswith("store-"):
        return "https://store-", _DOTS if own else name.removeprefix("store-"), f"{dot}{rest}/manage/…"
    return None
