"""Which names in a data folder this program gives, so that nothing else is ever removed from one; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

# What says where the rest is stands last: who is stopped halfway can begin again.
LAST = ("keys.json", "installed.json")

FILES = frozenset({
    ".keys.lock",
    ".schema.lock",
    "api-token",
    "aws-kms-keys.json",
    "companion.sqlite3",
    "companion.sqlite3-journal",
    "companion.sqlite3-shm",
    "companion.sqlite3-wal",
    "database-made",
    "panel-controls.json",
    "passphrase-keys.json",
    "service.json",
    "service.lock",
    "sign-in.html",
    *LAST,
})  # fmt: skip
_COPIES = re.compile(
    r"companion\.sqlite3\.(before-migration-from-[0-9a-z]+(\.part)?(-journal|-wal|-shm)?|damaged-log-[0-9a-f]+)"
)
FOLDERS = {
    "accounts-under-way": re.compile(r"[0-9a-f]{16}\.(json|lock)"),
    "locks": re.compile(r"[0-9]{2}\.lock"),
    "temporary-files": re.compile(r"[0-9a-f]{16}\.(json|lock)"),
}
# What a kill leaves of a file that was being written; see `companion.private_files`.
_UNFINISHED = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}\.new")


def is_ours(parts: Sequence[str]) -> bool:
    """Say whether this program gives this name in a data folder.

    Args:
        parts: of the path below the data folder: a file's, or a folder's.
    """
    match tuple(parts):
        case (name,):
            return name in FOLDERS or _is_file(name, lambda plain: plain in FILES or bool(_COPIES.fullmatch(plain)))
        case (folder, name) if folder in FOLDERS:
            return _is_file(name, lambda plain: bool(FOLDERS[folder].fullmatch(plain)))
    return False


def _is_file(name: str, is_known: Callable[[str], bool]) -> bool:
    unfinished = _UNFINISHED.fullmatch(name)
    return is_known(name) or (unfinished is not None and is_known(unfinished["name"]))
