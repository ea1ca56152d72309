"""Makes sure that there is a browser: `python -m automation.browser.install`.

Nothing is installed where one is found. Otherwise Playwright's own Chromium is downloaded for this user alone; where
that fails and the user is root on a Debian-like system, the system's package is installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from automation.browser.discovery import Machine, find_browser, installed_browsers
from automation.browser.this_machine import ThisMachine
from automation.core.errors import BrowserUnavailable
from companion.core.errors import CompanionError
from companion.core.passed_on import without_secrets

_LIMIT = 900.0  # seconds for one installer; a Chromium is about 170 MB

PLAYWRIGHT = ("-m", "playwright", "install", "--no-shell", "chromium")
PLAYWRIGHT_LIBRARIES = ("-m", "playwright", "install-deps", "chromium")
APT_UPDATE = ("apt-get", "update")
APT_INSTALL = ("apt-get", "install", "-y", "--no-install-recommends", "chromium")

Say = Callable[[str], None]


class Installers(Protocol):
    """What installs programs on a machine."""

    @property
    def may_use_apt(self) -> bool:
        """Whether the user is root on a system with apt."""

    def run(self, command: Sequence[str]) -> str | None:
        """Run an installer to its end; returns what went wrong, None where nothing did."""


def browser_path(configured: str | None, say: Say, *, extra_ca_file: Path | None = None) -> str:
    """Return the browser of this machine, installing one where there is none.

    Args:
        configured: what `COMPANION_BROWSER` says.
        say: called with a line before anything is installed.
        extra_ca_file: certificate authorities trusted while downloading, besides the well-known ones.

    Raises:
        InvalidSetting: `configured` is no program that runs.
        BrowserUnavailable: there is none and none could be installed; says what was tried.
    """
    machine = ThisMachine()
    found = find_browser(machine, configured=configured, playwrights_own=machine.playwrights_own)
    return found or install_browser(machine, machine.playwrights_own, SystemInstallers(extra_ca_file), say)


def install_browser(
    machine: Machine, playwrights_own: Callable[[], str | None], installers: Installers, say: Say
) -> str:
    """Install a browser and return its path.

    Raises:
        BrowserUnavailable: neither way led to a browser that runs.
    """
    say("No browser was found; downloading Playwright's Chromium (about 170 MB, once).")
    failures: list[str] = []
    failure = installers.run((sys.executable, *PLAYWRIGHT))
    own = playwrights_own()
    if failure is None and own and machine.is_program(own):
        if machine.answers(own):
            return own
        failure = f"Playwright's Chromium was downloaded, but does not start: {own}. System libraries may be missing."
        if installers.may_use_apt and installers.run((sys.executable, *PLAYWRIGHT_LIBRARIES)) is None:
            say("Installed the system libraries that it needs.")
            if machine.answers(own):
                return own
    failures.append(failure or "Playwright's download left no browser.")
    if installers.may_use_apt:
        say("Installing the system's package `chromium` instead.")
        installers.run(APT_UPDATE)  # where it fails, the lists of an earlier one may still do
        failures.append(installers.run(APT_INSTALL) or "The package `chromium` brought no browser that runs.")
        for path in installed_browsers(machine):
            if machine.answers(path):
                return path
    raise BrowserUnavailable(
        "There is no browser, and none could be installed.",
        why=" ".join(failures),
        next_step=_what_to_do(machine.platform, libraries=bool(own and machine.is_program(own))),
    )


class SystemInstallers:
    """Playwright's and the system's installers; what they say goes to standard error."""

    def __init__(self, extra_ca_file: Path | None = None) -> None:
        self._extra_ca_file = extra_ca_file

    @property
    def may_use_apt(self) -> bool:
        """Whether the user is root on a system with apt."""
        return sys.platform == "linux" and os.geteuid() == 0 and Path("/usr/bin/apt-get").is_file()

    def run(self, command: Sequence[str]) -> str | None:
        """Run an installer to its end; returns what went wrong, None where nothing did."""
        name = " ".join((Path(command[0]).name, *command[1:]))
        try:
            done = subprocess.run(  # noqa: S603  one of the fixed commands above
                command, stdin=subprocess.DEVNULL, stdout=2, timeout=_LIMIT, env=self._environment(os.environ)
            )
        except OSError as failure:
            return f"`{name}` could not be started: {failure.strerror}."
        except subprocess.TimeoutExpired:
            return f"`{name}` was not done within {_LIMIT / 60:.0f} minutes."
        return f"`{name}` ended with exit code {done.returncode}." if done.returncode else None

    def _environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        kept = without_secrets(environ)
        if self._extra_ca_file is not None:
            kept["NODE_EXTRA_CA_CERTS"] = str(self._extra_ca_file)
        return {**kept, "DEBIAN_FRONTEND": "noninteractive"}


def main() -> int:
    """Find or install a browser and say which; returns the exit code."""
    configured = os.environ.get("COMPANION_BROWSER") or None
    extra_ca_file = os.environ.get("COMPANION_EXTRA_CA_FILE")
    try:
        path = browser_path(configured, _say, extra_ca_file=Path(extra_ca_file) if extra_ca_file else None)
    except CompanionError as failure:
        _say(str(failure))
        return failure.exit_code
    _say(f"Browser: {path}")
    return 0


def _what_to_do(platform: str, *, libraries: bool) -> str:
    if platform == "linux" and libraries:
        return (
            f"Run `sudo {sys.executable} {' '.join(PLAYWRIGHT_LIBRARIES)}`, or install Chrome, Edge or Chromium with "
            "your package manager (not as snap or flatpak), then try again."
        )
    if platform == "linux":
        return (
            "Install Chrome, Edge or Chromium with your package manager (not as snap or flatpak), or set "
            "COMPANION_BROWSER to the path of one, then try again."
        )
    return (
        "Install Chrome from https://www.google.com/chrome, or set COMPANION_BROWSER to the path of a Chrome, Edge or "
        "Chromium, then try again."
    )


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
