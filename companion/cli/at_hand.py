"""Which connection is meant where NAME is left out."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from companion.core.errors import InvalidInput, InvalidSetting

if TYPE_CHECKING:
    from companion.settings import Settings

PROJECT_FILE = ".companion.toml"


def connection_at_hand(name: str | None, settings: Settings, folder: Path | None = None) -> str:
    """Return `name`, else what COMPANION_CONNECTION, the project's `.companion.toml` or `config.toml` says.

    Args:
        folder: where the search for `.companion.toml` starts and goes upwards; the current folder if None.

    Raises:
        InvalidInput: none of them names one.
        InvalidSetting: the project's file cannot be read.
    """
    given = name or os.environ.get("COMPANION_CONNECTION") or _of_project(folder or Path.cwd()) or settings.connection
    if not given:
        raise InvalidInput(
            "No connection is named.",
            next_step='Give its NAME, set COMPANION_CONNECTION, or write `connection = "NAME"` into a '
            f"{PROJECT_FILE} in your project.",
        )
    return given


def _of_project(folder: Path) -> str | None:
    for place in (folder, *folder.parents):
        file = place / PROJECT_FILE
        try:
            text = file.read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, UnicodeDecodeError):
            raise _unreadable(file, "It cannot be read.") from None
        try:
            name = tomllib.loads(text).get("connection")
        except tomllib.TOMLDecodeError as malformed:
            raise _unreadable(file, f"It is not TOML: {malformed}.") from None
        except RecursionError:
            raise _unreadable(file, "It is nested too deep.") from None
        if name is not None and not isinstance(name, str):
            raise _unreadable(file, "`connection` is not a text.")
        return name
    return None


def _unreadable(file: Path, why: str) -> InvalidSetting:
    return InvalidSetting(
        f"{file} does not say which connection to use.", why=why, next_step='It needs a line: connection = "NAME"'
    )
