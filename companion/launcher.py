"""Starts what drives a browser as a process: no shell, an environment by a list, secrets by standard input alone.

The process leads a group of its own, which ends with it. Should this process be killed, standard input ends there, and
the child stops by itself.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from companion.core.errors import StorageFailed
from companion.core.passed_on import environment_of_retrieval
from companion.core.retrieval_events import LONGEST_LINE, Event, event_from_line
from companion.core.retrieval_order import OrderWord
from companion.core.secret import Secret

if TYPE_CHECKING:
    import psutil  # type: ignore[import-untyped]

GRACE = 75.0
"""Seconds that a cancelled process gets to take back what it made; deleting an API account may take most of them."""

_SWEEP_LIMIT = 60.0
_LAST_WORDS = 10.0
_NOTED_APART = 1.0
_OUTLIVES = 2.0
_MOST_WORDS = 100
_NO_MORE = ""


@dataclass(frozen=True)
class ChildProcesses:
    """A `BrowserJobs`.

    Attributes:
        command: the program and its arguments.
        environ: of this process.
        folder: where it runs.
        platform: as `sys.platform` has it.
    """

    command: Sequence[str]
    environ: Mapping[str, str]
    folder: Path
    platform: str = sys.platform

    @property
    def has_display(self) -> bool:
        """See `BrowserJobs`: a desktop where there always is one, else what the environment says."""
        if self.platform in {"win32", "darwin"}:
            return True
        return bool(self.environ.get("DISPLAY") or self.environ.get("WAYLAND_DISPLAY"))

    def start(
        self, order: Secret, *, on_event: Callable[[Event], None], on_end: Callable[[], None], seconds: float
    ) -> ChildProcess:
        """See `BrowserJobs.start`."""
        if not self.command:
            raise _not_started("Nothing that drives a browser is installed.")
        try:
            process = subprocess.Popen(  # noqa: S603  our own program, found by the wiring
                list(self.command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment_of_retrieval(self.environ),
                cwd=self.folder,
                start_new_session=True,
                close_fds=True,
            )
        except OSError as failure:
            raise _not_started(f"{failure.strerror or type(failure).__name__}.") from None
        return ChildProcess(process, order, on_event, on_end, seconds, self.sweep)

    def sweep(self) -> None:
        """Remove what a killed process left of its browser's profile."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(  # noqa: S603  our own program, found by the wiring
                [*self.command, "--sweep"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment_of_retrieval(self.environ),
                cwd=self.folder,
                timeout=_SWEEP_LIMIT,
                check=False,
            )


class ChildProcess:
    """A `BrowserJob`: one process with its group."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        order: Secret,
        on_event: Callable[[Event], None],
        on_end: Callable[[], None],
        seconds: float,
        sweep: Callable[[], None],
    ) -> None:
        self._process = process
        self._on_event = on_event
        self._on_end = on_end
        self._sweep = sweep
        self._words: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._killed = False
        self._started: list[psutil.Process] = []
        self._noted_at = float("-inf")
        self._kill_at = time.monotonic() + seconds + GRACE
        self._cancel_at = time.monotonic() + seconds
        self._cancelled = False
        self._ended = threading.Event()
        self._changed = threading.Condition()
        threading.Thread(target=self._give, args=(order,), name="companion-retrieval-order", daemon=True).start()
        threading.Thread(target=self._hear, name="companion-retrieval", daemon=True).start()
        threading.Thread(target=self._limit, name="companion-retrieval-limit", daemon=True).start()
        threading.Thread(target=self._outlive, name="companion-retrieval-end", daemon=True).start()

    def tell(self, word: OrderWord, step: str | None = None) -> None:
        """See `BrowserJob.tell`; returns at once, also where the child does not read."""
        if self._words.qsize() < _MOST_WORDS:
            self._words.put(f"{word.value} {step}\n" if step else f"{word.value}\n")

    def cancel(self) -> None:
        """See `BrowserJob.cancel`."""
        with self._changed:
            if self._cancelled:
                return
            self._cancelled = True
            self._kill_at = min(self._kill_at, time.monotonic() + GRACE)
            self._changed.notify_all()
        self._words.put(f"{OrderWord.CANCEL.value}\n")

    def kill(self) -> None:
        """See `BrowserJob.kill`."""
        self._killed = True
        end_group(self._process, self._started)

    def wait(self, seconds: float) -> bool:
        """See `BrowserJob.wait`."""
        return self._ended.wait(seconds)

    def _give(self, order: Secret) -> None:
        """Write the order, then each word, in a thread of its own: a child that does not read holds up nobody else."""
        stream = self._process.stdin
        text = order.reveal() + "\n"
        with contextlib.suppress(OSError, ValueError):  # it is gone, or is going
            while stream is not None and text != _NO_MORE:
                stream.write(text.encode())
                stream.flush()
                text = self._words.get()

    def _hear(self) -> None:
        stream = self._process.stdout
        try:
            while stream is not None and (line := stream.readline(LONGEST_LINE + 1)):
                event = event_from_line(line)
                if event is not None:
                    self._note_started()
                    self._on_event(event)
        finally:
            self._settle()

    def _note_started(self) -> None:
        """Note what the process has started, in groups of their own: once it is gone, nothing tells whose they were."""
        now = time.monotonic()
        if now >= self._noted_at + _NOTED_APART:
            self._noted_at = now
            self._started = processes_below(self._process.pid) or self._started

    def _settle(self) -> None:
        """See to it that nothing of the process is left, then say that it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_LAST_WORDS)  # its output has ended, and so will it
        in_order = self._process.poll() is not None and not self._killed and self._process.returncode >= 0
        end_group(self._process, self._started)
        self._words.put(_NO_MORE)
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        try:
            if not in_order:
                self._sweep()
        finally:
            try:
                self._on_end()
            finally:
                with self._changed:
                    self._ended.set()
                    self._changed.notify_all()

    def _outlive(self) -> None:
        """See to it that what has outlived the process, and may hold its output open, ends as well."""
        self._process.wait()
        if not self._ended.wait(_OUTLIVES):
            end_group(self._process, self._started)

    def _limit(self) -> None:
        while True:
            with self._changed:
                if self._ended.is_set():
                    return
                due = self._kill_at if self._cancelled else self._cancel_at
                left = due - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
                cancelled = self._cancelled
            if cancelled:
                self.kill()
                return
            self.cancel()


def _not_started(why: str) -> StorageFailed:
    return StorageFailed(
        "The program that drives the browser could not be started.",
        why=why,
        next_step="Install the whole program again: `pipx reinstall bigcommerce-companion`.",
    )


def processes_below(pid: int) -> list[psutil.Process]:
    """Return all that a process has started, and what that has."""
    import psutil

    try:
        found: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []
    return found


def end_group(process: subprocess.Popen[bytes], started: Sequence[psutil.Process] = ()) -> None:
    """Kill a process, its group, and what it started in groups of their own; wait until they are gone.

    Args:
        started: what is known of the latter; a process that took over the number of one that has ended is left alone.
    """
    import psutil

    below = {*processes_below(process.pid), *started}
    if sys.platform != "win32":
        # The group may outlive its leader; macOS refuses where only zombies are left.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    for each in below:
        with contextlib.suppress(psutil.Error):
            each.kill()
    with contextlib.suppress(OSError):
        process.kill()
    process.wait()
    psutil.wait_procs(below, timeout=_LAST_WORDS)
