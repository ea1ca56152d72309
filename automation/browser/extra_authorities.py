"""Makes the browser trust the authorities in `COMPANION_EXTRA_CA_FILE`, such as a company's own.

On Linux, Chromium-family browsers read them from an NSS database in the home folder, so the browser gets a home folder
of its own with one. A pin of the authority's key, as for the simulated store, would not do here: the browser accepts
any chain that merely brings a pinned key along, whoever signed it, which is safe only where no name leads off this
machine.
On macOS and Windows, browsers trust what the system trusts, and there is no way to add to that for one start.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from companion.core.errors import InvalidSetting
from companion.core.passed_on import without_secrets

_LIMIT = 30.0  # seconds


def trusting_environment(extra_ca_file: Path, folder: Path) -> dict[str, str]:
    """Return the variables with which a browser trusts the authorities in `extra_ca_file`.

    Args:
        extra_ca_file: one or more certificates in PEM.
        folder: a temporary folder of this run.

    Raises:
        InvalidSetting: the file has no certificate, or it cannot be made known to the browser.
    """
    from automation.browser.nss_database import certificates_from_pem

    try:
        certificates = certificates_from_pem(extra_ca_file.read_text(encoding="ascii", errors="replace"))
    except (OSError, ValueError):
        certificates = []
    if not certificates:
        raise InvalidSetting(
            f"COMPANION_EXTRA_CA_FILE names {extra_ca_file}, which holds no certificate.",
            next_step="Set it to a file with certificates in PEM, or unset it.",
        )
    if sys.platform in {"win32", "darwin"}:
        return {}
    home = folder / "home"
    database = home / ".pki" / "nssdb"
    _copy_of_users_own(database)
    failure = _written(database, extra_ca_file)
    if failure is not None:
        raise InvalidSetting(
            "The authorities in COMPANION_EXTRA_CA_FILE could not be made known to the browser.",
            why=failure,
            next_step="Add them to the browser by hand (its certificate settings), and unset it.",
        )
    return {"HOME": str(home), "XAUTHORITY": os.environ.get("XAUTHORITY") or str(Path.home() / ".Xauthority")}


def _written(database: Path, extra_ca_file: Path) -> str | None:
    """Write the database in a process of its own; returns what went wrong, None where nothing did."""
    from automation.browser.nss_database import REFUSED

    try:
        done = subprocess.run(  # noqa: S603  our own interpreter and module
            [sys.executable, "-I", "-m", "automation.browser.nss_database", str(database), str(extra_ca_file)],
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            env=without_secrets(os.environ),
        )
    except subprocess.TimeoutExpired:
        return f"NSS was not done within {_LIMIT:.0f} seconds."
    except OSError as failure:
        return f"NSS could not be started: {failure.strerror}."
    if done.returncode == REFUSED:
        return f"NSS said: {done.stderr.strip()[-200:]}."
    return f"NSS ended with exit code {done.returncode}." if done.returncode else None


def _copy_of_users_own(database: Path) -> None:
    """Start from the authorities that the user trusts already; nothing of the user's own is changed."""
    own = Path.home() / ".pki" / "nssdb"
    if own.is_dir():
        shutil.copytree(own, database, symlinks=False)
    else:
        database.mkdir(parents=True, mode=0o700)
