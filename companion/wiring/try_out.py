"""The try-out of the web page, in a process of the program that simulates a store."""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from companion.core.connection import World
from companion.service.try_out import TryOut
from companion.try_out_process import TryOutChildren

if TYPE_CHECKING:
    from companion.settings import Settings


def try_out_of(settings: Settings) -> TryOut:
    """Return the try-out; a service that reaches a simulated store itself has none."""
    own = {} if settings.browser is None else {"COMPANION_BROWSER": str(settings.browser.absolute())}
    command = [] if settings.world == World.SIMULATED else _program()
    return TryOut(TryOutChildren(command, os.environ, settings.data_dir, own))


def _program() -> list[str]:
    """Return the command line of the simulated store, which is found by its name and never imported."""
    found = next(iter(entry_points(group="companion.try_outs", name="sandbox")), None)
    return [] if found is None else [sys.executable, "-P", "-m", found.module]
