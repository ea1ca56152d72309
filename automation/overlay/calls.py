"""What the panel may tell: a few fixed words and the id of a step, nothing else; whatever is different is dropped."""

from __future__ import annotations

import json
from dataclasses import dataclass

from automation.core.extract.addresses import Place, is_bigcommerces, place_of
from automation.core.flows.retrieval import STEP_IDS, StepId
from automation.core.guidance import Verb

LONGEST_CALL = 200
LOOK = "look"
PRESSED = "pressed"
SAVE_HELD = "save-held"
COVERED = "covered"
_NOTICES = frozenset({LOOK, PRESSED, SAVE_HELD, COVERED})
_VERBS = _NOTICES | {str(verb) for verb in Verb}


@dataclass(frozen=True)
class Call:
    """One call out of a page.

    Attributes:
        verb: what a person asks for, or `look`, `pressed`, `save-held`, `covered`.
        step: the step that the page showed; None before it showed any.
        seen: the number of what it showed last.
    """

    verb: str
    step: StepId | None
    seen: int = 0


def may_hold(url: str, top: str = "") -> bool:
    """Whether panel and binding may be in a document: on BigCommerce's sign-in and control panel alone.

    What the control panel draws its content in is part of it, as long as it is BigCommerce's: the path of such a frame
    is not on record.

    Args:
        top: the address of the tab, where the document is a frame's.
    """
    if not url.startswith("https://"):
        return False
    return place_of(url) in {Place.SIGN_IN, Place.PANEL} or (place_of(top) is Place.PANEL and is_bigcommerces(url))


def call_from_payload(payload: object) -> Call | None:
    """Read a call; None where it is not exactly of the form that the panel writes."""
    if not isinstance(payload, str) or len(payload) > LONGEST_CALL:
        return None
    try:
        read = json.loads(payload)
    except ValueError:
        return None
    if not isinstance(read, dict) or set(read) != {"verb", "step", "seen"}:
        return None
    verb, step, seen = read["verb"], read["step"], read["seen"]
    if not isinstance(verb, str) or verb not in _VERBS or not isinstance(step, str):
        return None
    if type(seen) is not int or seen < 0 or (step and step not in STEP_IDS):
        return None
    return Call(verb, StepId(step) if step else None, seen)
