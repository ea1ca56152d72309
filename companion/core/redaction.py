"""Cuts out of foreign text what may be a credential: an echo of BigCommerce, or of a page, may hold one."""

from __future__ import annotations

import re

# JWTs, and runs of letters and digits as long as tokens and client ids are (30 and more seen; no length is promised).
_MAYBE_SECRET = re.compile(r"(?:eyJ[A-Za-z0-9_\-]*|[A-Za-z0-9_\-]{24,})(?:\.[A-Za-z0-9_\-]+)*")


def redacted(text: str, *, longest: int = 300) -> str:
    """Return the text on one line, without what may be a credential, at most `longest` characters long."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    shown = _MAYBE_SECRET.sub("…", " ".join(shown.split()))
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"
