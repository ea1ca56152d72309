"""The settings that a process needs which this service starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from companion.settings import Settings


def settings_of_child(settings: Settings) -> dict[str, str]:
    """Return them by their names, with paths that hold in any folder."""
    files = {name: getattr(settings, name) for name in ("data_dir", "browser", "ca_file", "extra_ca_file")}
    chosen = {name: str(path.absolute()) for name, path in files.items() if path is not None}
    host_map = ",".join(f"{pattern}={target}" for pattern, target in settings.host_map.entries)
    return chosen | ({"host_map": host_map} if host_map else {})
