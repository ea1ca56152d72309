"""What the web page lets do in the control panel, by commands of this very program."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from companion.panel_command_process import PanelCommandProcesses
from companion.service.panel_jobs import PanelJobs
from companion.service.parts import Parts
from companion.wiring.child_settings import settings_of_child

if TYPE_CHECKING:
    from companion.settings import Settings

_PROGRAM = (sys.executable, "-P", "-c", "from companion.cli import main; main()")
# What a user has set for a terminal, and names another service or connection than this one.
_NOT_PASSED_ON = frozenset({"COMPANION_CONNECTION", "COMPANION_URL"})


def panel_jobs_of(settings: Settings, parts: Parts, can_sign_in: Callable[[], bool]) -> PanelJobs:
    """Return them; the commands find the service of this data folder by themselves."""
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
    own = {f"COMPANION_{name.upper()}": value for name, value in settings_of_child(settings).items()}
    own |= {
        "COMPANION_API_TOKEN_FILE": str(settings.token_file.absolute()),
        "COMPANION_KEY_PROVIDER": parts.vault.keys.name,
    }
    if settings.key_file is not None:
        own["COMPANION_KEY_FILE"] = str(settings.key_file.absolute())
    return PanelJobs(parts, PanelCommandProcesses(_PROGRAM, kept | own, settings.data_dir), can_sign_in)
