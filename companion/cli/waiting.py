"""For commands that run until they are stopped."""

from __future__ import annotations

import threading
from typing import NoReturn


def wait_for_interrupt() -> NoReturn:
    """Wait for Ctrl-C, or for what the program turns into the same. For the main thread.

    The caller catches it around all that it says first, since it may come at any moment of that.

    Raises:
        KeyboardInterrupt: it came.
    """
    stop = threading.Event()
    while True:
        stop.wait(0.5)  # short, since on Windows nothing interrupts a wait
