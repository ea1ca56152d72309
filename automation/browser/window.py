"""Whether a browser can open a window here at all, asked before anything is started."""

from __future__ import annotations

from collections.abc import Mapping

from automation.core.errors import BrowserUnavailable


def check_window(environ: Mapping[str, str], platform: str) -> None:
    """Make sure that there is a graphical session, as far as that can be told.

    Args:
        platform: as `sys.platform` has it.

    Raises:
        BrowserUnavailable: there is none; names what can be done.
    """
    if platform in {"win32", "darwin"} or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return
    raise BrowserUnavailable(
        "The browser cannot open a window.",
        why="There is no graphical session here: neither DISPLAY nor WAYLAND_DISPLAY is set.",
        next_step="Run this on the desktop, or without a person: set BIGCOMMERCE_EMAIL and BIGCOMMERCE_PASSWORD, and "
        "use `--mode unattended`. Credentials that you have already go in with `companion add`.",
    )
