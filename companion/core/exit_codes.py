"""The exit codes of the program; imports nothing, so that everything may import it."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command ends with; listed for users in the README."""

    DONE = 0
    UNEXPECTED = 1
    INVALID_INPUT = 2
    SIGN_IN_NEEDED = 3
    STEP_FAILED = 4
    UNREACHABLE_OR_LOCKED = 5
    CREDENTIALS_REFUSED = 6
    NOT_FOUND = 7
    CONFLICT = 8
    ATTENTION_DUE = 9
    TRY_LATER = 10
    INTERRUPTED = 130
