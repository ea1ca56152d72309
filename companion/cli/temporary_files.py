"""A tool's own files for the life of one command: written before it, removed after it, swept where a run was killed.

Each run notes beside the database, before it writes them, which files it is going to write and a hash of each. The note
is locked while the run lives, which no kill survives; a note that nobody holds is a killed run's.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from companion.core.errors import CompanionError, Conflict, ReauthorizeNeeded, StorageFailed

if TYPE_CHECKING:
    from companion.core.child_environment import ChildValues
    from companion.core.tool_files import ToolFormat
    from companion.project_files import Placement
    from companion.settings import Settings

_FOLDER = "temporary-files"
_NOTE = ".json"


def tool_placements(tool: ToolFormat, values: ChildValues) -> tuple[Placement, ...]:
    """Return the tool's files that are to be written into the present folder: those that are not there.

    A file that is there stays as it is: `config.stencil.json` holds no secret, and Catalyst's files come after the
    environment.

    Raises:
        Conflict: the tool would read another token out of a file that is there.
        ReauthorizeNeeded: the connection has no storefront token that the tool could use.
    """
    from companion.cli.project import project_folder
    from companion.core.tool_files import ToolFormat, tool_files

    project = project_folder(tool, None)
    if tool is ToolFormat.STENCIL and project.is_there(project.names[0]):
        raise Conflict(
            f"There is already a file {project.path(project.names[0])}, and the tool would read that.",
            why="It was left as it is.",
            next_step="Move it away, then try again; what it holds need not stand in a file.",
        )
    if tool is ToolFormat.CATALYST and values.storefront_token is None:
        raise ReauthorizeNeeded(
            f"The connection {values.connection.name!r} has no storefront token that servers may use.",
            next_step=f"Reauthorize it: `companion reauthorize {shlex.quote(values.connection.name)}`.",
        )
    files = tool_files(tool, values, present=project.present, entropy=os.urandom)
    placements = [project.placement(each, replace=False) for each in files if not project.is_there(each.name)]
    return tuple(filter(None, placements))


def catalyst_variables(values: ChildValues) -> dict[str, str]:
    """Return what Catalyst's CLI reads before its project file."""
    token = values.access_token
    return {
        "CATALYST_STORE_HASH": values.connection.store_hash,
        **({} if token is None else {"CATALYST_ACCESS_TOKEN": token.reveal()}),
    }


@contextlib.contextmanager
def written_for_a_while(
    settings: Settings, placements: Sequence[Placement], note: Callable[[str], object]
) -> Iterator[None]:
    """Write new files, and remove them at the end however it ends; one that was changed meanwhile is named.

    Raises:
        Conflict: a file is there; nothing was written.
        StorageFailed: one could not be written; nothing was.
    """
    from companion.cli.project import write_files

    with _noted(settings, placements):
        write_files(placements)  # what was there before is not ours to take back
        try:
            yield
        finally:
            for each in placements:
                _take_back(each, note)


def sweep(settings: Settings, note: Callable[[str], object]) -> None:
    """Remove what killed runs have left behind: what still says what they wrote; anything else is named and left."""
    from filelock import FileLock, Timeout

    folder = settings.data_dir / _FOLDER
    for file in sorted(folder.glob(f"*{_NOTE}")) if folder.is_dir() else ():
        lock = FileLock(file.with_suffix(".lock"), timeout=0, mode=0o600)
        try:
            with lock:
                _sweep_one(file, note)
        except (Timeout, OSError):  # its run lives, or another sweeps it
            continue
        with contextlib.suppress(OSError):
            file.with_suffix(".lock").unlink()


def _sweep_one(file: Path, note: Callable[[str], object]) -> None:
    try:
        written = json.loads(file.read_text("utf-8"))["files"]
        entries = [(Path(each["path"]), str(each["sha256"])) for each in written]
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError):
        entries = []  # a note that was cut short was never followed by a file
    for path, digest in entries:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue
        except OSError:
            content = b""
        if not path.is_symlink() and hashlib.sha256(content).hexdigest() == digest:
            path.unlink()
            note(f"Removed {path}, which a killed `companion exec` had left behind.")
        else:
            note(f"A killed `companion exec` wrote {path}, and it was changed since; see whether a token is in it.")
    file.unlink()


@contextlib.contextmanager
def _noted(settings: Settings, placements: Sequence[Placement]) -> Iterator[None]:
    from filelock import FileLock

    from companion.private_files import create_private_file, make_private_folder

    folder = settings.data_dir / _FOLDER
    file = folder / f"{os.urandom(8).hex()}{_NOTE}"
    files = [{"path": str(each.path), "sha256": hashlib.sha256(each.content).hexdigest()} for each in placements]
    lock = FileLock(file.with_suffix(".lock"), timeout=0, mode=0o600)
    try:
        make_private_folder(folder)
        lock.acquire()
        create_private_file(file, json.dumps({"files": files}).encode())
    except OSError as failure:
        raise StorageFailed(
            f"Nothing can be noted in {folder}: {failure.strerror or type(failure).__name__}.",
            next_step="Make room or set its rights, then try again.",
        ) from None
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            if not any(map(_is_still_there, placements)):
                file.unlink()
        lock.release()
        if not file.exists():
            with contextlib.suppress(OSError):
                file.with_suffix(".lock").unlink()


def _is_still_there(placement: Placement) -> bool:
    try:
        return placement.path.read_bytes() == placement.content
    except OSError:
        return False


def _take_back(placement: Placement, note: Callable[[str], object]) -> None:
    """Remove the file; of one that the program has changed, what it holds besides our secrets stays."""
    from companion.core.tool_files import without_secrets
    from companion.private_files import replace_private_file
    from companion.project_files import remove_if_still, text_of

    path = placement.path
    if remove_if_still(path, placement.content):
        with contextlib.suppress(OSError):
            if path.parent.name == ".bigcommerce":
                path.parent.rmdir()  # which does so only where nothing else is in it
        return
    try:
        found = None if path.is_symlink() else text_of(path)
        left = None if found is None else without_secrets(path.name, found[1])
        if found is not None and left is None:
            path.unlink()
        elif left is not None:
            replace_private_file(path, left.encode())
            note(f"The program has changed {path}: its secrets were taken out, the rest was left.")
            return
    except (OSError, UnicodeDecodeError, CompanionError):
        note(f"{path} could not be removed. It may hold an access token.")
