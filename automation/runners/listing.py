"""Reads the whole list of API accounts with any hands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from automation.core.actions import Do, Listed, Stop, Wait
from automation.core.decide import decide
from automation.core.decisions.listing import decide_listing
from automation.core.errors import Interrupted
from automation.core.extract.api_accounts import AccountRow
from automation.core.progress import Progress
from automation.runners.loop import Hands

_decide = partial(decide, on_panel=decide_listing)


def list_accounts(
    hands: Hands, progress: Progress, *, interrupted: Callable[[], bool] = lambda: False
) -> tuple[Progress, tuple[AccountRow, ...]]:
    """Sign in where that is needed, open the list and read it to its end.

    Returns:
        What is known then, and every account of the store.

    Raises:
        AutomationError: what stopped it; nothing was changed.
    """
    while True:
        if interrupted():
            raise Interrupted("Interrupted; nothing was changed.", next_step="Start it again when you are ready.")
        progress, command = _decide(progress, hands.observe())
        match command:
            case Do(step, action, _):
                hands.act(step, action)
            case Wait():
                hands.wait()
            case Stop(error):
                raise error
            case Listed(rows):
                return progress, rows
            case _:
                raise TypeError("reading a list does not end with this")
