"""The machine this runs on, as far as finding a browser needs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from companion.core.passed_on import without_secrets

_VERSION_LIMIT = 20.0  # seconds; a cold start from a slow disk takes a few
_PLAYWRIGHT_LIMIT = 60.0

_ASK_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright\n"
    "with sync_playwright() as playwright:\n"
    "    print(playwright.chromium.executable_path)\n"
)


class ThisMachine:
    """`discovery.Machine` by asking the operating system."""

    @property
    def platform(self) -> str:
        """`sys.platform`."""
        return sys.platform

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment variables of this process."""
        return os.environ

    @property
    def home(self) -> str:
        """The user's home folder."""
        return str(Path.home())

    def is_program(self, path: str) -> bool:
        """Say whether `path` is a file that this user may run."""
        # Path.is_file raises where a folder on the way may not be entered.
        return os.path.isfile(path) and os.access(path, os.X_OK)  # noqa: PTH113

    def real_path(self, path: str) -> str:
        """Return `path` with every symbolic link followed."""
        return os.path.realpath(path)

    def head(self, path: str) -> bytes:
        """Return the first bytes of the file, at most 4096; empty where it cannot be read."""
        try:
            with Path(path).open("rb") as file:
                return file.read(4096)
        except OSError:
            return b""

    def answers(self, path: str) -> bool:
        """Say whether the program runs when it is asked for its version."""
        if sys.platform == "win32":
            return True  # there, Chrome opens a window instead of answering
        return version_of(path) is not None

    def playwrights_own(self) -> str | None:
        """Return where Playwright keeps its own Chromium, whether it is there or not.

        Asked in a process of its own, so that it also works while a browser session is open here.
        """
        try:
            answer = subprocess.run(  # noqa: S603  our own interpreter and a constant
                [sys.executable, "-c", _ASK_PLAYWRIGHT],
                capture_output=True,
                text=True,
                timeout=_PLAYWRIGHT_LIMIT,
                env=without_secrets(os.environ),
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return answer.stdout.strip() or None


def version_of(path: str) -> str | None:
    """Return what a browser says of its version, None where it does not run."""
    try:
        answer = subprocess.run(  # noqa: S603  a browser found here, or the one the user names
            [path, "--version"],
            capture_output=True,
            text=True,
            timeout=_VERSION_LIMIT,
            env=without_secrets(os.environ),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None if answer.returncode == 0 else None
