"""Sessions of the web page: a link is made for the user, spent on a session, and the session ends."""

from __future__ import annotations

from datetime import datetime

from companion.core.audit_actions import AuditAction
from companion.core.errors import Conflict, NotAuthorized
from companion.core.secret import Secret
from companion.core.web_sessions import (
    LINK_LIFE,
    SECRET_BYTES,
    WebSession,
    hash_of_link,
    hash_of_session,
    is_secret_text,
)
from companion.service.audit import tell, telling
from companion.service.parts import Parts


def issue_link(parts: Parts) -> tuple[Secret, datetime]:
    """Make a link's secret, good once and for five minutes; returns it and its end."""
    now = parts.clock()
    text = Secret(parts.entropy(SECRET_BYTES).hex())
    parts.repository.add_sign_in_link(hash_of_link(text), expires_at=now + LINK_LIFE, now=now)
    return text, now + LINK_LIFE


def sign_in(parts: Parts, link: str, *, instead_of: str | None = None) -> Secret:
    """Spend a link on a new session; returns the session's text.

    Args:
        instead_of: the session that the same browser had before, which ends.

    Raises:
        NotAuthorized: it was spent, has expired, or is none.
    """
    now = parts.clock()
    text = Secret(parts.entropy(SECRET_BYTES).hex())
    session = WebSession(hash_of_session(text), began_at=now, seen_at=now, confirmed_at=now)
    if not is_secret_text(link) or not parts.repository.spend_sign_in_link(hash_of_link(Secret(link)), session):
        parts.refused_links.count()
        raise NotAuthorized(
            "This sign-in link is not valid.",
            why="It works once, and for five minutes.",
            next_step="Run `companion open` for a new one.",
        )
    if instead_of is not None:
        sign_out(parts, instead_of)
    return text


def open_session(parts: Parts, text: str) -> WebSession | None:
    """Return the session with this text and note that it is used; None where it has ended, or is none."""
    if not is_secret_text(text):
        return None
    session = parts.repository.web_session(hash_of_session(Secret(text)))
    now = parts.clock()
    if session is None or not session.is_open(now):
        return None
    if session.is_to_be_noted(now):
        parts.repository.note_web_session(session.session_hash, now)
    return session


def open_sessions(parts: Parts) -> tuple[WebSession, ...]:
    """Return the sessions that have not ended, the one that was used last first."""
    now = parts.clock()
    return tuple(each for each in parts.repository.web_sessions() if each.is_open(now))


def end_session(parts: Parts, session_id: str) -> None:
    """End the session with this id, if there is one; a link that was not spent stays."""
    found = next((each for each in parts.repository.web_sessions() if each.id == session_id), None)
    if found is not None and parts.repository.drop_web_session(found.session_hash):
        tell(parts, AuditAction.SIGN_OUT, detail="another session")


def confirm(parts: Parts, session: WebSession, passphrase: Secret) -> None:
    """Let the user of a session prove with the passphrase of the keys who it is.

    Raises:
        Conflict: the keys are not sealed under a passphrase; a new sign-in link does it.
        WrongPassphrase, TooManyTries: as `Unlocking.unlock`.
    """
    if parts.unlocking is None:
        raise Conflict(
            "The keys of this service are not sealed under a passphrase.",
            next_step="Run `companion open` and sign in with the new link.",
        )
    with telling(parts, AuditAction.CONFIRM):
        parts.unlocking.unlock(passphrase)
    parts.repository.confirm_web_session(session.session_hash, parts.clock())


def sign_out(parts: Parts, text: str) -> None:
    """End the session with this text, if there is one."""
    if is_secret_text(text) and parts.repository.drop_web_session(hash_of_session(Secret(text))):
        tell(parts, AuditAction.SIGN_OUT)


def sign_out_everywhere(parts: Parts) -> int:
    """End all sessions and all links that were not spent; returns how many sessions there were."""
    ended = parts.repository.drop_web_sessions(parts.clock())
    tell(parts, AuditAction.SIGN_OUT, detail=f"everywhere: {ended} sessions")
    return ended
