"""Runs a program in the foreground: signals, terminal and exit code are as if it had been started directly."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

NOT_EXECUTABLE = 126
NOT_FOUND = 127
_BY_SIGNAL = 128

# A terminal sends the first group to the program by itself; the second reaches only whom it is sent to.
_OF_THE_TERMINAL = ("SIGINT", "SIGQUIT", "SIGBREAK")
_PASSED_ON = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCONT")


def run_child(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str | None]:
    """Run `command`, without a shell, and wait for its end.

    Returns:
        Its exit code, 128 and the number for a signal that ended it; and why it was not started, None where it was.
    """
    if not command[0]:  # systems differ in what they say of a program without a name
        return NOT_FOUND, "A program needs a name."
    with _signals_passed_on() as passing:
        try:
            # Found by this process's own PATH, also where the program is given another one.
            process = subprocess.Popen(  # noqa: S603  what the user asked to run
                startable(command, sys.platform, shutil.which), env=dict(environment)
            )
        except (FileNotFoundError, NotADirectoryError):
            return NOT_FOUND, "There is no such program."
        except OSError as failure:
            return NOT_EXECUTABLE, f"It cannot be run: {failure.strerror or type(failure).__name__}."
        except ValueError:
            return NOT_FOUND, "There is no such program: its name or an argument holds a null character."
        passing.begin(process)
        code = process.wait()
    return (_BY_SIGNAL - code if code < 0 else code), None


def startable(command: Sequence[str], platform: str, which: Callable[[str], str | None]) -> list[str]:
    """Return a command as the system can start it.

    Windows starts by name only what ends in `.exe`; what npm installs, as `stencil` and `catalyst`, ends in `.cmd`.

    Args:
        platform: as `sys.platform` has it.
        which: finds a program on the search path, with the endings that count.
    """
    found = which(command[0]) if platform == "win32" else None
    return [found or command[0], *command[1:]]


@dataclass
class _Passing:
    """Passes signals on to a program; what comes before it has started waits for it."""

    process: subprocess.Popen[bytes] | None = None
    waiting: list[int] = field(default_factory=list)

    def begin(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        while self.waiting:
            self.pass_on(self.waiting.pop(0), None)

    def pass_on(self, number: int, _frame: FrameType | None) -> None:
        if self.process is None:
            self.waiting.append(number)
            return
        with contextlib.suppress(ProcessLookupError, ValueError, OSError):
            self.process.send_signal(number)


@contextlib.contextmanager
def _signals_passed_on() -> Iterator[_Passing]:
    passing = _Passing()
    own_terminal = _in_the_foreground()
    before: dict[int, Any] = {}
    for names, handler in (
        (_OF_THE_TERMINAL, _nothing if own_terminal else passing.pass_on),
        (_PASSED_ON, passing.pass_on),
    ):
        for name in names:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, handler)
    try:
        yield passing
    finally:
        for number, saved in before.items():
            signal.signal(number, saved)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Not SIG_IGN, which the program would inherit."""


def _in_the_foreground() -> bool:
    """Say whether a terminal sends its signals to this process, and so to the program as well."""
    if sys.platform == "win32":
        return True
    try:
        with open("/dev/tty", "rb", buffering=0) as terminal:  # noqa: PTH123  a device, not a file
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
