"""Sessions of the web page: begun by a link that works once, ended by a quarter of an hour without use."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from companion.core.secret import Secret
from companion.core.timestamps import MOST_SET_BACK

SECRET_BYTES = 32
LINK_LIFE = timedelta(minutes=5)
IDLE_LIFE = timedelta(minutes=15)
LONGEST_LIFE = timedelta(hours=12)
CONFIRMED_FOR = timedelta(minutes=5)
"""How long after signing in, or doing it again, what needs that anew may be done."""

SEEN_APART = timedelta(seconds=30)
"""A use is not written more often than this; so a session may end this much early, never late."""

_SECRET = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class WebSession:
    """A session as it is stored: the text in the cookie is not, so that a copy of the database opens nothing.

    Attributes:
        session_hash: `hash_of_session` of its text; 32 bytes.
        began_at: when a link was spent on it; a link spent once more begins another session.
        seen_at: when it was used last, to `SEEN_APART`.
        confirmed_at: when its user last proved who it is: by the link, or by the passphrase since.
    """

    session_hash: bytes
    began_at: datetime
    seen_at: datetime
    confirmed_at: datetime

    @property
    def id(self) -> str:
        """What names it on the page and opens nothing: half of its hash, as 32 hexadecimal digits."""
        return self.session_hash[:16].hex()

    def is_open(self, now: datetime) -> bool:
        """Say whether it has been used of late, and is not too old; with a clock set back since, nobody knows."""
        return self.seen_at - MOST_SET_BACK <= now < self.seen_at + IDLE_LIFE and now < self.began_at + LONGEST_LIFE

    def is_confirmed(self, now: datetime) -> bool:
        """Say whether its user proved who it is a moment ago."""
        return self.confirmed_at - MOST_SET_BACK <= now < self.confirmed_at + CONFIRMED_FOR

    def is_to_be_noted(self, now: datetime) -> bool:
        """Say whether this use is to be written."""
        return now >= self.seen_at + SEEN_APART


def is_secret_text(text: str) -> bool:
    """Say whether `text` has the form of a link's or a session's secret."""
    return _SECRET.fullmatch(text) is not None


def hash_of_link(text: Secret) -> bytes:
    """Return the 32 bytes by which a link is looked up. It has 256 random bits, so no slow hash is needed."""
    return _hash(b"sign-in link", text)


def hash_of_session(text: Secret) -> bytes:
    """Return the 32 bytes by which a session is looked up."""
    return _hash(b"web session", text)


def cookie_name(port: str) -> str:
    """Return the name of the session's cookie: cookies ignore ports, so that two services would share one name."""
    return f"companion-session-{port}"


def _hash(kind: bytes, text: Secret) -> bytes:
    return hashlib.sha256(b"bigcommerce-companion " + kind + b"\0" + text.reveal().encode()).digest()
