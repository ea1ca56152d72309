"""The one address at which a service is reached from other machines, behind a proxy that ends TLS; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from companion.core.errors import InvalidSetting

_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")


@dataclass(frozen=True)
class PublicAddress:
    """Scheme, host and port; the scheme is https.

    Attributes:
        authority: what a browser sends as Host: lower case, with the port where it is not 443.
    """

    authority: str

    @property
    def origin(self) -> str:
        """What a browser sends as Origin, and what a path is put behind."""
        return f"https://{self.authority}"


def public_address_from_url(text: str) -> PublicAddress:
    """Read `https://companion.example.com` or `https://companion.example.com:8443`.

    Raises:
        InvalidSetting: another scheme, a path, a query, a user, or no host that a Host header could name.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise _refused("It cannot be read.") from None
    if parts.scheme != "https":
        raise _refused("It does not begin with https://, and sessions would cross the network in clear.")
    if "@" in parts.netloc or parts.path.rstrip("/") or parts.query or parts.fragment:
        raise _refused("It holds more than a host and a port: the service needs a host name of its own.")
    if not _HOST.fullmatch(host):
        raise _refused("It names no host.")
    return PublicAddress(host if port in {None, 443} else f"{host}:{port}")


def _refused(why: str) -> InvalidSetting:
    return InvalidSetting(
        "COMPANION_PUBLIC_URL is not an address at which the service could be reached.",
        why=why,
        next_step="Set it to what browsers show, such as https://companion.example.com, with a proxy there that ends "
        "TLS and passes the Host on; or unset it, for this machine alone.",
    )
