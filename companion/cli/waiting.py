"""For commands that run until they are stopped."""

from __future__ import annotations

import contextlib
import threading


def wait_until_stopped() -> None:
    """Return at Ctrl-C, or where the program turns another signal into the same. For the main thread."""
    stop = threading.Event()
    with contextlib.suppress(KeyboardInterrupt):
        while not stop.wait(0.5):  # short, since on Windows nothing interrupts a wait
            pass
