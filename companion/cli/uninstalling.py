"""What `companion uninstall` finds on this machine, and how each of it is taken away; no link is followed."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from companion.core.errors import AlreadyRunning, CompanionError, Conflict
from companion.core.folder_contents import FOLDERS, LAST, is_ours
from companion.service_state import LOCK_NAME, read_state

if TYPE_CHECKING:
    from companion.account_notes import LeftNote
    from companion.core.connection import Connection
    from companion.settings import Settings

_SECONDS_TO_STOP = 20
# Whose locks are held while a run lives that an uninstall would pull the floor from under.
_UNDER_WAY = {"accounts-under-way": "A retrieval", "temporary-files": "`companion exec`"}


@dataclass(frozen=True)
class Found:
    """What there is.

    Attributes:
        connections: whose API accounts stay alive.
        unread: why that could not be found out; empty where it could.
        left_accounts: of runs that were killed.
        exports: files for other tools that are still there; their owner is the project they are in.
        ours: files and folders in the data folder, in the order in which they are removed.
        others: what else is in it.
        launchers: what `open --install` wrote.
        server: what errors call the database, where it is on a server; else None.
        shared: what other programs may use, too.
    """

    connections: tuple[Connection, ...]
    unread: str
    left_accounts: tuple[LeftNote, ...]
    exports: tuple[str, ...]
    ours: tuple[Path, ...]
    others: tuple[Path, ...]
    launchers: tuple[str, ...]
    keys: tuple[str, ...]
    server: str | None
    shared: tuple[str, ...]


@dataclass
class Done:
    """What came of it.

    Attributes:
        kept: what could not be removed, and why.
    """

    removed: list[str] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)

    def attempt(self, what: str, remove: Callable[[], object]) -> bool:
        """Remove something; returns whether it is gone."""
        try:
            remove()
        except OSError as failure:
            self.kept.append((what, failure.strerror or type(failure).__name__))
        except CompanionError as failure:
            self.kept.append((what, str(failure)))
        else:
            self.removed.append(what)
            return True
        return False


def find_everything(settings: Settings) -> Found:
    """Look at all there is; nothing is changed.

    Raises:
        Conflict: the data folder is a link.
        StorageFailed: the list of what was installed cannot be used.
    """
    from companion.cli.browser_jobs import shared_caches
    from companion.manifest import installed
    from companion.wiring.uninstalling import database_elsewhere, key_places, stored

    folder = settings.data_dir
    if folder.is_symlink():
        raise Conflict(
            f"The data folder {folder} is a link, and none is followed. Nothing was changed.",
            next_step="Set COMPANION_DATA_DIR to the folder it leads to, and remove the link yourself.",
        )
    unread: list[str] = []
    connections: tuple[Connection, ...] = ()
    keys: tuple[str, ...] = ()
    server = None
    exports: tuple[str, ...] = ()
    try:
        held = stored(settings)
        connections = held.connections
        exports = tuple(each.path for each in held.exports if os.path.lexists(each.path))
    except CompanionError as failure:
        unread.append(failure.explained.what)
    try:
        keys = tuple(each.what for each in key_places(settings))
    except CompanionError as failure:
        unread.append(failure.explained.what)
    with contextlib.suppress(CompanionError):  # which `stored` has said
        server = database_elsewhere(settings)
    ours, others = _contents(folder)
    return Found(
        connections=connections,
        unread=" ".join(unread),
        left_accounts=_left_accounts(folder),
        exports=exports,
        ours=ours,
        others=others,
        launchers=tuple(each.path for each in installed(folder)),
        keys=keys,
        server=server,
        shared=shared_caches(),
    )


def _contents(folder: Path) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Return what is ours in the data folder, in the order of removal, and what is not."""
    ours: list[Path] = []
    others: list[Path] = []
    for path in _entries(folder):
        inner = _entries(path) if path.name in FOLDERS and _is_folder(path) else []
        for each in [*inner, path]:
            kind = _is_folder if each == path and path.name in FOLDERS else _is_file
            (ours if kind(each) and is_ours(each.relative_to(folder).parts) else others).append(each)
    return tuple(sorted(ours, key=lambda each: each.name in LAST)), tuple(others)


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _is_folder(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode)


def _is_file(path: Path) -> bool:
    return stat.S_ISREG(path.lstat().st_mode)


def _left_accounts(folder: Path) -> tuple[LeftNote, ...]:
    from companion.account_notes import FOLDER, AccountNotes
    from companion.core.connection import World

    if (folder / FOLDER).is_symlink():
        return ()
    return tuple(each for world in World for each in AccountNotes(folder).left(world))


def refuse_what_runs(settings: Settings, *, login_service: bool) -> None:
    """Refuse while something works in the data folder.

    Args:
        login_service: a service that may be stopped is installed, so that one may run.

    Raises:
        AlreadyRunning, Conflict: what runs, and what to do.
    """
    from filelock import FileLock, Timeout

    if not settings.data_dir.is_dir():
        return
    for name, what in _UNDER_WAY.items():
        for file in _entries(settings.data_dir / name):
            if file.suffix == ".lock" and _is_file(file):
                try:
                    with FileLock(file, timeout=0, mode=0o600):
                        continue
                except Timeout:
                    raise Conflict(
                        f"{what} is under way in {settings.data_dir}. Nothing was changed.",
                        next_step="Wait until it has ended, or stop it, and try again.",
                    ) from None
    if not login_service:
        with only_one(settings):
            return


@contextlib.contextmanager
def only_one(settings: Settings, seconds: float = 0) -> Iterator[None]:
    """Hold the lock of the data folder's service, so that none starts; the file goes with the rest.

    Raises:
        AlreadyRunning: a service runs, also after so many seconds.
    """
    from filelock import FileLock, Timeout

    file = settings.data_dir / LOCK_NAME
    was_there = file.exists()
    lock = FileLock(file, mode=0o600)
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        running = read_state(settings.state_file)
        where = f" at {running.url} (process {running.pid})" if running else ""
        raise AlreadyRunning(
            f"A companion service of this data folder is running{where}. Nothing was removed.",
            next_step="Stop it (Ctrl-C where it runs), and try again.",
        ) from None
    except OSError:  # a folder that cannot be written: nothing runs there, and what cannot be removed is named
        yield
        return
    try:
        yield
    finally:
        lock.release()
        if not was_there:
            file.unlink(missing_ok=True)


def remove_everything(settings: Settings, *, drop_server_tables: bool, say: Callable[[str], None]) -> Done:
    """Remove all that `find_everything` found and that is this program's alone; what cannot be removed is kept in mind.

    Raises:
        AlreadyRunning: a service goes on running. Launchers may be gone by then.
    """
    from companion.cli.browser_jobs import sweep_temporary_folders
    from companion.cli.desktop import remove
    from companion.cli.temporary_files import sweep
    from companion.manifest import installed

    done = Done()
    if installed(settings.data_dir):
        gone, left = remove(settings)
        done.removed += gone
        done.kept += [(each, "It is not what was installed.") for each in left]
    if settings.data_dir.is_dir():
        with only_one(settings, _SECONDS_TO_STOP):
            sweep(settings, say)
            if drop_server_tables:
                _drop_tables(settings, done)
            _remove_within(settings, done)
        (settings.data_dir / LOCK_NAME).unlink(missing_ok=True)
        if not _entries(settings.data_dir):
            done.attempt(str(settings.data_dir), settings.data_dir.rmdir)
    elif drop_server_tables:
        _drop_tables(settings, done)
    done.removed += map(str, sweep_temporary_folders())
    if os.path.lexists(settings.key_file) and not done.kept:
        say(f"{settings.key_file} stays: it holds the keys of other data folders.")
    return done


def _drop_tables(settings: Settings, done: Done) -> None:
    from companion.wiring.uninstalling import database_elsewhere, drop_database

    done.attempt(f"the tables in {database_elsewhere(settings)}", lambda: drop_database(settings))


def _remove_within(settings: Settings, done: Done) -> None:
    from companion.wiring.uninstalling import key_places

    folder = settings.data_dir
    try:
        for each in key_places(settings):
            done.attempt(each.what, each.remove)
    except CompanionError as failure:
        done.kept.append(("the key", str(failure)))
    ours, others = _contents(folder)
    shared = {each.parent for each in others}
    for path in (each for each in ours if each not in shared):
        # As long as something is left that these lead to, who runs this again needs them.
        if not (path.name in LAST and done.kept) and path.name != LOCK_NAME:
            done.attempt(str(path), path.rmdir if _is_folder(path) else path.unlink)
