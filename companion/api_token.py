"""The API token of a data folder: made at the first start, kept in a file that this user alone can read."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from companion.core.entropy import Entropy
from companion.core.errors import StorageFailed
from companion.core.secret import Secret
from companion.private_files import FILE_MODE, create_private_file, make_private_folder

TOKEN_BYTES = 32
_SHORTEST = 32


def api_token(file: Path, entropy: Entropy = os.urandom) -> Secret:
    """Return the token in `file`; make it where it is missing. A file that others can read is narrowed.

    Raises:
        StorageFailed: the file cannot be read or written, or holds no token.
    """
    try:
        if not file.exists():
            make_private_folder(file.parent)
            with contextlib.suppress(FileExistsError):  # another process was first
                create_private_file(file, entropy(TOKEN_BYTES).hex().encode() + b"\n")
        if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) != FILE_MODE:
            file.chmod(FILE_MODE)
    except OSError as failure:
        raise _unusable(file, failure.strerror or "it cannot be written") from None
    token = kept_token(file)
    if len(token.reveal()) < _SHORTEST or not token.reveal().isalnum():
        raise _unusable(file, "it holds no token")
    return token


def kept_token(file: Path) -> Secret:
    """Return the token that `file` holds, of whatever form.

    Raises:
        StorageFailed: the file cannot be read, or is empty.
    """
    try:
        text = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) and failure.strerror else "it is not text"
        raise _unusable(file, reason) from None
    if not text:
        raise _unusable(file, "it is empty")
    return Secret(text)


def _unusable(file: Path, reason: str) -> StorageFailed:
    return StorageFailed(
        f"The API token in {file} could not be used: {reason}.",
        next_step="Check the file and its folder; delete the file and a new token is made at the next start.",
    )
