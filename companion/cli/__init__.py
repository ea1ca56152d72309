"""The program `companion`: a command a file, found by the entry point group `companion.commands`."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> None:
    """Run the program with the arguments of the process, and end the process."""
    try:
        from companion.cli.program import run

        run()
    except KeyboardInterrupt:  # while modules were still being imported
        _end_as_interrupted()


def _end_as_interrupted() -> NoReturn:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from companion.cli.program import report_interruption

    sys.exit(report_interruption(sys.argv[1:]))
