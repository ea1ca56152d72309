"""The browser for tests that do without the automation's own discovery."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

from simulated_store.serving.server import RunningStore

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")


def chromium_path() -> str | None:
    """`COMPANION_BROWSER`, else one on the path, else None for Playwright's own."""
    found = (shutil.which(name) for name in CHROMIUMS)
    return os.environ.get("COMPANION_BROWSER") or next((path for path in found if path), None)


def flags_for(served: RunningStore) -> list[str]:
    """Return what makes a Chromium reach the served world, and nothing else."""
    target = f"127.0.0.1:{served.port}"
    names = [entry.partition("=")[0] for entry in served.host_map.split(",")] + ["*.example"]
    rules = ",".join([*(f"MAP {name} {target}" for name in names), "MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1"])
    return [f"--host-resolver-rules={rules}", f"--ignore-certificate-errors-spki-list={served.public_key_pin}"]


@contextlib.contextmanager
def chromium_for(served: RunningStore, *flags: str) -> Iterator[Browser]:
    """A Chromium that reaches the served world."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=[*flags_for(served), *flags])
        yield browser
        browser.close()
