"""Puts the troubleshooting page into a wheel, so that messages lead to it also where there is no clone."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BringPages(BuildHookInterface[Any]):
    """Not for an editable install, which reads the page in `docs/`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See hatchling's `BuildHookInterface`."""
        if version == "standard":
            build_data["force_include"]["docs/troubleshooting.md"] = "companion/troubleshooting.md"
