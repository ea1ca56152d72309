"""Runs a command of the program as a process for the web page, as its user would in a terminal.

It finds this service by its data folder and signs in to BigCommerce with what the service's own environment says, or
with a browser session that was kept. No secret is among its arguments.
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion.core.errors import StorageFailed
from companion.launcher import end_group, processes_below

END_SECONDS = 90.0
_LAST_SECONDS = 10.0
# On Windows SIGTERM and SIGINT end a process without a word; the one wish that it hears goes to a whole group.
_GROUP_OF_ITS_OWN: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
_WISH_TO_STOP: int = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT)
_MOST_LINES = 40


@dataclass(frozen=True)
class PanelCommandProcesses:
    """A `PanelCommands`.

    Attributes:
        command: the program, before its arguments.
        environ: that it runs with.
        folder: where it runs.
    """

    command: Sequence[str]
    environ: Mapping[str, str]
    folder: Path

    def start(self, arguments: Sequence[str]) -> PanelCommandProcess:
        """See `PanelCommands.start`."""
        try:
            process = subprocess.Popen(  # noqa: S603  our own program
                [*self.command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(self.environ),
                cwd=self.folder,
                start_new_session=True,
                creationflags=_GROUP_OF_ITS_OWN,
            )
        except OSError as failure:
            raise StorageFailed(
                "The program could not be started.",
                why=f"{failure.strerror or type(failure).__name__}.",
                next_step="Install the whole program again: `pipx reinstall bigcommerce-companion`.",
            ) from None
        return PanelCommandProcess(process)


class PanelCommandProcess:
    """A `PanelCommand`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._lines: deque[str] = deque(maxlen=_MOST_LINES)
        self._document: Mapping[str, Any] = {}
        self._ended = threading.Event()
        self._telling = threading.Thread(target=self._hear, name="companion-panel-lines", daemon=True)
        self._telling.start()
        threading.Thread(target=self._settle, name="companion-panel-command", daemon=True).start()

    @property
    def lines(self) -> tuple[str, ...]:
        """See `PanelCommand.lines`."""
        return tuple(self._lines)

    @property
    def exit_code(self) -> int | None:
        """See `PanelCommand.exit_code`."""
        return self._process.returncode if self._ended.is_set() else None

    @property
    def document(self) -> Mapping[str, Any]:
        """See `PanelCommand.document`."""
        return self._document

    def interrupt(self) -> None:
        """See `PanelCommand.interrupt`."""
        with contextlib.suppress(OSError, ValueError):
            self._process.send_signal(_WISH_TO_STOP)

    def end(self) -> None:
        """See `PanelCommand.end`."""
        if self._ended.is_set():
            return
        started = processes_below(self._process.pid)
        self.interrupt()
        try:
            self._ended.wait(END_SECONDS)
        finally:  # also where a second wish to stop ends the waiting
            end_group(self._process, started)
            self._ended.wait(_LAST_SECONDS)

    def _hear(self) -> None:
        stream = self._process.stderr
        if stream is not None:
            with stream:
                for line in stream:
                    if text := line.decode("utf-8", "replace").strip():
                        self._lines.append(text)

    def _settle(self) -> None:
        stream = self._process.stdout
        try:
            if stream is not None:
                with stream:
                    read = json.loads(stream.read())
                self._document = read if isinstance(read, dict) else {}
        except ValueError:
            self._document = {}
        finally:
            self._process.wait()
            self._telling.join()
            self._ended.set()
