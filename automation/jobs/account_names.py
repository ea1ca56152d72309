"""Names for new API accounts, which no other bears: their end is random, so that each can be told from all others."""

from __future__ import annotations

import secrets

from automation.core.account_ends import LENGTH, LETTERS, has_end
from companion.core.errors import FieldError, InvalidInput

MAX_ACCOUNT_NAME = 80


def api_account_name_from(prefix: str) -> str:
    """Return a name for a new API account that no other bears: the prefix and ten random letters.

    Raises:
        InvalidInput: the prefix is blank, too long, or cannot be shown.
    """
    given = " ".join(prefix.split())
    if not given or not given.isprintable() or len(given) > MAX_ACCOUNT_NAME:
        detail = f"The name of an API account begins with 1 to {MAX_ACCOUNT_NAME} characters that can be shown."
        raise InvalidInput(
            "The name for the API account cannot be used.",
            why=detail,
            next_step="Choose another one with --api-account-name.",
            fields=(FieldError("/api_account_name", detail),),
        )
    return f"{given} {_suffix()}"


def with_another_end(name: str) -> str:
    """Return the name with its random end drawn anew, for a second API account of the same run."""
    return f"{name.rpartition(' ')[0] or name} {_suffix()}"


def name_of_successor(name: str) -> str:
    """Return a name for the API account that takes the place of the one with this name.

    A random end of ours is drawn anew; any other name gets one.
    """
    begins = name.rpartition(" ")[0] if has_end(name) else name
    return f"{begins[:MAX_ACCOUNT_NAME].rstrip()} {_suffix()}"


def _suffix() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
