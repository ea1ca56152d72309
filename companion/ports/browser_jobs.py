"""The ports to processes that drive a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from companion.core.retrieval_events import Event
from companion.core.retrieval_order import OrderWord
from companion.core.secret import Secret


class BrowserJob(Protocol):
    """A process that drives a browser, and all that it started."""

    def tell(self, word: OrderWord, step: str | None = None) -> None:
        """Give it an order; one that is gone takes none, and nothing is said of that."""
        ...

    def cancel(self) -> None:
        """Let it stop in order: what it made is taken back first. After a while it is killed all the same."""
        ...

    def kill(self) -> None:
        """End it and all that it started, now."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait for its end, and until everything of it was heard; returns whether it has ended."""
        ...


class BrowserJobs(Protocol):
    """Starts processes that drive a browser; `companion.launcher.ChildProcesses` is one."""

    @property
    def has_display(self) -> bool:
        """Whether a browser can open a window here, as far as that can be told without trying."""
        ...

    def start(
        self, order: Secret, *, on_event: Callable[[Event], None], on_end: Callable[[], None], seconds: float
    ) -> BrowserJob:
        """Start one.

        Args:
            order: the first line of its standard input.
            on_event: called with each event, one after another, in a thread of its own.
            on_end: called after the last event, once nothing of it runs any more.
            seconds: how long it may take; then it is cancelled.

        Raises:
            CompanionError: it cannot be started.
        """
        ...
