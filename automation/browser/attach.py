"""Joins a browser that a person started for this, and leaves it as it is afterwards."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlunsplit

from automation.browser.endpoint import HOW_TO_START, endpoint_from_text, refuse_default_profile
from automation.browser.session import driver
from automation.browser.temporary_folder import temporary_folder
from automation.core.errors import BrowserUnavailable

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from automation.browser.downloads import Downloads

_LIMIT = 15.0  # seconds
_LONGEST_ANSWER = 100_000
WARNING = (
    "Every program on this machine can read a browser with a debugging port while it runs, also what it shows of the "
    "credentials; and its profile may keep the downloaded file. Close it afterwards, and delete its profile's folder."
)


@contextlib.contextmanager
def attached_session(
    address: str, *, downloads: Downloads | None = None, say: Callable[[str], None] = lambda _: None
) -> Iterator[BrowserContext]:
    """Give the context of a running browser; at the end it is let go of, and neither closed nor tidied.

    Args:
        address: of its debugging port, on this machine's loopback.
        say: called with the warning that comes with it.

    Raises:
        InvalidInput: the address leads elsewhere, or the browser has somebody's everyday profile.
        BrowserUnavailable: no browser answers there.
    """
    from playwright.sync_api import Error

    endpoint = _control_address(endpoint_from_text(address))
    say(WARNING)
    with contextlib.ExitStack() as stack:
        playwright = stack.enter_context(driver(stack.enter_context(temporary_folder())))
        try:
            browser = playwright.chromium.connect_over_cdp(endpoint, timeout=_LIMIT * 1000)
        except Error:
            raise _silent(address) from None
        stack.callback(_let_go, browser)
        try:
            told = browser.new_browser_cdp_session().send("SystemInfo.getInfo")
        except Error:
            told = {}
        command_line = str(told.get("commandLine", ""))
        refuse_default_profile(command_line, sys.platform, os.environ, str(Path.home()), os.path.realpath)
        context = browser.contexts[0] if browser.contexts else browser.new_context()
        if downloads is not None:
            downloads.watch(context)
        yield context


def _control_address(parts: SplitResult) -> str:
    """Ask the port for the address of its control channel, which has to be on this machine as well."""
    if parts.scheme == "ws":
        return urlunsplit(parts)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=_LIMIT)
    try:
        connection.request("GET", "/json/version")
        answer = json.loads(connection.getresponse().read(_LONGEST_ANSWER))
        found = str(answer["webSocketDebuggerUrl"])
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        raise _silent(parts.netloc) from None
    finally:
        connection.close()
    return urlunsplit(endpoint_from_text(found))


def _let_go(browser: object) -> None:
    from playwright.sync_api import Browser, Error

    if isinstance(browser, Browser):
        with contextlib.suppress(Error):
            browser.close()  # of a browser that was joined, this ends the connection alone


def _silent(address: str) -> BrowserUnavailable:
    return BrowserUnavailable(f"No browser answers at {address}.", next_step=HOW_TO_START)
