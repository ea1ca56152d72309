"""Hands that heed orders from outside the browser, such as those of a web page on which somebody watches the run."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from automation.core.actions import Action, ByHand, CheckBeforeSave, CloseTab
from automation.core.errors import CredentialsLost
from automation.core.flows.retrieval import StepId
from automation.core.guidance import Verb, paused
from automation.core.guided import is_for_a_person
from automation.core.snapshot import Observation
from automation.runners.guided import GuidedHands, stopped
from automation.runners.orders import Orders
from automation.runners.unattended import UnattendedHands

_LOOKS_WHILE_PAUSED = 8  # a page that is looked at all the time takes a processor for itself


class SteeredUnattendedHands(UnattendedHands):
    """Hands without a person at the browser that can be paused; their clock stands still meanwhile."""

    def __init__(self, *arguments: Any, orders: Orders, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._orders = orders
        self._looked_at = time.monotonic()
        self._stood_still = 0.0
        self._held = False

    def observe(self) -> Observation:
        """See `UnattendedHands.observe`."""
        now = time.monotonic()
        if self._held:
            self._stood_still += now - self._looked_at
        self._looked_at = now
        seen = super().observe()
        return replace(seen, at=seen.at - self._stood_still)

    def act(self, step: StepId, action: Action) -> bool:
        """Carry out one action, unless the run is paused."""
        self._held = self._orders.paused and not self.confirms
        if not self._held:
            return super().act(step, action)
        for _ in range(_LOOKS_WHILE_PAUSED):
            self.rest()
        return False

    def wait(self) -> None:
        """See `UnattendedHands.wait`; the time does not count while the run is paused."""
        self._held = self._orders.paused and not self.confirms
        super().wait()


class SteeredGuidedHands(GuidedHands):
    """Hands that do all they can by themselves and leave to the person at the browser what that person wants to do.

    Args:
        orders: `mine` leaves one step to the person, as do the buttons of the panel in the page.
        alone: whether nobody has promised to be there: then what only a person could do ends the run, save where a
            step was asked for.
    """

    def __init__(self, *arguments: Any, orders: Orders, alone: bool = False, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._orders = orders
        self._alone = alone
        self._helps = True
        self._stuck_at: StepId | None = None
        self._resumed = orders.resumed

    def act(self, step: StepId, action: Action) -> bool:
        """See `GuidedHands.act`; nothing at all is done while the run is paused."""
        if self.confirms:
            return super().act(step, action)
        if self._orders.paused:
            return self._hold(step)
        if self._resumed != self._orders.resumed:
            self._resumed, self._helps, self._stuck_at = self._orders.resumed, True, None
        mine = self._orders.mine is step
        if self._alone and self._helps and not mine and self._is_stuck(step, action):
            if isinstance(action, ByHand):
                raise action.error
            return self._do(step, action)  # which says what is missing
        if self._stuck_at is not step:
            self._stuck_at = step if isinstance(action, ByHand) else None
        wanted = self._rest = self._helps and not mine and self._stuck_at is None
        done = super().act(step, action)
        if self._rest is not wanted and not isinstance(action, ByHand):
            self._helps, self._stuck_at = self._rest, None  # as the person said in the panel
        return done

    def wait(self) -> None:
        """See `GuidedHands.wait`; the time does not count while the run is paused."""
        if self._orders.paused and not self.confirms:
            self._hold(self._step_under_way())
        else:
            super().wait()

    def agrees_to_delete(self, failure: CredentialsLost, account: str, interrupted: Any) -> bool:
        """See `GuidedHands.agrees_to_delete`; where nobody has promised to be there, nobody is asked."""
        return self._alone or super().agrees_to_delete(failure, account, interrupted)

    def agrees_to_delete_left(self, account: str, interrupted: Any) -> bool | None:
        """See `GuidedHands.agrees_to_delete_left`; where nobody has promised to be there, nobody is asked."""
        return True if self._alone else super().agrees_to_delete_left(account, interrupted)

    def _is_stuck(self, step: StepId, action: Action) -> bool:
        """Whether only a person could do this."""
        if isinstance(action, CloseTab | CheckBeforeSave) or not is_for_a_person(step, action, self._tab):
            return False
        return not self._can_help(action)

    def _hold(self, step: StepId) -> bool:
        self._waits = True
        self._guide.show(paused(step))
        self.pause()
        if self._heard.wish(None) is Verb.STOP:
            raise stopped()
        return False
