"""What `companion doctor` asks of the automation: the browser, and what killed runs left behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from automation.browser.discovery import find_browser
from automation.browser.this_machine import ThisMachine
from companion.core.connection import Finding, Severity

if TYPE_CHECKING:
    from companion.settings import Settings


def check_browser(settings: Settings) -> Iterator[Finding]:
    """There is a browser that starts; none is installed here.

    Raises:
        InvalidSetting: `COMPANION_BROWSER` names no program that runs.
    """
    machine = ThisMachine()
    configured = None if settings.browser is None else str(settings.browser)
    found = find_browser(machine, configured=configured, playwrights_own=machine.playwrights_own)
    if found is not None:
        yield Finding("browser", f"The browser is {found}.", "", Severity.NOTE)
        return
    yield Finding(
        "no-browser",
        "There is no browser yet.",
        "Install Chrome, Edge or Chromium, or set COMPANION_BROWSER; else the next retrieval downloads a Chromium.",
        Severity.ATTENTION,
    )


def check_leftovers(settings: Settings) -> Iterator[Finding]:
    """Remove what runs that were killed left in the temporary folder, and name it."""
    from automation.browser.temporary_folder import sweep

    del settings
    removed = sweep()
    for folder in removed:
        yield Finding("leftover-removed", f"Removed {folder}, which a killed run had left.", "", Severity.NOTE)
    if not removed:
        yield Finding("leftovers", f"No run left anything in {tempfile.gettempdir()}.", "", Severity.NOTE)
