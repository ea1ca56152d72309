"""What the commands that write or read the files of other tools have in common."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from companion.core.errors import Conflict, InvalidInput, StorageFailed
from companion.core.tool_files import DOTENV, STENCIL_CONFIG, STENCIL_OLD, ToolFile, ToolFormat, file_names

if TYPE_CHECKING:
    from companion.project_files import Placement


class ProjectFolder:
    """The files of one tool, where they are to be.

    Args:
        folder: the project's.
        own_names: the place of a file that is to be called otherwise than the tool calls it.

    Raises:
        InvalidInput: what is there is no file, or cannot be read.
    """

    def __init__(self, tool: ToolFormat, folder: Path, own_names: dict[str, Path] | None = None) -> None:
        self.tool = tool
        self._folder = folder
        self._own_names = own_names or {}
        self.present: dict[str, str] = {}
        self._bytes: dict[str, bytes] = {}
        self._read([DOTENV] if tool is ToolFormat.DOTENV else [STENCIL_CONFIG, STENCIL_OLD])
        self.names = file_names(tool, self.present)
        self._read(self.names)

    def path(self, name: str) -> Path:
        """Return where a file of the tool is."""
        return self._own_names.get(name, self._folder / name)

    def is_there(self, name: str) -> bool:
        """Say whether there is one."""
        return name in self.present

    def placement(self, file: ToolFile, *, replace: bool) -> Placement | None:
        """Return what has to be written, None where it is there already.

        Raises:
            Conflict: another file is there, and `replace` is not set.
        """
        from companion.project_files import Placement

        if file.name in self.present and _same(file.name, self.present[file.name], file.content.reveal()):
            return None
        if file.name in self.present and not replace:
            raise already_there(self.path(file.name))
        content = file.content.reveal().encode()
        return Placement(self.path(file.name), content, self._bytes.get(file.name))

    def _read(self, names: Iterable[str]) -> None:
        from companion.project_files import is_file_or_nothing

        for name in names:
            # What is written takes the place of what is there: a device would be lost, and a pipe waited for.
            if not is_file_or_nothing(self.path(name)):
                raise InvalidInput(
                    f"{self.path(name)} is there, and is no file.", next_step="Choose another place with --output."
                )
            found = read_file(self.path(name))
            if found is not None:
                self._bytes[name], self.present[name] = found


def project_folder(tool: ToolFormat, place: Path | None) -> ProjectFolder:
    """Return the folder that is meant: `place`, which names the file itself for `dotenv`, else the present one.

    Raises:
        InvalidInput: there is no such folder, or what is there cannot be read.
        Conflict: an old file of the tool is in the way.
    """
    given = Path(os.path.abspath(place or "."))  # noqa: PTH100  links are left alone, unlike by `resolve`
    own_names = {}
    folder = given
    if tool is ToolFormat.DOTENV and not given.is_dir():
        own_names = {DOTENV: given}
        folder = given.parent
    if not folder.is_dir():
        raise InvalidInput(f"There is no folder {folder}.", next_step="Make it, or choose another with --output.")
    return ProjectFolder(tool, folder, own_names)


def refuse_to_overwrite(project: ProjectFolder) -> None:
    """Refuse before anything is opened or minted where a file with secrets is there.

    Raises:
        Conflict: naming it.
    """
    for name in project.names:
        if name != STENCIL_CONFIG and project.is_there(name):
            raise already_there(project.path(name))


def refuse_links(project: ProjectFolder) -> None:
    """Refuse before anything is opened or minted where a link would have to be replaced.

    Its place may be read by others than the user thinks of, and what it leads to would keep the old token.

    Raises:
        InvalidInput: naming it, and where it leads.
    """
    for name in project.names:
        path = project.path(name)
        if path.is_symlink():
            raise InvalidInput(
                f"{path} is a link to {path.resolve()}. Nothing was written.",
                next_step="Remove the link, or name the file that it leads to with --output.",
            )


def read_file(path: Path) -> tuple[bytes, str] | None:
    """Return the bytes and text of a file, None where there is none.

    Raises:
        InvalidInput: it cannot be read, or is no text.
    """
    from companion.project_files import text_of

    try:
        return text_of(path)
    except UnicodeDecodeError:
        why = "It is no text in UTF-8."
    except OSError as failure:
        why = f"{failure.strerror or 'It cannot be read'}."
    raise InvalidInput(f"{path} could not be read.", why=why, next_step="Move it away, or correct it, and try again.")


def write_files(placements: Iterable[Placement]) -> None:
    """Write all of them, or none.

    Raises:
        Conflict: a file has come meanwhile.
        StorageFailed: one cannot be written.
    """
    from companion.project_files import place

    try:
        place(list(placements))
    except FileExistsError as failure:
        raise already_there(Path(failure.filename2 or failure.filename or "a file")) from None
    except OSError as failure:
        raise StorageFailed(
            f"The file could not be written: {failure.strerror or type(failure).__name__}.",
            why="Nothing was left behind.",
            next_step="Make room, or choose another place with --output.",
        ) from None


def already_there(path: Path) -> Conflict:
    """Return the error for a file that would be overwritten."""
    return Conflict(
        f"There is already a file {path}.",
        why="It was left as it is.",
        next_step="Say --force to put the connection into it; what else it says is kept.",
    )


def _same(name: str, one: str, other: str) -> bool:
    if not name.endswith(".json"):
        return one == other
    try:
        return bool(json.loads(one) == json.loads(other))
    except (ValueError, RecursionError):
        return False
