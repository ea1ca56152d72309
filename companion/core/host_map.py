"""Host names sent to a simulated store on this machine, and to no other place."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from companion.core.errors import InvalidSetting

_NAME = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class LoopbackAddress:
    """A literal loopback address and a port."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True)
class HostMap:
    """Patterns of host names and where they lead; the first that fits counts.

    Attributes:
        entries: (pattern, target); a pattern is a host name, or `*.` before one for every name below it.
    """

    entries: tuple[tuple[str, LoopbackAddress], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.entries)

    def target_of(self, host: str) -> LoopbackAddress | None:
        """Return where `host` leads, None where no pattern fits: such names must fail, never be looked up."""
        name = host.lower().rstrip(".")
        for pattern, target in self.entries:
            if name == pattern or (pattern.startswith("*.") and name.endswith(pattern[1:])):
                return target
        return None


def host_map_from_text(text: str) -> HostMap:
    """Read `PATTERN=ADDRESS:PORT,…`.

    Raises:
        InvalidSetting: an entry is malformed, or its target is not a literal loopback address.
    """
    entries: list[tuple[str, LoopbackAddress]] = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        pattern, equals, target = entry.partition("=")
        name = pattern.strip().lower()
        if not equals or not _NAME.fullmatch(name):
            raise _refused(f"The entry {entry!r} of the host map is not of the form NAME=127.0.0.1:PORT.")
        entries.append((name, _target(target.strip(), entry)))
    return HostMap(tuple(entries))


def _target(text: str, entry: str) -> LoopbackAddress:
    address, _, port = text.rpartition(":")
    try:
        parsed = ipaddress.ip_address(address.removeprefix("[").removesuffix("]"))
    except ValueError:
        parsed = None
    if parsed is None or not parsed.is_loopback or (parsed.version == 6 and parsed.ipv4_mapped is not None):
        raise _refused(f"The entry {entry!r} of the host map leads off this machine, or names a host.")
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535):
        raise _refused(f"The entry {entry!r} of the host map has no port from 1 to 65535.")
    return LoopbackAddress(str(parsed), int(port))


def _refused(what: str) -> InvalidSetting:
    return InvalidSetting(
        what,
        why="A host map sends BigCommerce's names to a simulated store on this machine only.",
        next_step="Set COMPANION_HOST_MAP to what `companion sandbox serve` prints, or unset it.",
    )
