"""Deletes an API account: what a run created and cannot use, or what was found in the list."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from automation.core.actions import Do, Removal, Removed, Wait
from automation.core.decisions.deletion import decide_deletion, deletion_after
from automation.core.errors import AutomationError
from automation.core.progress import Progress
from automation.runners.loop import Hands

_MOST_LOOKS = 5000


class ConfirmingHands(Hands, Protocol):
    """Hands that can be told to answer the browser's own questions with yes."""

    confirms: bool


def take_back(hands: ConfirmingHands, progress: Progress, *, seconds: float = 45.0) -> Removal:
    """Delete the API account that `progress` may have created, and nothing else.

    Args:
        seconds: how long it may take; what is not done by then is left and must be named to the person.

    Returns:
        NEVER_THERE also where Save was not pressed.
    """
    if progress.save_pressed_at is None and not progress.may_exist:
        return Removal.NEVER_THERE
    return remove(hands, deletion_after(progress), seconds=seconds)


def remove(hands: ConfirmingHands, progress: Progress, *, seconds: float = 45.0) -> Removal:
    """Delete the API account that the request of `progress` names, and nothing else.

    Args:
        progress: what `decisions.deletion` begins with.
        seconds: as `take_back`.
    """
    progress = replace(progress, request=replace(progress.request, patience=seconds))
    hands.confirms = True
    for _ in range(_MOST_LOOKS):
        try:
            progress, command = decide_deletion(progress, hands.observe())
            match command:
                case Do(step, action, _):
                    hands.act(step, action)
                case Wait():
                    hands.wait()
                case Removed(outcome):
                    return outcome
                case _:
                    return Removal.LEFT
        except AutomationError:
            return Removal.LEFT
    return Removal.LEFT
