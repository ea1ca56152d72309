"""Looks for secrets in all that a run leaves behind, in the spellings in which files hold text."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote


def spellings(secret: str) -> set[bytes]:
    """Return the bytes by which `secret` shows: plain, UTF-16, hexadecimal, percent-encoded, base64 at any offset."""
    plain = secret.encode()
    found = {
        plain,
        secret.encode("utf-16-le"),
        plain.hex().encode(),
        plain.hex().upper().encode(),
        quote(secret).encode(),
    }
    for offset in range(3):
        # What stands before shifts the letters; only those that depend on the secret alone are looked for.
        encoded = base64.b64encode(b"\0" * offset + plain)
        found.add(encoded[(offset * 8 + 5) // 6 : len(encoded) - 4])
    return found


def sightings(secrets: Iterable[str], texts: dict[str, str], folders: Iterable[Path]) -> list[str]:
    """Return where any of `secrets` is seen; never the secret itself.

    Args:
        texts: by name, such as standard output.
        folders: searched with all below them; names count too.
    """
    wanted = {spelling for secret in secrets for spelling in spellings(secret)}
    seen = [name for name, text in texts.items() if _holds(text.encode(), wanted)]
    for path in _all_below(folders):
        name_is_fine = not _holds(str(path).encode("utf-8", "surrogateescape"), wanted)
        if not name_is_fine or (path.is_file() and not path.is_symlink() and _holds(path.read_bytes(), wanted)):
            seen.append(str(path))
    return seen


def _all_below(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.rglob("*"))


def _holds(content: bytes, wanted: set[bytes]) -> bool:
    return any(spelling in content for spelling in wanted)
