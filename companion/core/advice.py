"""Advice that was written for whichever connection, said of one; pure."""

from __future__ import annotations

import re
import shlex

from companion.core.errors import Explained

# The word that stands for a connection in a command, as in `companion verify NAME`.
_PLACEHOLDER = re.compile(r"(`companion [a-z -]+ )NAME\b")


def advice_for(text: str, name: str) -> str:
    """Return `text` with the connection's name in the commands that it advises, quoted as a shell needs it."""
    return _PLACEHOLDER.sub(lambda found: found[1] + shlex.quote(name), text) if "NAME" in text else text


def explained_for(explained: Explained, name: str) -> Explained:
    """Return the same of a failure with this connection."""
    return Explained(explained.what, advice_for(explained.why, name), advice_for(explained.next_step, name))
