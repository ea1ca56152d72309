"""The random end of an API account's name, by which it is told from all others."""

from __future__ import annotations

import hashlib

LENGTH = 10
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def has_end(name: str) -> bool:
    """Whether a name has a random end, so that no other text in a list can be the same by chance."""
    begins, _, end = name.rpartition(" ")
    return bool(begins) and len(end) == LENGTH and set(end) <= set(LETTERS)


def with_next_end(name: str) -> str:
    """Return the name with another end, which nobody can guess who does not know this one.

    Drawn from the end that it has, so that a decision that is taken again gives the same name.
    """
    digest = hashlib.sha256(name.encode()).digest()
    end = "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:LENGTH])
    return f"{name.rpartition(' ')[0] or name} {end}"
