"""The browser for tests that do without the automation's own discovery."""

from __future__ import annotations

import os
import shutil

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")


def chromium_path() -> str | None:
    """`COMPANION_BROWSER`, else one on the path, else None for Playwright's own."""
    found = (shutil.which(name) for name in CHROMIUMS)
    return os.environ.get("COMPANION_BROWSER") or next((path for path in found if path), None)
