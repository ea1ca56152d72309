"""One folder for everything temporary of a run, and the removal of what killed runs left.

The folder is this user's alone. While its run lives, the run holds a lock on a file in it; the operating system lets go
of the lock when the process ends, however it ends. A folder whose lock can be had is a leftover.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "bigcommerce-companion-"
LOCK = "owner.lock"

_NAME = re.compile(re.escape(PREFIX) + r"(?P<pid>[1-9][0-9]*)-[a-z0-9_]+")
_alive: set[Path] = set()
_ATTEMPTS = 20  # on Windows a browser that is ending keeps its files for a moment


@contextlib.contextmanager
def temporary_folder(within: Path | None = None) -> Iterator[Path]:
    """Give a new folder with mode 0700, removed with all it holds at the end.

    Args:
        within: where to make it; None takes the platform's temporary folder.
    """
    place = within or Path(tempfile.gettempdir())
    # The process id stands in the name, so that a sweep between the next two lines knows whose folder this is.
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
    lock = FileLock(folder / LOCK)
    lock.acquire()
    _alive.add(folder)
    try:
        yield folder
    finally:
        _alive.discard(folder)
        lock.release()
        remove(folder)


def remove_all() -> None:
    """Remove every folder of this process, before it ends without unwinding."""
    for folder in tuple(_alive):
        remove(folder)


def sweep(within: Path | None = None) -> tuple[Path, ...]:
    """Remove what runs that were killed left in the temporary folder; returns what was removed.

    Only this user's own folders count, and only those whose run is gone. No symbolic link is followed.
    """
    place = within or Path(tempfile.gettempdir())
    removed = []
    for folder in sorted(place.glob(f"{PREFIX}*")):
        name = _NAME.fullmatch(folder.name)
        if name is not None and _is_ours(folder) and _is_left_over(folder, int(name["pid"])):
            remove(folder)
            removed.append(folder)
    return tuple(removed)


def remove(folder: Path) -> None:
    """Remove the folder with all it holds; what cannot be removed now is left to the next sweep."""
    for _ in range(_ATTEMPTS):
        # rmtree refuses a symbolic link as its root and removes those inside without following them.
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


def _is_ours(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    if not stat.S_ISDIR(status.st_mode):
        return False
    return sys.platform == "win32" or status.st_uid == os.getuid()


def _is_left_over(folder: Path, pid: int) -> bool:
    lock_file = folder / LOCK
    if not lock_file.exists():
        return not _is_alive(pid)
    lock = FileLock(lock_file)
    try:
        lock.acquire(blocking=False)
    except (Timeout, OSError):
        return False
    lock.release()
    return True


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # asking would end the process there; such a folder is empty, and stays
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
