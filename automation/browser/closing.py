"""Closes a browser or one of its contexts, and waits no longer than one is willing to.

Playwright's `close` has no time limit, and its driver has been seen to answer never. The waiting is given up on this
side, as in `automation.pages.asking`; what is left of the browser ends with its driver.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

LONGEST_CLOSE = 15.0
"""Seconds."""


def close_in_time(target: Browser | BrowserContext, *, seconds: float = LONGEST_CLOSE) -> bool:
    """Close it; one that is gone is closed. Returns False where it did not say so in time."""
    from playwright.sync_api import Error

    with contextlib.suppress(Error):
        try:
            target._sync(asyncio.wait_for(target._impl_obj.close(reason=None), seconds))
        except TimeoutError:
            return False
    return True
