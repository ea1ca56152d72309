"""Which browser of this machine to use: pure, so that every platform is tested on every other.

The order: the one that `COMPANION_BROWSER` names, an installed Chrome, Edge or Chromium, Playwright's own. Browsers in
a sandbox of their own (snap, flatpak) are passed over: they see neither our temporary profile nor our download folder,
and on a system without snap the program of that name is a stub that only says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Protocol

from companion.core.errors import InvalidSetting

_LINUX_NAMES = (
    "google-chrome-stable",
    "google-chrome",
    "microsoft-edge-stable",
    "microsoft-edge",
    "chromium",
    "chromium-browser",
)
_LINUX_FOLDERS = ("/usr/bin", "/usr/local/bin")
_LINUX_PROGRAMS = (
    "/opt/google/chrome/chrome",
    "/opt/microsoft/msedge/msedge",
    "/usr/lib/chromium/chromium",
    "/usr/lib64/chromium-browser/chromium-browser",
)
_MACOS_APPLICATIONS = ("Google Chrome", "Microsoft Edge", "Chromium")
_WINDOWS_NAMES = ("chrome.exe", "msedge.exe", "chromium.exe")
_WINDOWS_PROGRAMS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
    r"Chromium\Application\chrome.exe",
)
_WINDOWS_ROOTS = ("PROGRAMFILES", "PROGRAMW6432", "PROGRAMFILES(X86)", "LOCALAPPDATA")


class Machine(Protocol):
    """What has to be known of a machine to find a browser on it.

    Attributes:
        platform: as `sys.platform` has it: `linux`, `darwin` or `win32`.
        environ: the environment variables.
        home: the user's home folder.
    """

    @property
    def platform(self) -> str: ...

    @property
    def environ(self) -> Mapping[str, str]: ...

    @property
    def home(self) -> str: ...

    def is_program(self, path: str) -> bool:
        """Say whether `path` is a file that this user may run."""

    def real_path(self, path: str) -> str:
        """Return `path` with every symbolic link followed."""

    def head(self, path: str) -> bytes:
        """Return the first bytes of the file, at most 4096; empty where it cannot be read."""

    def answers(self, path: str) -> bool:
        """Say whether the program runs at all when it is asked for its version."""


def find_browser(
    machine: Machine, *, configured: str | None = None, playwrights_own: Callable[[], str | None] = lambda: None
) -> str | None:
    """Return the path of the browser to use, None where there is none yet.

    Args:
        configured: what `COMPANION_BROWSER` says; it is used or refused, never passed over.
        playwrights_own: the path at which Playwright keeps its own; asked only where nothing else is found.

    Raises:
        InvalidSetting: `configured` is no program that runs.
    """
    if configured:
        return _configured_browser(machine, configured)
    for path in installed_browsers(machine):
        if machine.answers(path):
            return path
    own = playwrights_own()
    return own if own and machine.is_program(own) and machine.answers(own) else None


def installed_browsers(machine: Machine) -> Iterator[str]:
    """Yield the installed Chrome, Edge and Chromium programs, each once, the preferred first; none is started."""
    seen: set[str] = set()
    for path in _candidates(machine):
        if not machine.is_program(path):
            continue
        real = machine.real_path(path)
        if real not in seen and not _is_sandboxed(machine, path, real):
            seen.add(real)
            yield path


def _configured_browser(machine: Machine, configured: str) -> str:
    for path in (configured, *_inside_application(machine, configured), *_on_path(machine, (configured,))):
        if machine.is_program(path):
            if machine.answers(path):
                return path
            raise _refused(f"COMPANION_BROWSER names {path}, which does not run.", "It failed to tell its version.")
    raise _refused(
        f"COMPANION_BROWSER names {configured}, which is not a program.", "There is no such file, or it may not be run."
    )


def _candidates(machine: Machine) -> Iterator[str]:
    match machine.platform:
        case "darwin":
            for folder in (PurePosixPath("/Applications"), PurePosixPath(machine.home) / "Applications"):
                for name in _MACOS_APPLICATIONS:
                    yield str(folder / f"{name}.app" / "Contents" / "MacOS" / name)
            yield from _on_path(machine, _LINUX_NAMES)
        case "win32":
            environ = {name.upper(): value for name, value in machine.environ.items()}
            for program in _WINDOWS_PROGRAMS:
                for root in filter(None, (environ.get(name) for name in _WINDOWS_ROOTS)):
                    yield str(PureWindowsPath(root) / program)
            yield from _on_path(machine, _WINDOWS_NAMES)
        case _:
            yield from _on_path(machine, _LINUX_NAMES)
            for name in _LINUX_NAMES:
                for folder_name in _LINUX_FOLDERS:
                    yield f"{folder_name}/{name}"
            yield from _LINUX_PROGRAMS


def _on_path(machine: Machine, names: tuple[str, ...]) -> Iterator[str]:
    """Yield every place at which a bare name could stand on the search path; relative entries are not searched."""
    windows = machine.platform == "win32"
    kind: type[PurePath] = PureWindowsPath if windows else PurePosixPath
    folders = [kind(folder) for folder in machine.environ.get("PATH", "").split(";" if windows else ":") if folder]
    for name in names:
        if name and kind(name).name == name:
            yield from (str(folder / name) for folder in folders if folder.is_absolute())


def _inside_application(machine: Machine, configured: str) -> Iterator[str]:
    """Yield the program in a macOS application folder, which is what people see and name."""
    application = PurePosixPath(configured)
    if machine.platform == "darwin" and application.suffix == ".app":
        yield str(application / "Contents" / "MacOS" / application.stem)


def _is_sandboxed(machine: Machine, path: str, real: str) -> bool:
    if machine.platform in {"win32", "darwin"}:
        return False
    if any(place.startswith(("/snap/", "/var/lib/snapd/", "/var/lib/flatpak/")) for place in (path, real)):
        return True
    # snap puts links to its own program; Ubuntu's packages put a script that calls it or asks to install it.
    head = machine.head(path)
    return PurePosixPath(real).name == "snap" or (head.startswith(b"#!") and b"/snap/" in head)


def _refused(what: str, why: str) -> InvalidSetting:
    return InvalidSetting(
        what, why=why, next_step="Set it to the full path of Chrome, Edge or Chromium, or unset it to have one found."
    )
