"""Which text shows as it is written; pure."""

from __future__ import annotations

import unicodedata

# Embeddings, overrides and isolates: they turn the direction of what follows, so that another name is read. Text in
# scripts that are written from right to left needs none of them.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def shows_as_written(text: str) -> bool:
    """Say whether `text` holds no control character, half a surrogate pair, line separator or turn of direction."""
    if text.isascii() and text.isprintable():
        return True
    return not any(
        character in _TURNING or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text
    )
