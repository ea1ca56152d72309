"""Puts a launcher and a login service where the user's desktop looks for them, and takes them away: for `open`."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from companion.core.errors import Conflict, StorageFailed
from companion.core.launchers import AGENT, UNIT, LauncherFile, launcher_files
from companion.manifest import Installed, forget_installed, installed, note_installed

if TYPE_CHECKING:
    from companion.settings import Settings

# What is not taken over from the environment, since a file would keep it: the user is told.
_KEPT_OUT = ("COMPANION_", "BIGCOMMERCE_")
_SECONDS = 20


def own_program() -> tuple[str, ...]:
    """Return what starts this program in a session where nothing of this shell's holds."""
    beside = Path(sys.executable).with_name("companion.exe" if os.name == "nt" else "companion")
    if beside.is_file():
        return (str(beside),)
    return (sys.executable, "-c", "from companion.cli import main; main()")


def settings_left_out() -> list[str]:
    """Return the names of the variables that are set here and will not be in the session's."""
    return sorted(name for name in os.environ if name.startswith(_KEPT_OUT) and name != "COMPANION_DATA_DIR")


def install(settings: Settings) -> tuple[LauncherFile, ...]:
    """Write launcher and login service, and let the service start.

    Raises:
        InvalidInput: as `launcher_files`.
        Conflict: another program's file, or a changed one, is in the way; nothing was written.
        StorageFailed: one cannot be written.
    """
    from companion.settings import default_data_dir

    data_dir = settings.data_dir.absolute()
    elsewhere = None if data_dir == default_data_dir().absolute() else str(data_dir)
    files = launcher_files(sys.platform, os.environ, own_program(), elsewhere)
    ours = {each.path: each for each in installed(data_dir)}
    for each in files:
        path = Path(each.path)
        if os.path.lexists(path) and not _is(path, _entry(each)) and not _is(path, ours.get(str(path))):
            raise Conflict(
                f"{path} is there already, and is not what was installed. Nothing was written.",
                next_step="Move it away, and try again.",
            )
    note_installed(data_dir, map(_entry, files))
    for each in files:
        _write(each)
    _start()
    return files


def remove(settings: Settings) -> tuple[list[str], list[str]]:
    """Stop the service, and remove what was installed and is still as it was; returns what is gone, and what was left.

    Raises:
        StorageFailed: the list of what was installed cannot be used.
    """
    entries = installed(settings.data_dir)
    if entries:
        _stop()
    gone, left = [], []
    for each in reversed(entries):  # a link before what it leads to
        path = Path(each.path)
        if os.path.lexists(path) and not _is(path, each):
            left.append(each.path)
            continue
        try:
            path.unlink(missing_ok=True)
        except OSError:
            left.append(each.path)
            continue
        gone.append(each.path)
    forget_installed(settings.data_dir, gone)
    return gone, left


def _entry(file: LauncherFile) -> Installed:
    if file.leads_to is not None:
        return Installed(str(file.path), file.what, leads_to=str(file.leads_to))
    return Installed(str(file.path), file.what, sha256=hashlib.sha256(file.content).hexdigest())


def _is(path: Path, entry: Installed | None) -> bool:
    """Say whether what stands there is what was, or will be, installed; no link is followed."""
    if entry is None:
        return False
    try:
        if entry.leads_to is not None:
            return path.is_symlink() and os.readlink(path) == entry.leads_to  # noqa: PTH115  compared as it is written
        if path.is_symlink() or not path.is_file():
            return False
        return hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256
    except OSError:
        return False


def _write(file: LauncherFile) -> None:
    from companion.private_files import replace_private_file

    path = Path(file.path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if file.leads_to is not None:
            path.unlink(missing_ok=True)
            path.symlink_to(file.leads_to)
            return
        replace_private_file(path, file.content)
        if file.executable:
            path.chmod(0o700)
    except OSError as failure:
        raise StorageFailed(
            f"{path} could not be written: {failure.strerror or type(failure).__name__}.",
            next_step="Make the folder writable, or take back what was written with `companion open --remove`.",
        ) from None


def _start() -> None:
    if sys.platform == "darwin":
        agent = str(Path.home() / "Library/LaunchAgents" / f"{AGENT}.plist")
        _run("launchctl", "bootstrap", f"gui/{os.getuid()}", agent)
    elif sys.platform != "win32":
        _run("systemctl", "--user", "daemon-reload")
        _run("systemctl", "--user", "start", UNIT)


def _stop() -> None:
    if sys.platform == "darwin":
        _run("launchctl", "bootout", f"gui/{os.getuid()}/{AGENT}")
    elif sys.platform != "win32":
        _run("systemctl", "--user", "stop", UNIT)


def _run(name: str, *arguments: str) -> None:
    """Run a program of the session's, where there is one; the service starts with the next session in any case."""
    program = shutil.which(name)
    if program is None:
        return
    own = {key: value for key, value in os.environ.items() if not key.startswith(_KEPT_OUT)}
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(  # noqa: S603  the system's own, with fixed arguments
            [program, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=own, timeout=_SECONDS, check=False,
        )  # fmt: skip
