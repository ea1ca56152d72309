"""Cuts out of foreign text what may be a credential: an echo of BigCommerce, or of a page, may hold one."""

from __future__ import annotations

import re

# JWTs, and runs of letters and digits as long as tokens and client ids are (30 and more seen; no length is promised).
_MAYBE_SECRET = re.compile(r"(?:eyJ[A-Za-z0-9_\-]*|[A-Za-z0-9_\-]{24,})(?:\.[A-Za-z0-9_\-]+)*")

# A label of a file of credentials, a JWT, or as many letters and digits in one as a token has: what no name, no address
# and no hash of a store is.
_LIKE_SECRET = re.compile(
    r"(?:access[\s_-]*token|client[\s_-]*secret)[\"'`]?\s*[:=]|(?-i:eyJ)[\w\-]{8}|"
    r"(?<![a-z0-9])(?=[a-z]*[0-9])(?=[0-9]*[a-z])[a-z0-9]{28}",
    re.IGNORECASE,
)


def looks_like_secret(text: str) -> bool:
    """Say whether a credential seems to stand in a text that was refused, as after a paste into the wrong field."""
    return _LIKE_SECRET.search(text) is not None


def redacted(text: str, *, longest: int = 300) -> str:
    """Return the text on one line, without what may be a credential, at most `longest` characters long."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    shown = _MAYBE_SECRET.sub("…", " ".join(shown.split()))
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"
