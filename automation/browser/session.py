"""Starts a browser for one run: its own temporary profile, nothing recorded, nothing left behind."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from automation.browser.closing import close_in_time
from automation.browser.flags import launch_flags, proxy_from_environment
from automation.browser.temporary_folder import sweep, temporary_folder
from automation.core.errors import BrowserUnavailable
from companion.core.errors import InvalidSetting
from companion.core.host_map import HostMap
from companion.core.passed_on import without_secrets

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, BrowserType, Playwright, StorageState

    from automation.browser.downloads import Downloads

VIEWPORT_WIDTH = 1440
VIEWPORT_HEIGHT = 1000
LOCALE = "en-US"
_AS_ALWAYS: dict[str, Any] = {"viewport": {"width": VIEWPORT_WIDTH, "height": VIEWPORT_HEIGHT}}
# A window that can be seen has the size, the colours and the calm that its person wants.
_AS_THE_PERSON_HAS_IT: dict[str, Any] = {
    "no_viewport": True,
    "color_scheme": "null",
    "reduced_motion": "null",
    "forced_colors": "null",
}
START_LIMIT = 60.0
"""Seconds that a browser may take to start: the first start from a cold disk is slow."""

# Chromium puts a socket into its temporary folder, as `org.chromium.Chromium.XXXXXX/SingletonSocket`, and ends where
# the path is longer than a socket address holds: 104 bytes on macOS, 108 on Linux, with the closing zero.
_LONGEST_SOCKET_FOLDER = 103 - len("/org.chromium.Chromium.XXXXXX/SingletonSocket")


class BrowserSettings(Protocol):
    """The part of the settings that a browser needs."""

    @property
    def browser(self) -> Path | None: ...

    @property
    def host_map(self) -> HostMap: ...

    @property
    def ca_file(self) -> Path | None: ...

    @property
    def extra_ca_file(self) -> Path | None: ...


@contextlib.contextmanager
def browser_session(
    settings: BrowserSettings,
    *,
    headed: bool = False,
    downloads: Downloads | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[BrowserContext]:
    """Give a fresh context in a browser of its own, as `running_browser` and `new_context` do.

    Args:
        downloads: collects the text files that pages download.
    """
    with running_browser(settings, headed=headed, say=say) as browser:
        context = new_context(browser, headed=headed)
        if downloads is not None:
            downloads.watch(context)
        yield context


def new_context(browser: Browser, *, headed: bool, storage_state: StorageState | None = None) -> BrowserContext:
    """Return a fresh context, which lives in memory alone: no cookie, page or password reaches a disk.

    Args:
        headed: whether a person sees it.
        storage_state: cookies of another context, which it begins with.
    """
    return browser.new_context(
        locale=LOCALE,
        accept_downloads=True,
        permissions=[],  # grants none and refuses every other: clipboard, location, notifications
        storage_state=storage_state,
        **(_AS_THE_PERSON_HAS_IT if headed else _AS_ALWAYS),
    )


@contextlib.contextmanager
def running_browser(
    settings: BrowserSettings,
    *,
    headed: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Browser]:
    """Give a fresh browser, closed with all its files at the end. No trace, video or HAR is recorded.

    Should this process be killed, the browser ends with it, since both ends of its control pipe are gone.

    Args:
        headed: whether a person sees it.
        say: called with a line before a browser is downloaded or installed, and where its sandbox has to stay off.

    Raises:
        InvalidSetting: a setting does not fit.
        BrowserUnavailable: there is no browser, or it does not start.
    """
    from automation.browser.install import browser_path

    flags = launch_flags(settings.host_map, _read_authority(settings))
    proxy = None if settings.host_map else proxy_from_environment(os.environ)
    configured = None if settings.browser is None else str(settings.browser)
    program = browser_path(configured, say, extra_ca_file=settings.extra_ca_file)
    sweep_places()
    with contextlib.ExitStack() as stack:
        folder_of_run = stack.enter_context(temporary_folder())
        environment = _environment_of_browser(folder_of_run, stack)
        if settings.extra_ca_file is not None and not settings.host_map:
            from automation.browser.extra_authorities import trusting_environment

            environment |= trusting_environment(settings.extra_ca_file, folder_of_run)
        playwright = stack.enter_context(driver(folder_of_run))
        launch = {
            "executable_path": program,
            "headless": not headed,
            "args": list(flags),
            "env": environment,
            "proxy": proxy,
            "downloads_path": folder_of_run / "downloads",
            "timeout": START_LIMIT * 1000,
            # We stop the browser ourselves, after what it has to clean up in the control panel.
            "handle_sigint": False,
            "handle_sigterm": False,
            "handle_sighup": False,
        }
        browser = _launched(playwright.chromium, launch, program, say, headed=headed)
        stack.callback(close_in_time, browser)
        yield browser


def sweep_places() -> None:
    """Remove what killed runs left in each folder where runs put their temporary files."""
    for folder in {tempfile.gettempdir(), _short_place()}:
        sweep(Path(folder))


def _read_authority(settings: BrowserSettings) -> bytes | None:
    if settings.ca_file is None or not settings.host_map:
        return None
    try:
        return settings.ca_file.read_bytes()
    except OSError as failure:
        raise InvalidSetting(
            f"COMPANION_CA_FILE names {settings.ca_file}, which cannot be read: {failure.strerror}.",
            next_step="Set it to the file that `companion sandbox serve` prints, while that runs.",
        ) from None


def _environment_of_browser(folder: Path, stack: contextlib.ExitStack) -> dict[str, str]:
    scratch = folder
    if sys.platform != "win32" and len(os.fsencode(folder)) > _LONGEST_SOCKET_FOLDER:
        scratch = stack.enter_context(temporary_folder(Path(_short_place())))
    return {
        **without_secrets(os.environ),
        **_temporary_variables(scratch),
        # Crash reports and caches would outlive the run in the user's own folders.
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }


def _short_place() -> str:
    return tempfile.gettempdir() if sys.platform == "win32" else "/tmp"  # noqa: S108  only for a folder of mode 0700


def _temporary_variables(folder: Path) -> dict[str, str]:
    return dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(folder))


@contextlib.contextmanager
def driver(folder: Path) -> Iterator[Playwright]:
    """Start Playwright's driver, which takes its temporary folder and its habits from the environment."""
    from playwright.sync_api import Error, sync_playwright

    # Read by Playwright in this process at every message; with it, all that is typed would be printed.
    os.environ.pop("DEBUGP", None)
    manager = sync_playwright()
    kept = {**without_secrets(os.environ), **_temporary_variables(folder)}
    try:
        with _environment(kept):
            playwright = manager.start()
    except Exception as failure:  # noqa: BLE001  a driver that ends while it starts is told by a bare `Exception`
        raise BrowserUnavailable(
            "Playwright's driver does not start.",
            why=_first_line(failure),
            next_step="Install the program again: `pipx reinstall bigcommerce-companion`, or `make` in the clone.",
        ) from None
    try:
        yield playwright
    finally:
        with contextlib.suppress(Error):
            playwright.stop()


@contextlib.contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Change this process's environment for a moment; the driver can be given one in no other way."""
    before = dict(os.environ)
    changed = {name for name in {*before, *wanted} if before.get(name) != wanted.get(name)}
    try:
        for name in changed:
            _put(name, wanted.get(name))
        yield
    finally:
        for name in changed:
            _put(name, before.get(name))


def _put(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _launched(
    chromium: BrowserType, launch: Mapping[str, object], program: str, say: Callable[[str], None], *, headed: bool
) -> Browser:
    from playwright.sync_api import Error

    # Chromium refuses its sandbox to root; there, it never had one.
    sandboxed = sys.platform != "linux" or os.geteuid() != 0
    while True:
        try:
            return chromium.launch(**launch, chromium_sandbox=sandboxed)  # type: ignore[arg-type]
        except Error as failure:
            if sandboxed and "sandbox" in failure.message.lower():
                say("This system does not let the browser use its sandbox; going on without.")
                sandboxed = False
                continue
            raise _not_started(program, failure, headed=headed) from None


def _not_started(program: str, failure: Exception, *, headed: bool) -> BrowserUnavailable:
    text = str(failure)
    if headed and ("DISPLAY" in text or "ozone" in text.lower() or "X server" in text):
        return BrowserUnavailable(
            "The browser cannot open a window.",
            why="There is no graphical session here.",
            next_step="Leave out `--headed`, or run this on the desktop.",
        )
    return BrowserUnavailable(
        f"The browser {program} does not start.",
        why=_first_line(failure),
        next_step="Start it once by hand to see why, or set COMPANION_BROWSER to another Chrome, Edge or Chromium.",
    )


def _first_line(failure: BaseException) -> str:
    return (str(failure).strip() or type(failure).__name__).splitlines()[0]
