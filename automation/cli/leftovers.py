"""What runs may have left on this machine outside the data folder, for `companion uninstall`."""

from __future__ import annotations

from pathlib import Path


def sweep_temporary_folders() -> tuple[Path, ...]:
    """Remove what killed runs left in the temporary folder; returns what was removed."""
    from automation.browser.temporary_folder import sweep

    return sweep()


def browser_caches() -> tuple[Path, ...]:
    """Return the folder of Playwright's own Chromium, where it is there: it was downloaded where no other was found."""
    from automation.browser.this_machine import ThisMachine

    own = ThisMachine().playwrights_own()
    if own is None or not Path(own).exists():
        return ()
    return tuple(each for each in Path(own).parents if each.name.startswith("chromium"))[-1:]
