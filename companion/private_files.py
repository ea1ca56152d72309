"""Folders and files that this user alone can read, made so from the first moment."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_private_folder(folder: Path) -> None:
    """Make the folder, and the missing ones above it, with mode 0700; an existing one is narrowed to it.

    Raises:
        OSError: it cannot be made or is another user's; `FileExistsError` where a file stands in its place;
            `PermissionError` for a folder that is shared by intent, such as /tmp, which must not be narrowed.
    """
    make_missing_folders(folder)
    if os.name == "posix" and (mode := folder.stat().st_mode) & 0o7777 != FOLDER_MODE:
        if mode & stat.S_ISVTX or folder.resolve() in {Path(folder.anchor), Path.home().resolve()}:
            raise PermissionError(f"{folder} is not a folder for this program alone; choose one below it")
        folder.chmod(FOLDER_MODE)


def make_missing_folders(folder: Path) -> None:
    """Make the folder, and the missing ones above it, with mode 0700; one that exists stays as it is.

    Raises:
        OSError: it cannot be made; `FileExistsError` where a file stands in its place.
    """
    for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        with contextlib.suppress(FileExistsError):  # another process was first
            missing.mkdir(mode=FOLDER_MODE)
    if not folder.is_dir():
        raise FileExistsError(f"{folder} is not a folder")


def create_private_file(path: Path, content: bytes) -> None:
    """Write a new file with mode 0600, whole or not at all, durable before this returns.

    It is written beside its place and then linked to its name, which fails where the name is taken, also by a link.

    Raises:
        FileExistsError: the name is taken, or none is given (`.`, `/`); nothing was changed.
        OSError: it cannot be written.
    """
    if not path.name:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    beside = _written_beside(path, content)
    try:
        _link_exclusively(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(path.parent)


@contextlib.contextmanager
def new_private_file(path: Path) -> Iterator[BinaryIO]:
    """Give a new file with mode 0600 to write to; it gets its name when the context ends well, and is gone else.

    Raises:
        FileExistsError: the name is taken; what has it stays as it is.
        OSError: it cannot be written.
    """
    if not path.name or os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    beside = path.with_name(f".{path.name}.{os.urandom(8).hex()}.new")
    try:
        with os.fdopen(_new_descriptor(beside), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _link_exclusively(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(path.parent)


def replace_private_file(path: Path, content: bytes) -> None:
    """Write a file with mode 0600 in place of what has this name, if anything has; as a whole, durably.

    Raises:
        OSError: it cannot be written; what was there is there still.
    """
    beside = _written_beside(path, content)
    try:
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _written_beside(path: Path, content: bytes) -> Path:
    beside = path.with_name(f".{path.name}.{os.urandom(8).hex()}.new")
    descriptor = _new_descriptor(beside)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def _new_descriptor(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.open(path, flags, FILE_MODE)


def _link_exclusively(beside: Path, path: Path) -> None:
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links (FAT, some network folders): the name is taken first, then filled.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
        beside.replace(path)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
