"""The users whose stores a batch connects: what they sign in with, their sessions, and what stops all rows of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from automation.core.errors import SignInNeeded
from automation.core.flows.retrieval import StepId
from automation.core.session_cookies import cookies_of
from automation.runners.unattended import SignIn
from companion.core.errors import CompanionError
from companion.core.secret import Secret

if TYPE_CHECKING:
    from playwright.sync_api import StorageState


@dataclass
class User:
    """One user, and what is known of their session.

    Attributes:
        state: the cookies of their session; in memory alone.
        signing_in: whether one of their rows is at it; the others wait.
        begins_with: the state of a kept session, until it turns out to have ended.
        refused: the failure that stops every further row of theirs.
    """

    sign_in: SignIn | None
    state: StorageState | None = None
    signing_in: bool = False
    begins_with: StorageState | None = None
    refused: CompanionError | None = None

    def stopped(self, email: str | None) -> CompanionError | None:
        """Return why a row of this user is not tried; None where it is.

        Args:
            email: as the row has it.
        """
        if self.refused is not None:
            return SignInNeeded(
                "Not tried: an earlier sign-in of this user was refused, or not answered.",
                why="Six refusals lock a user.",
                next_step="Mend what that row says, and run it again: it goes on where it stopped.",
                step=StepId.SIGN_IN,
            )
        if self.sign_in is None:
            return SignInNeeded(
                f"There is nothing to sign in with for {email or 'this row'}.",
                next_step="Set BIGCOMMERCE_EMAIL and BIGCOMMERCE_PASSWORD for this user, and run it again: rows that "
                "are connected are not touched.",
                step=StepId.SIGN_IN,
            )
        return None


def users_of(sign_ins: Mapping[str, SignIn | None], sessions: Mapping[str, Secret]) -> dict[str, User]:
    """Return the users by e-mail address in lower case, empty for the one of the environment, who may be named, too."""
    users = {email: _user(email, sign_in, sessions.get(email)) for email, sign_in in sign_ins.items()}
    own = sign_ins.get("")
    if own is not None and own.email is not None and own.email.lower() in users:
        users[""] = users[own.email.lower()]  # named in some rows and not in others
    return users


def _user(email: str, sign_in: SignIn | None, session: Secret | None) -> User:
    if session is None:
        return User(sign_in)
    state: Any = {"cookies": cookies_of(session), "origins": []}
    return User(sign_in or SignIn(email or None, None), state, begins_with=state)
