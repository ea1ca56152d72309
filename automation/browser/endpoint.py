"""Which running browser may be joined, judged by its address and its command line: pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from urllib.parse import SplitResult, urlsplit

from companion.core.errors import InvalidInput

# Quoted or not, up to the next switch: some systems put the words of a command line together without quotation marks.
_USER_DATA_DIR = re.compile(
    r"""["']?--user-data-dir=(?:"([^"]*)"|'([^']*)'|(.*?))(?=["']?\s+["']?--|["']?\s+about:|["']?\s*$)"""
)
_LINUX = (
    "google-chrome",
    "google-chrome-beta",
    "google-chrome-unstable",
    "chromium",
    "microsoft-edge",
    "microsoft-edge-beta",
    "microsoft-edge-dev",
    "BraveSoftware",
    "vivaldi",
    "opera",
)
_LINUX_ELSEWHERE = ("snap", ".var/app")
_MACOS = ("Google", "Chromium", "Microsoft Edge", "Microsoft Edge Beta", "BraveSoftware", "Vivaldi")
_WINDOWS = ("Google", "Chromium", "Microsoft/Edge", "Microsoft/Edge Beta", "BraveSoftware", "Vivaldi")
HOW_TO_START = (
    "Start one for this, with a new folder: "
    "chromium --remote-debugging-port=9222 --user-data-dir=/tmp/for-bigcommerce-companion"
)


def endpoint_from_text(text: str) -> SplitResult:
    """Read the address of a browser's debugging port, such as `http://127.0.0.1:9222`.

    Raises:
        InvalidInput: it is none, or it leads off this machine.
    """
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if parts.scheme not in {"http", "ws"} or not host or port is None or parts.username or parts.password:
        raise InvalidInput(
            "--attach takes the address of a browser's debugging port.",
            why="It is not of the form http://127.0.0.1:9222 or ws://127.0.0.1:9222/devtools/browser/….",
            next_step=HOW_TO_START,
        )
    if not _is_loopback(host):
        raise InvalidInput(
            f"--attach joins a browser on this machine only, and {host} is not its loopback address.",
            why="Whoever can reach a debugging port can read all that the browser shows.",
            next_step=HOW_TO_START,
        )
    return parts


def refuse_default_profile(
    command_line: str,
    platform: str,
    environ: Mapping[str, str],
    home: str,
    resolved: Callable[[str], str] = lambda path: path,
) -> None:
    """Make sure that a browser runs with a profile of its own, not with somebody's everyday one.

    Args:
        command_line: as the browser itself tells it.
        platform: as `sys.platform` has it.
        resolved: gives the path behind every symbolic link.

    Raises:
        InvalidInput: it has the default profile, or does not tell.
    """
    folder = profile_folder(command_line)
    if folder is None:
        raise _refused("It was started without --user-data-dir, or does not tell with which.")
    if any(_is_everyday(each, platform, environ, home, resolved) for each in (folder, resolved(folder))):
        raise _refused(f"Its profile is {folder}, where a browser keeps the one for every day.")


def profile_folder(command_line: str) -> str | None:
    """Return what `--user-data-dir` says on a command line; None where it is not there, or empty."""
    found = [next((part for part in match.groups() if part), "") for match in _USER_DATA_DIR.finditer(command_line)]
    return found[-1].strip() or None if found else None


def _is_everyday(
    folder: str, platform: str, environ: Mapping[str, str], home: str, resolved: Callable[[str], str]
) -> bool:
    kind: type[PurePath] = PureWindowsPath if platform == "win32" else PurePosixPath
    path = kind(folder)
    if not path.is_absolute() or ".." in path.parts:
        return True  # nobody can tell where it is
    match platform:
        case "win32":
            variables = {name.upper(): value for name, value in environ.items()}
            base = kind(variables.get("LOCALAPPDATA") or kind(home) / "AppData" / "Local")
            places = [base / name for name in _WINDOWS]
        case "darwin":
            places = [kind(home) / "Library" / "Application Support" / name for name in _MACOS]
        case _:
            base = kind(environ.get("XDG_CONFIG_HOME") or kind(home) / ".config")
            places = [base / name for name in _LINUX] + [kind(home) / ".config" / name for name in _LINUX]
            places += [kind(home) / name for name in _LINUX_ELSEWHERE]
    places += [kind(resolved(str(place))) for place in places]
    return any(path == place or place in path.parents for place in places)


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower().rstrip(".") == "localhost"
    return address.is_loopback and not (address.version == 6 and address.ipv4_mapped is not None)


def _refused(why: str) -> InvalidInput:
    return InvalidInput(
        "The browser at that address is not one that was started for this.", why=why, next_step=HOW_TO_START
    )
