"""The port to who people are."""

from __future__ import annotations

from typing import Protocol

from companion.core.people import Person
from companion.core.secret import Secret


class Identities(Protocol):
    """Says who an assertion is about."""

    def person(self, assertion: Secret) -> Person:
        """Verify an assertion, and say who it is about.

        Raises:
            NotAuthorized: it is none that counts.
            NotAllowed: it names a person who has no role here.
            IdentityUnavailable: whether it counts cannot be said now.
        """
        ...
