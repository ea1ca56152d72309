"""What workers tell one another and whoever handed the stores out: outcomes, and users whose sign-in was refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from typing import Any

from automation.queue.database import QueueDatabase
from companion.core.errors import StorageFailed

_USERS = 0x75736572  # the first half of the keys of the advisory locks of users


class QueueRecords:
    """Outcomes and refusals; every method raises `StorageFailed` where the database cannot be reached."""

    def __init__(self, database: QueueDatabase) -> None:
        self._database = database

    def note_outcome(self, job_id: int, outcome: str, document: Mapping[str, Any]) -> None:
        """Keep what became of a job, in place of what was known of it."""
        with self._database.connected() as connection:
            connection.execute(
                "INSERT INTO companion_outcomes (job_id, outcome, document) VALUES (%s, %s, %s) ON CONFLICT (job_id) "
                "DO UPDATE SET outcome = excluded.outcome, document = excluded.document, at = now()",
                (job_id, outcome, json.dumps(document)),
            )

    def outcomes(self) -> dict[int, tuple[str, dict[str, Any]]]:
        """Return outcome and document by job."""
        with self._database.connected() as connection:
            rows = connection.execute("SELECT job_id, outcome, document FROM companion_outcomes").fetchall()
        return {row["job_id"]: (row["outcome"], row["document"]) for row in rows}

    def refuse(self, email: str, why: str) -> None:
        """Keep that the sign-in of a user was refused: no worker tries it again."""
        with self._database.connected() as connection:
            connection.execute(
                "INSERT INTO companion_refused_users (email, why) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (email.lower(), why),
            )

    def why_refused(self, email: str) -> str | None:
        """Return why the sign-in of a user was refused; None where it was not."""
        with self._database.connected() as connection:
            row = connection.execute(
                "SELECT why FROM companion_refused_users WHERE email = %s", (email.lower(),)
            ).fetchone()
        return None if row is None else str(row["why"])

    def forgive(self) -> None:
        """Let every user sign in again."""
        with self._database.connected() as connection:
            connection.execute("DELETE FROM companion_refused_users")

    def one_at_a_time(self, email: str) -> UserLock:
        """Return what one worker at a time holds while a user signs in."""
        return UserLock(self._database, email)


class UserLock:
    """An advisory lock of the database, held by a connection of its own: it goes with the worker, however that ends."""

    def __init__(self, database: QueueDatabase, email: str) -> None:
        self._database = database
        self._email = email.lower()
        self._stack = ExitStack()

    def take(self, interrupted: Callable[[], bool], pause: Callable[[], None]) -> bool:
        """Wait until it is held; returns False where the wish to stop came first. Raises `StorageFailed`."""
        with ExitStack() as stack:
            connection = stack.enter_context(self._database.connected())
            while not interrupted():
                row = connection.execute(
                    "SELECT pg_try_advisory_lock(%s, hashtext(%s)) AS held", (_USERS, self._email)
                ).fetchone()
                if row and row["held"]:
                    # By itself it goes when the server has noticed that the connection is closed, a moment later.
                    stack.callback(connection.execute, "SELECT pg_advisory_unlock_all()")
                    self._stack = stack.pop_all()
                    return True
                pause()
        return False

    def let_go(self, *, after: float = 0.0) -> None:
        """Let go of it; where the server was away meanwhile, it is gone already.

        Args:
            after: seconds; an authenticator's code works once, so that the next sign-in has to wait for another.
        """
        stack, self._stack = self._stack, ExitStack()
        if after:
            timer = threading.Timer(after, _close, (stack,))
            timer.daemon = True
            timer.start()
        else:
            _close(stack)


def _close(stack: ExitStack) -> None:
    with suppress(StorageFailed):
        stack.close()
