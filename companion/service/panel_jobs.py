"""What the web page lets do in the control panel besides retrieving: rotating, and deleting with the API account.

One at a time, unattended, by a command of the program; what is known of them ends with the service.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from companion.core.connection import Connection
from companion.core.errors import Conflict, NotFound, NothingToSignInWith
from companion.service.parts import Parts

if TYPE_CHECKING:
    from companion.ports.panel_commands import PanelCommand, PanelCommands

_ID_BYTES = 16
_KEPT = 10


class PanelJobKind(StrEnum):
    """What is done."""

    ROTATE = "rotate"
    REVOKE = "revoke"


@dataclass(frozen=True)
class PanelJob:
    """One thing that is done, or was.

    Attributes:
        id: 32 hexadecimal digits.
        connection: as it was when it began.
    """

    id: str
    kind: PanelJobKind
    connection: Connection
    command: PanelCommand

    @property
    def is_over(self) -> bool:
        """Whether nothing of it goes on any more."""
        return self.command.exit_code is not None


class PanelJobs:
    """What is done in the control panel for this service's page.

    Args:
        can_sign_in: says whether there is something to sign in with, and uses nothing.
    """

    def __init__(self, parts: Parts, commands: PanelCommands, can_sign_in: Callable[[], bool]) -> None:
        self._parts = parts
        self._commands = commands
        self._can_sign_in = can_sign_in
        self._lock = threading.Lock()
        self._jobs: dict[str, PanelJob] = {}
        self._closed = False

    def can_sign_in(self) -> bool:
        """Say whether there is something to sign in to BigCommerce with."""
        return self._can_sign_in()

    def start(self, kind: PanelJobKind, connection: Connection) -> PanelJob:
        """Begin, and return at once.

        Raises:
            Conflict: another is under way, or the service is being stopped.
            NothingToSignInWith: neither a kept session nor the environment signs in.
            StorageFailed: the program cannot be started.
        """
        if not self._can_sign_in():
            raise NothingToSignInWith(
                "The service has nothing to sign in to BigCommerce with.",
                why="No browser session is kept, and BIGCOMMERCE_EMAIL and BIGCOMMERCE_PASSWORD are not set for it.",
                next_step="Run the command in a terminal, or keep a session with `companion connect NAME --remember`.",
            )
        arguments = {
            PanelJobKind.ROTATE: ("rotate", connection.id, "--yes", "--json"),
            PanelJobKind.REVOKE: ("delete", connection.id, "--revoke", "--yes", "--json"),
        }
        with self._lock:
            if self._closed or any(not each.is_over for each in self._jobs.values()):
                raise Conflict(
                    "Something is under way in the control panel.",
                    why="There is one at a time.",
                    next_step="Wait for its end, or cancel it.",
                )
            job = PanelJob(
                self._parts.entropy(_ID_BYTES).hex(), kind, connection, self._commands.start(arguments[kind])
            )
            self._jobs[job.id] = job
            for old in list(self._jobs)[:-_KEPT]:
                del self._jobs[old]
        return job

    def get(self, job_id: str) -> PanelJob:
        """Return one. Raises `NotFound`."""
        job = self._jobs.get(job_id)
        if job is None:
            raise NotFound(
                "There is no such work in the control panel.",
                why="The last few are remembered for as long as the service runs.",
            )
        return job

    def under_way(self) -> tuple[PanelJob, ...]:
        """Return what goes on now."""
        with self._lock:
            return tuple(each for each in self._jobs.values() if not each.is_over)

    def close(self) -> None:
        """End what is under way, in order, and begin no more."""
        with self._lock:
            self._closed = True
            under_way = [each for each in self._jobs.values() if not each.is_over]
        for each in under_way:
            each.command.end()
