"""Text that a command takes from its arguments, from a file or from standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from companion.core.errors import InvalidInput

LONGEST = 1024 * 1024
"""Characters; the service takes no more."""


def text_from(argument: str, what: str) -> str:
    """Return `argument` itself, the content of FILE for `@FILE`, or standard input for `-`.

    Args:
        what: names it in errors.

    Raises:
        InvalidInput: the file cannot be read, is no text, or is longer than `LONGEST`.
    """
    try:
        if argument == "-":
            return _bounded(sys.stdin.read(LONGEST + 1), what)
        if argument.startswith("@"):
            with Path(argument[1:]).open("rb") as file:
                return _bounded(file.read(LONGEST + 1).decode("utf-8"), what)
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "it is not UTF-8 text"
        raise InvalidInput(f"{what} could not be read: {reason}.", next_step="Check the path after @.") from None
    return argument


def _bounded(text: str, what: str) -> str:
    if len(text) > LONGEST:
        raise InvalidInput(f"{what} is longer than {LONGEST // 1024} KiB.", next_step="Send a shorter one.")
    return text
