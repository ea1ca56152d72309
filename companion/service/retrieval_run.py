"""One retrieval while it goes on: what its process tells, what is left to do after it, and who follows it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from companion.core.audit import DONE, Told
from companion.core.connection import Connection, Status
from companion.core.errors import CompanionError
from companion.core.retrieval import CANCELLED, Retrieval, RetrievalState, after, lost, over
from companion.core.retrieval_changes import Change, Changes
from companion.core.retrieval_events import Ended, Event, Failure, Says, StepOver
from companion.core.retrieval_steps import HAND_OVER, VERIFY
from companion.core.secret import Secret
from companion.service import verify
from companion.service.audit import acting, teller
from companion.service.parts import Parts
from companion.service.subdomain import with_subdomain_looked_up

if TYPE_CHECKING:
    from companion.ports.browser_jobs import BrowserJob

_BEAT_SECONDS = 1.0
"""How soon it is noticed that who followed is gone, and their place is free."""


class RetrievalRun:
    """A retrieval, and what drives it.

    Args:
        changed: held while anything of it is read or changed, and told of each change.
        begun: who started it, and what is recorded of it at its end.
        email: of whom the service signs in; None where that is not known.

    Attributes:
        job: None until it is started.
        handed_over: the id of the connection that was stored; None before.
    """

    def __init__(
        self,
        parts: Parts,
        changed: threading.Condition,
        retrieval: Retrieval,
        proof_key: Secret,
        begun: Told,
        email: str | None,
    ) -> None:
        self._parts = parts
        self._changed = changed
        self._changes = Changes(retrieval)
        self._begun = begun
        self._email = email
        self.proof_key = proof_key
        self.job: BrowserJob | None = None
        self.handed_over: str | None = None

    @property
    def retrieval(self) -> Retrieval:
        """The retrieval as it is now."""
        return self._changes.retrieval

    def become(self, retrieval: Retrieval) -> None:
        """Take in what it is from now on, and tell who follows it."""
        with self._changed:
            if self._changes.become(retrieval):
                self._changed.notify_all()

    def heard(self, event: Event) -> None:
        """Take in what the process tells."""
        with self._changed:
            if isinstance(event, Ended) and event.failure is None:
                self.handed_over = event.connection_id
            self.become(after(self.retrieval, event, self._parts.clock()))
        if isinstance(event, Ended) and event.session_over:
            self._drop_session()

    def gone(self) -> None:
        """See to what is left to do once nothing of the process runs any more."""
        acting(self._begun.who)
        retrieval = self.retrieval
        if not retrieval.state.is_over:
            connection = self._stored()
            if connection is None:
                self._end(_failure(retrieval))
            else:
                self.handed_over = connection.id
                self._prove(connection)
        self._record()

    def followed(self, closing: Callable[[], bool], last: int, seconds: float) -> Iterator[Change | None]:
        """Yield each change after the change `last`, and None now and then, until the end or for so long."""
        end = time.monotonic() + seconds
        while True:
            with self._changed:
                new = self._changes.since(last)
                is_over = self.retrieval.state.is_over
                if not new and not is_over and not closing():
                    self._changed.wait(min(_BEAT_SECONDS, max(end - time.monotonic(), 0)))
                    new = self._changes.since(last)
            yield from new
            last = new[-1].number if new else last
            if (is_over and not new) or closing() or time.monotonic() >= end:
                return
            if not new:
                yield None

    def _stored(self) -> Connection | None:
        """Return the connection that was handed over, also where the process could not tell of it any more."""
        try:
            if self.handed_over is not None:
                return self._parts.repository.get(self.handed_over)
            if self.retrieval.status_of(HAND_OVER) == "done":
                return self._parts.repository.find(self.retrieval.wanted.name)
        except CompanionError:
            return None
        return None

    def _prove(self, connection: Connection) -> None:
        began = self._parts.clock()
        status, line = "done", ""
        try:
            connection = with_subdomain_looked_up(self._parts, connection)
            connection = verify.verify_connection(self._parts, connection.id)
            if connection.status is Status.BROKEN:
                status, line = "failed", "The connection is stored, and does not work; its page says why."
        except CompanionError as failure:
            status, line = "failed", f"The connection is stored, but could not be proven now. {failure}"
        now = self._parts.clock()
        known = replace(self.retrieval, connection_id=connection.id)
        if line:
            known = after(known, Says(line), now)
        known = after(known, StepOver(VERIFY, status, (now - began).total_seconds()), now)
        self.become(over(known, now))

    def _end(self, failure: Failure) -> None:
        named = () if self.retrieval.may_exist is None else (self.retrieval.may_exist,)
        ended = over(self.retrieval, self._parts.clock(), failure)
        self.become(replace(ended, created=ended.created or named))

    def _record(self) -> None:
        retrieval, deed = self.retrieval, self._begun.deed
        outcome = DONE if retrieval.failure is None else retrieval.failure.code
        told = replace(deed, connection_id=retrieval.connection_id or deed.connection_id, outcome=outcome)
        self._parts.noted.note(teller(self._parts.clock, told))

    def _drop_session(self) -> None:
        sessions = self._parts.sessions
        if sessions is None:
            return
        try:
            sessions.drop(self._email)
        except CompanionError:
            return  # it is refused at the next use as well


def _failure(retrieval: Retrieval) -> Failure:
    failure = lost(retrieval)
    if retrieval.state is RetrievalState.STOPPING and retrieval.may_exist is None:
        return replace(failure, code=CANCELLED, what="The retrieval was cancelled.")
    return failure
