"""What the web page lets do in the control panel, by commands of this very program."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

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


def stop_panel_jobs(jobs: PanelJobs, out: TextIO) -> None:
    """Stop what is under way, and repeat in `out` what it says meanwhile: its page goes with the service.

    A `KeyboardInterrupt` meanwhile ends the waiting, and is raised again once that was said.
    """
    said = {each: len(each.command.lines) for each in jobs.under_way()}
    try:
        jobs.close()
    finally:
        for job, before in said.items():
            out.writelines(f"{line}\n" for line in job.command.lines[before:])
            if not job.command.document:
                out.write(
                    f"The {job.kind.value} of {job.connection.name!r} was cut short. An API account that nothing uses "
                    "may be left at BigCommerce: the next `companion connect` or `rotate` of this store looks for it.\n"
                )
