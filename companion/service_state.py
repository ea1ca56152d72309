"""How clients find the running service of a data folder, and how it stays the only one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from companion.core.errors import AlreadyRunning, StorageFailed
from companion.core.timestamps import timestamp
from companion.private_files import make_private_folder, replace_private_file

LOCK_NAME = "service.lock"


@dataclass(frozen=True)
class ServiceState:
    """What a running service says of itself in its state file.

    Attributes:
        started: RFC 3339, UTC.
    """

    url: str
    pid: int
    started: str


def read_state(file: Path) -> ServiceState | None:
    """Return what the state file says; None where there is none, or none that can be read.

    A service that was killed leaves its file behind: whoever reads it has to ask `/health` for a proof.
    """
    try:
        found = json.loads(file.read_text("utf-8"))
        return ServiceState(str(found["url"]), int(found["pid"]), str(found["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def only_service(file: Path) -> Iterator[None]:
    """Hold the data folder's lock: the one service that others find by the state file.

    Raises:
        AlreadyRunning: another process holds it.
        StorageFailed: the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(file.with_name(LOCK_NAME), mode=0o600)
    try:
        make_private_folder(file.parent)
        lock.acquire(timeout=0)
    except Timeout:
        running = read_state(file)
        where = f" at {running.url} (process {running.pid})" if running else ""
        raise AlreadyRunning(
            f"A companion service of this data folder is already running{where}.",
            next_step="Use that one, stop it, or set COMPANION_DATA_DIR to another folder.",
        ) from None
    except OSError as failure:
        raise _unusable(file.parent, failure) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def announced(file: Path, url: str, started: datetime) -> Iterator[None]:
    """Keep the state file while the service runs. Call it under `only_service`, after the port is open.

    Raises:
        StorageFailed: the folder cannot be written.
    """
    state = {"url": url, "pid": os.getpid(), "started": timestamp(started)}
    try:
        replace_private_file(file, json.dumps(state).encode() + b"\n")
    except OSError as failure:
        raise _unusable(file.parent, failure) from None
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _unusable(folder: Path, failure: OSError) -> StorageFailed:
    return StorageFailed(
        f"The data folder {folder} could not be used: {failure.strerror or type(failure).__name__}.",
        why="A service keeps a lock and its address there.",
        next_step="Check that the folder belongs to you, that it is not read-only, and that the disk is not full. "
        "Commands that only read go on without a service.",
    )
