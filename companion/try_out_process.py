"""Starts the try-out with a simulated store as a process: it reads a line for each link, and ends with its input.

Its environment is by a list, so that nothing of a real store is in it; should this process be killed, its standard
input ends, and it removes what it made.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from companion.core.errors import StorageFailed
from companion.core.passed_on import without_secrets
from companion.core.secret import Secret
from companion.launcher import end_group

START_SECONDS = 60.0
END_SECONDS = 100.0
"""A browser retrieval of the try-out stops in order first."""


@dataclass(frozen=True)
class TryOutChildren:
    """A `TryOutProcesses`.

    Attributes:
        command: the program and its arguments; empty where none is installed.
        environ: of this process.
        folder: where it runs.
        own: variables that it sees besides, such as which browser to use.
    """

    command: Sequence[str]
    environ: Mapping[str, str]
    folder: Path
    own: Mapping[str, str]

    @property
    def is_there(self) -> bool:
        """See `TryOutProcesses.is_there`."""
        return bool(self.command)

    def start(self) -> TryOutChild:
        """See `TryOutProcesses.start`."""
        if not self.command:
            raise _failed("No simulated store is installed.")
        try:
            process = subprocess.Popen(  # noqa: S603  our own program, found by the wiring
                list(self.command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**without_secrets(self.environ), **self.own},
                cwd=self.folder,
                start_new_session=True,
            )
        except OSError as failure:
            raise _failed(f"{failure.strerror or type(failure).__name__}.") from None
        return TryOutChild(process)


class TryOutChild:
    """A `TryOutProcess`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="companion-try-out", daemon=True).start()

    @property
    def is_running(self) -> bool:
        """See `TryOutProcess.is_running`."""
        return self._process.poll() is None

    def link(self) -> Secret:
        """See `TryOutProcess.link`."""
        stream = self._process.stdin
        try:
            if stream is not None:
                stream.write(b"link\n")
                stream.flush()
            return Secret(str(json.loads(self._lines.get(timeout=START_SECONDS))["sign_in"]))
        except (OSError, ValueError, KeyError, TypeError, queue.Empty):
            raise _failed("It has ended, or does not answer.") from None

    def end(self) -> None:
        """See `TryOutProcess.end`."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_SECONDS)
        finally:  # also where a second wish to stop ends the waiting
            end_group(self._process)

    def _read(self) -> None:
        stream = self._process.stdout
        if stream is not None:
            with stream:
                for line in stream:
                    self._lines.put(line)
        self._lines.put(b"")


def _failed(why: str) -> StorageFailed:
    return StorageFailed(
        "The try-out could not be started.", why=why, next_step="Run `companion demo --headed` in a terminal instead."
    )
