"""Text that a command takes from its arguments, from a file or from standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from companion.core.errors import InvalidInput

LONGEST = 1024 * 1024
"""Characters, unless a command takes more."""


def text_from(argument: str, what: str, *, longest: int = LONGEST) -> str:
    """Return `argument` itself, the content of FILE for `@FILE`, or standard input for `-`.

    Args:
        what: names it in errors.
        longest: characters; what the service takes.

    Raises:
        InvalidInput: the file cannot be read, is no text, or is longer than `longest`.
    """
    try:
        if argument == "-":
            return _bounded(sys.stdin.read(longest + 1), what, longest)
        if argument.startswith("@"):
            with Path(argument[1:]).open("rb") as file:
                return _bounded(file.read(longest + 1).decode("utf-8"), what, longest)
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "it is not UTF-8 text"
        raise InvalidInput(f"{what} could not be read: {reason}.", next_step="Check the path after @.") from None
    return argument


def _bounded(text: str, what: str, longest: int) -> str:
    if len(text) > longest:
        raise InvalidInput(f"{what} is longer than {longest // 1024} KiB.", next_step="Send a shorter one.")
    return text
