"""Ctrl-C and the request to stop, as a wish that a run can grant in order.

The first one asks the run to stop: it goes on just long enough to clean up in the control panel, where an API account
may have been made a second ago. The second one does not wait: every process that this one started ends, and with them
all temporary files.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any, NoReturn, Self

from automation.browser.temporary_folder import remove_all
from automation.core.errors import BrowserUnavailable, Created, Interrupted
from companion.core.errors import CompanionError
from companion.core.exit_codes import ExitCode

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class Interruption:
    """While entered, the first signal sets `requested`; the second ends the process.

    Attributes:
        requested: whether the run is to stop.
        at_stake: tells what was made at BigCommerce and has no use if the run ends now; set by the run, and asked in
            the very moment, since a press of Save counts before its answer is there.

    Args:
        on_first: told that the wish was heard.
        on_second: the last thing done before the process ends, with what it could not finish.
    """

    def __init__(
        self, on_first: Callable[[], None] = lambda: None, on_second: Callable[[], None] = lambda: None
    ) -> None:
        self._on_first = on_first
        self._on_second = on_second
        self._at_once = False
        self._before: dict[int, Any] = {}
        self.requested = False
        self.at_stake: Callable[[], tuple[Created, ...]] = tuple

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for name in _SIGNALS:
                number = getattr(signal, name, None)
                if number is not None and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
                    self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def instead_of(self, failure: CompanionError) -> CompanionError:
        """Return `Interrupted` for a browser that did not start, or ended, because everything was told to stop."""
        if not self.requested or not isinstance(failure, BrowserUnavailable):
            return failure
        return Interrupted(
            "The retrieval was interrupted.",
            next_step="Start it again when you are ready.",
            step=failure.step,
            created=failure.created,
        )

    def request(self) -> None:
        """Ask the run to stop, as the first signal does; for any thread."""
        self.requested = True

    def is_requested(self) -> bool:
        """Say whether the run is to stop."""
        return self.requested

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Let a signal break off what runs inside, by `KeyboardInterrupt`: nothing there needs to be cleaned up."""
        self._at_once = True
        try:
            if self.requested:
                raise KeyboardInterrupt
            yield
        finally:
            self._at_once = False

    def _heard(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self.requested:
            self._end()
        self.requested = True
        if self._at_once:
            raise KeyboardInterrupt
        self._on_first()

    def _end(self) -> NoReturn:
        try:
            self._on_second()
        finally:
            end_children()
            remove_all()
            os._exit(ExitCode.INTERRUPTED)


def end_children() -> None:
    """Kill every process below this one, and wait until they are gone."""
    import psutil  # type: ignore[import-untyped]

    children = psutil.Process().children(recursive=True)
    for child in children:
        with contextlib.suppress(psutil.Error):
            child.kill()
    psutil.wait_procs(children, timeout=5)
