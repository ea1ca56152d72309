"""Where randomness comes from: handed in, so that a test can reproduce what was made with it."""

from __future__ import annotations

from typing import Protocol


class Entropy(Protocol):
    """A source of randomness: how many bytes -> that many random bytes. `os.urandom` is one."""

    def __call__(self, count: int, /) -> bytes:
        """Return `count` random bytes."""
        ...
