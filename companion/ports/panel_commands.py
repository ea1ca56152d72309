"""The port to commands of the program that work in the control panel, run for the web page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class PanelCommand(Protocol):
    """A command that runs, or has run; `companion.panel_command_process.PanelCommandProcess` is one."""

    @property
    def lines(self) -> tuple[str, ...]:
        """What it has said so far, oldest first; no secret, as on a terminal."""
        ...

    @property
    def exit_code(self) -> int | None:
        """As the program's commands give it; None while it runs."""
        ...

    @property
    def document(self) -> Mapping[str, Any]:
        """What it printed at its end; empty before, and where it printed none."""
        ...

    def interrupt(self) -> None:
        """Let it stop in order, as with Ctrl-C; returns at once."""
        ...

    def end(self) -> None:
        """Let it stop in order, and wait until nothing of it is left; after a while it is killed."""
        ...


class PanelCommands(Protocol):
    """Starts commands."""

    def start(self, arguments: Sequence[str]) -> PanelCommand:
        """Run the program with these arguments. Raises `StorageFailed`: it cannot be started."""
        ...
