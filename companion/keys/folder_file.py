"""`keys.json` in a data folder: its provider, its random id, and the record by which a wrong key is noticed."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion.core.errors import KeysUnavailable
from companion.private_files import create_private_file, replace_private_file

FILE_NAME = "keys.json"
LOCK_NAME = ".keys.lock"

_FORMAT = 1
_FOLDER_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Choice:
    """What `keys.json` says.

    Attributes:
        key_check: `key_check_record` under the key that was active when this was written.
        left: provider and place of the keys before a move that has not come to its end; None where there is none.
    """

    provider: str
    folder_id: str
    key_check: bytes
    left: tuple[str, str] | None = None


def read_choice(data_dir: Path) -> Choice | None:
    """Return what the data folder says of its keys; None where it says nothing yet.

    Raises:
        KeysUnavailable: the file is damaged, or of a newer version.
        OSError: it cannot be read.
    """
    file = data_dir / FILE_NAME
    try:
        return choice_from_text(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        raise KeysUnavailable(
            f"{file} cannot be read.",
            why="It is damaged, or was written by a newer version of this program.",
            next_step="Put it back from a backup. Nothing was changed.",
        ) from None


def choice_from_text(text: str | bytes) -> Choice:
    """Read what `choice_to_text` wrote. Raises `ValueError`: it is something else."""
    try:
        content: Any = json.loads(text)
        left = content.get("left")
        choice = Choice(
            content["provider"],
            content["folder_id"],
            base64.b64decode(content["key_check"], validate=True),
            None if left is None else (left["provider"], left["place"]),
        )
        sound = content["format"] == _FORMAT and isinstance(choice.provider, str)
        sound = sound and _FOLDER_ID.fullmatch(choice.folder_id) is not None
        sound = sound and all(isinstance(part, str) for part in choice.left or ())
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, RecursionError):
        sound = False
    if not sound:
        raise ValueError("no choice of keys")
    return choice


def choice_to_text(choice: Choice) -> str:
    """Return the text of `keys.json`."""
    content: dict[str, Any] = {
        "format": _FORMAT,
        "folder_id": choice.folder_id,
        "provider": choice.provider,
        "key_check": base64.b64encode(choice.key_check).decode(),
    }
    if choice.left is not None:
        content["left"] = {"provider": choice.left[0], "place": choice.left[1]}
    return json.dumps(content, indent=1)


def write_choice(data_dir: Path, choice: Choice, *, is_new: bool) -> None:
    """Write `keys.json`, as a whole and durably.

    Raises:
        FileExistsError: it is to be new, and there is one.
        OSError: it cannot be written; what was there is there still.
    """
    write = create_private_file if is_new else replace_private_file
    write(data_dir / FILE_NAME, choice_to_text(choice).encode())


def signature(data_dir: Path) -> tuple[int, int, int] | None:
    """Return what changes whenever `keys.json` is written; None where it cannot be looked at."""
    try:
        # Asked before every sealing; to join Paths takes as long as to ask.
        status = os.stat(f"{data_dir}{os.sep}{FILE_NAME}")  # noqa: PTH116
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
