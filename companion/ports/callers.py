"""The ports to who may call the service: API tokens and sessions of the web page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from companion.core.api_tokens import ApiToken
from companion.core.web_sessions import WebSession


class CallerRepository(Protocol):
    """Who may call the service. Every method raises `StorageFailed` where the storage cannot be read or written."""

    def add_api_token(self, token: ApiToken, *, now: datetime) -> None:
        """Store a new token, in place of one with its name that has expired.

        Raises:
            Conflict: another token has this name, ignoring case, and lives.
        """
        ...

    def api_token(self, token_id: str) -> ApiToken | None:
        """Return a token, expired ones too; None where there is none."""
        ...

    def api_tokens(self) -> tuple[ApiToken, ...]:
        """Return all tokens in the order they were made, expired ones too."""
        ...

    def note_uses_of_api_tokens(self, uses: Mapping[str, datetime]) -> None:
        """Keep when these tokens were used last; ids that are gone by now are passed over."""
        ...

    def drop_api_token(self, token_id: str) -> ApiToken | None:
        """Delete one token; returns what it was, None where there was none."""
        ...

    def drop_api_tokens(self) -> tuple[ApiToken, ...]:
        """Delete all tokens; returns what they were."""
        ...


class WebSessionRepository(Protocol):
    """Sessions of the web page, and the links that begin them.

    Every method raises `StorageFailed` where the storage cannot be read or written.
    """

    def add_sign_in_link(self, link_hash: bytes, *, expires_at: datetime, now: datetime) -> None:
        """Store a new link; those that have expired are dropped."""
        ...

    def spend_sign_in_link(self, link_hash: bytes, session: WebSession) -> bool:
        """Delete the link and store the session that it begins; those that have ended are dropped.

        Returns:
            Whether it was there and had not expired by the time that the session begins; else nothing was changed.
        """
        ...

    def web_session(self, session_hash: bytes) -> WebSession | None:
        """Return a session, one that has ended too; None where there is none."""
        ...

    def web_sessions(self) -> tuple[WebSession, ...]:
        """Return all sessions that are stored, those that have ended too; the one that was used last first."""
        ...

    def note_web_session(self, session_hash: bytes, seen_at: datetime) -> None:
        """Keep when a session was used last, if it is there."""
        ...

    def confirm_web_session(self, session_hash: bytes, confirmed_at: datetime) -> None:
        """Keep when the user of a session last proved who it is, if the session is there."""
        ...

    def drop_web_session(self, session_hash: bytes) -> bool:
        """End a session; returns whether it was there."""
        ...

    def drop_web_sessions(self, now: datetime) -> int:
        """End all sessions and links; returns how many of the sessions were open."""
        ...
