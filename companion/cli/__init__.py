"""The program `companion`: a command a file, found by the entry point group `companion.commands`."""

from __future__ import annotations


def main() -> None:
    """Run the program with the arguments of the process, and end the process."""
    from companion.cli.program import run

    run()
