"""The kept browser session of the user who signs in, for every command that signs in unattended."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from companion.core.errors import CompanionError

if TYPE_CHECKING:
    from automation.jobs.kept_session import WithSession
    from automation.jobs.reports import RetrievalReport
    from automation.ports import SessionKeeper
    from companion.settings import Settings


def keeper_of(settings: Settings) -> SessionKeeper:
    """Return what keeps the sessions of this data folder."""
    from companion.cli.kept_sessions import LocalSessions

    return LocalSessions(settings)


@contextlib.contextmanager
def kept_session(
    settings: Settings,
    email: str | None,
    note: Callable[[str], None],
    *,
    usable: bool = True,
    keep: bool = False,
) -> Iterator[WithSession]:
    """Give what is around a job in the control panel: a browser that begins with the user's kept session, if any.

    A session that turns out to have ended is dropped; the job then signs in.

    Args:
        email: whose session; None takes the only one that is kept.
        note: told what becomes of the session.
        usable: whether a kept one is used at all.
        keep: whether the session of the job is wanted, for `keep_session`.
    """
    from automation.jobs.kept_session import WithSession

    sessions = keeper_of(settings)
    around = WithSession(sessions.load(email) if usable else None, keep=keep)
    try:
        yield around
    except CompanionError as failure:
        if around.is_over(failure):
            drop_session(sessions, email, note)
        raise
    if around.is_over():
        drop_session(sessions, email, note)


def drop_session(sessions: SessionKeeper, email: str | None, note: Callable[[str], None]) -> None:
    """Drop a session that has ended; whatever goes wrong with that, it is not used any more."""
    try:
        sessions.drop(email)
    except CompanionError as failure:
        note(f"The kept browser session is not used any more, and could not be dropped. {failure.explained.what}")
    else:
        note("The kept browser session had ended; it was dropped.")


def keep_session(
    settings: Settings,
    email: str | None,
    report: RetrievalReport,
    around: WithSession,
    note: Callable[[str], None],
) -> None:
    """Keep the session of a run that made a connection; whatever goes wrong here, the connection is made."""
    if report.connection["status"] == "broken":
        return
    session = around.session_of_run
    if session is None:
        note("The browser session of this run was not kept: either the kept one was used, or none could be read.")
        return
    try:
        ends_at = keeper_of(settings).save(email, report.connection["id"], session)
    except CompanionError as failure:
        note(f"The browser session could not be kept. {failure.explained.what}")
        return
    note(
        f"The browser session is kept, sealed, until {ends_at:%Y-%m-%d %H:%M} UTC at the latest. It opens every store "
        f"of this user, not only this one. It goes with the connection {report.connection['name']!r}; "
        "`companion connect --forget` drops it."
    )
