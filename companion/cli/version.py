"""What `companion --version` says: the version, how it came here, and what it runs on."""

from __future__ import annotations

import contextlib
import json
import platform
import sqlite3
import sys
from importlib.metadata import Distribution, PackageNotFoundError, version
from typing import Any

from companion import __version__

_PACKAGE = "bigcommerce-companion"
# What a report of a failure is no use without.
_LIBRARIES = ("playwright", "cryptography", "sqlalchemy", "flask")


def version_document() -> dict[str, Any]:
    """Return the facts; nothing of the user's, no path, so that it can be put into a report as it is."""
    return {
        "version": __version__,
        "installed_from": _origin(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "sqlite": sqlite3.sqlite_version,
        "libraries": {name: found for name in _LIBRARIES if (found := _version_of(name)) is not None},
    }


def version_text(document: dict[str, Any]) -> str:
    """Return them as lines, the first of which is the version alone."""
    libraries = ", ".join(f"{name} {found}" for name, found in document["libraries"].items())
    return (
        f"companion, version {document['version']}\n"
        f"installed from {document['installed_from']}; {document['python']} on {document['platform']}; "
        f"SQLite {document['sqlite']}; {libraries}"
    )


def _origin() -> str:
    """Say how the package came here (PEP 610), without where from: a path may hold a user's name."""
    with contextlib.suppress(PackageNotFoundError, ValueError, AttributeError):
        text = Distribution.from_name(_PACKAGE).read_text("direct_url.json")
        if text is None:
            return "a package index"
        direct = json.loads(text)
        if "vcs_info" in direct:
            return f"the commit {direct['vcs_info']['commit_id']}"
        if direct.get("dir_info", {}).get("editable"):
            return "a clone"
        return "a folder" if "dir_info" in direct else "a file"
    return "a program bundle" if getattr(sys, "frozen", False) else "nowhere known"


def _version_of(name: str) -> str | None:
    with contextlib.suppress(PackageNotFoundError):
        return version(name)
    return None
