"""The port to a try-out: a service of its own, in front of a simulated store, in a process that is gone afterwards."""

from __future__ import annotations

from typing import Protocol

from companion.core.secret import Secret


class TryOutProcess(Protocol):
    """A try-out that runs, or has run; `companion.try_out_process.TryOutChild` is one."""

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        ...

    def link(self) -> Secret:
        """Return a sign-in link to its page, good once. Raises `StorageFailed`: it does not answer."""
        ...

    def end(self) -> None:
        """End it with all that it made, and wait until nothing of it is left."""
        ...


class TryOutProcesses(Protocol):
    """Starts try-outs."""

    @property
    def is_there(self) -> bool:
        """Whether a simulated store is installed."""
        ...

    def start(self) -> TryOutProcess:
        """Start one. Raises `StorageFailed`: it cannot be started."""
        ...
