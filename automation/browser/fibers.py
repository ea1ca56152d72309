"""Several runs at once in one browser, in one thread, with Playwright's synchronous calls.

Playwright's synchronous calls wait in greenlets: while one waits for the browser, its event loop goes on, and with it
every other greenlet whose answer has come. So runs that are started from the loop take turns by themselves, whenever
one of them waits; nothing else runs in between, so what they share needs no lock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, TypeVar

from greenlet import greenlet  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from playwright.sync_api import Browser

T = TypeVar("T")


def pause(browser: Browser, seconds: float) -> None:
    """Let the other greenlets go on for a moment.

    Playwright's own way to wait is a tab's and asks the driver to keep the time: it would need a tab for nothing else,
    and each wait would go to the driver and back.
    """
    browser._sync(asyncio.sleep(seconds))


def run_all(bodies: Sequence[Callable[[], None]], pause: Callable[[], None]) -> None:
    """Run all to their end, taking turns whenever one waits for the browser.

    Args:
        bodies: they raise nothing.
        pause: waits for a moment by a synchronous call of Playwright.
    """
    loop = asyncio.get_running_loop()  # Playwright's, which runs whenever one of its calls waits
    running = len(bodies)

    def start(body: Callable[[], None]) -> None:
        def fiber() -> None:
            nonlocal running
            try:
                body()
            finally:
                running -= 1

        greenlet(fiber).switch()

    for body in bodies:
        loop.call_soon(start, body)
    while running:
        pause()


def in_thread(pool: Executor, pause: Callable[[], None], job: Callable[[], T]) -> T:
    """Do what would hold up all the others, such as a call to the service, beside them; returns what it returns."""
    doing = pool.submit(job)
    while not doing.done():
        pause()
    return doing.result()
