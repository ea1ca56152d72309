"""What a run is told from outside its browser while it goes on: set in any thread, heeded at the run's next action."""

from __future__ import annotations

import threading

from automation.core.flows.retrieval import StepId


class Orders:
    """The wishes of who watches a run from elsewhere.

    A run that was left to the helper goes on as long as nothing is asked. `pause` holds every action, `mine` leaves one
    step to the person at the browser, `resume` takes both back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paused = False
        self._mine: StepId | None = None
        self._resumed = 0

    @property
    def paused(self) -> bool:
        """Whether nothing is to be done now."""
        return self._paused

    @property
    def mine(self) -> StepId | None:
        """The step that the person does; None where the helper does them all."""
        return self._mine

    @property
    def resumed(self) -> int:
        """How often the rest was left to the helper again."""
        return self._resumed

    def pause(self) -> None:
        """Hold every action until `resume`."""
        with self._lock:
            self._paused = True

    def resume(self) -> None:
        """Leave everything to the helper again."""
        with self._lock:
            self._paused, self._mine = False, None
            self._resumed += 1

    def leave(self, step: StepId) -> None:
        """Leave this step to the person; what comes after it is the helper's."""
        with self._lock:
            self._paused, self._mine = False, step
