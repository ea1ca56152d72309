"""What the program put outside its data folder, so that it can be taken away again: `installed.json` in that folder."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from companion.core.errors import StorageFailed
from companion.private_files import make_private_folder, replace_private_file

FILE_NAME = "installed.json"
_FORMAT = 1


@dataclass(frozen=True)
class Installed:
    """One file or link.

    Attributes:
        path: absolute.
        what: what a person calls it.
        sha256: of what was written, in hexadecimal; None for a link.
        leads_to: where a link was made to lead; None for a file.
    """

    path: str
    what: str
    sha256: str | None = None
    leads_to: str | None = None


def installed(data_dir: Path) -> tuple[Installed, ...]:
    """Return what was noted, in the order it was.

    Raises:
        StorageFailed: the manifest cannot be read.
    """
    file = data_dir / FILE_NAME
    try:
        document = json.loads(file.read_bytes())
        entries = tuple(Installed(**each) for each in document["files"])
        sound = document["format"] == _FORMAT and all(isinstance(each.path, str) for each in entries)
    except FileNotFoundError:
        return ()
    except OSError as failure:
        raise _failed(file, failure.strerror or type(failure).__name__) from None
    except (ValueError, KeyError, TypeError):
        sound = False
    if not sound:
        raise _failed(file, "it is damaged, or of a newer version")
    return entries


def note_installed(data_dir: Path, entries: Iterable[Installed]) -> None:
    """Note these, each in place of one with its path; before they are written, so that a kill leaves none unnoted.

    Raises:
        StorageFailed: the manifest cannot be read or written.
    """
    given = tuple(entries)
    paths = {each.path for each in given}
    _write(data_dir, (*(each for each in installed(data_dir) if each.path not in paths), *given))


def forget_installed(data_dir: Path, paths: Collection[str]) -> None:
    """Forget these. Raises `StorageFailed`."""
    _write(data_dir, tuple(each for each in installed(data_dir) if each.path not in paths))


def _write(data_dir: Path, entries: tuple[Installed, ...]) -> None:
    file = data_dir / FILE_NAME
    document = {"format": _FORMAT, "files": [asdict(each) for each in entries]}
    try:
        make_private_folder(data_dir)
        replace_private_file(file, json.dumps(document, indent=1).encode())
    except OSError as failure:
        raise _failed(file, failure.strerror or type(failure).__name__) from None


def _failed(file: Path, why: str) -> StorageFailed:
    return StorageFailed(
        f"{file}, the list of what was installed, cannot be used: {why}.", next_step="Check the data folder."
    )
