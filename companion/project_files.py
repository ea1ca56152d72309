"""Files of other tools in a project's folder: read, written as a whole, and asked of git."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from companion.private_files import create_private_file, make_missing_folders, replace_private_file

MAX_FILE_BYTES = 1024 * 1024
_GIT_SECONDS = 10


@dataclass(frozen=True)
class Placement:
    """A file that is to be written.

    Attributes:
        before: what is there and is to be replaced; None where nothing may be there.
    """

    path: Path
    content: bytes
    before: bytes | None = None


def is_file_or_nothing(path: Path) -> bool:
    """Say whether a file may be put there: not where a folder, a device, a pipe or a socket is, or a link to one."""
    return path.is_file() or not path.exists()


def text_of(path: Path) -> tuple[bytes, str] | None:
    """Return the bytes and the text of a file, None where there is none.

    Raises:
        OSError: it cannot be read, is too large, or is no file.
        UnicodeDecodeError: it is no text.
    """
    if path.is_fifo() and not _is_handed_over(path):
        raise OSError(0, "it is a pipe, for which this would wait")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        if path.is_symlink():
            raise
        return None
    if len(content) > MAX_FILE_BYTES:
        raise OSError(0, "it is larger than such a file can be")
    return content, content.decode("utf-8-sig")


def _is_handed_over(path: Path) -> bool:
    """Say whether a shell opened it for this program, as with `<(…)`: then somebody writes at the other end."""
    return path.is_relative_to("/dev/fd") or path in {Path("/dev/stdin"), Path("/proc/self/fd/0")}


def env_variables(text: str) -> dict[str, str | None]:
    """Read an `.env` file as python-dotenv does, without filling in other variables; what is no variable is skipped."""
    import logging
    from io import StringIO

    from dotenv import dotenv_values

    logging.getLogger("dotenv").setLevel(logging.ERROR)  # a line that is none is no news here
    return dotenv_values(stream=StringIO(text), interpolate=False)


def place(files: Sequence[Placement]) -> None:
    """Write all files with mode 0600, each whole from its first moment; or, where one cannot be, none.

    Raises:
        FileExistsError: a file that was not to be replaced is there; nothing was changed.
        OSError: one cannot be written; nothing was changed.
    """
    done: list[Placement] = []
    try:
        for each in files:
            make_missing_folders(each.path.parent)
            if each.before is None:
                create_private_file(each.path, each.content)
            else:
                replace_private_file(each.path, each.content)
            done.append(each)
    except BaseException:
        for each in reversed(done):
            with contextlib.suppress(OSError):
                if each.before is None:
                    each.path.unlink()
                else:
                    replace_private_file(each.path, each.before)
        raise


def remove_if_still(path: Path, content: bytes) -> bool:
    """Remove a file that still says what it was written with; returns whether it is gone."""
    try:
        if path.is_symlink() or path.read_bytes() != content:
            return False
        path.unlink()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def would_be_committed(path: Path) -> bool:
    """Say whether `git add` would take the file: its folder is a repository's, and nothing there ignores it."""
    return _git(path, "check-ignore", "--quiet") == 1


def is_tracked(path: Path) -> bool:
    """Say whether the file, as it was at some time, is part of a git repository already."""
    return _git(path, "ls-files", "--error-unmatch") == 0


def _git(path: Path, *command: str) -> int | None:
    git = shutil.which("git")
    folder = next((each for each in path.parents if each.is_dir()), None)
    if git is None or folder is None:
        return None
    # What a repository's own settings would run is not ours to run.
    own = {name: value for name, value in os.environ.items() if not name.startswith(("BIGCOMMERCE_", "COMPANION_"))}
    try:
        return subprocess.run(  # noqa: S603  git itself, with fixed arguments
            [git, "-c", "core.fsmonitor=false", "-C", str(folder), *command, "--", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=own,
            timeout=_GIT_SECONDS,
            check=False,
        ).returncode
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
