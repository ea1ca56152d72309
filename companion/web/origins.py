"""Where a request comes from: Host, Origin and Sec-Fetch-Site."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from companion.core.errors import NotAllowed
from companion.core.public_address import PublicAddress
from companion.web.public_access import AT_PUBLIC_ADDRESS

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


def check_host(environ: dict[str, Any], public: PublicAddress | None = None) -> None:
    """Refuse a Host that is not this machine's loopback with the port we listen on: a rebound name shows there.

    A Unix socket has no port, and no page of a browser leads there. The public address counts too; a request that names
    it is marked with `AT_PUBLIC_ADDRESS`.

    Raises:
        NotAllowed: the Host is another, or missing.
    """
    port = str(environ.get("SERVER_PORT", ""))
    host = str(environ.get("HTTP_HOST", "")).lower()
    if public is not None and host in {public.authority, f"{public.authority}:443"}:
        environ[AT_PUBLIC_ADDRESS] = True
    elif host not in own_names(port):
        also = "" if public is None else f", besides {public.authority},"
        raise NotAllowed(
            "The request names a host that is not this service's.",
            why=f"Only 127.0.0.1, localhost and [::1] with the service's port{also} are answered.",
            next_step=f"Use http://127.0.0.1:{port}."
            if public is None
            else f"Use {public.origin}, and have the proxy there pass the Host on.",
        )


@functools.lru_cache(maxsize=8)
def own_names(port: str) -> frozenset[str]:
    """Return what this service is called in a Host; `port` is empty on a Unix socket."""
    return frozenset(f"{name}:{port}" for name in LOOPBACK_NAMES) | frozenset(
        LOOPBACK_NAMES if port in {"80", ""} else ()
    )


def own_address(environ: Mapping[str, Any]) -> str:
    """Return where this service listens, as a proof is bound to it: address and port, or `unix`."""
    port = environ.get("SERVER_PORT")
    return f"{LOOPBACK_NAMES[0]}:{port}" if port else "unix"


def check_origin(environ: Mapping[str, Any], *, is_page: bool = False) -> None:
    """Refuse requests that a browser made for a page of another origin; programs send neither header.

    Other programs on 127.0.0.1 count as `same-site`, so for changes nothing but `same-origin` will do.

    Args:
        is_page: a page, to which a link or a file may lead; loading it changes nothing, and no frame shows it.

    Raises:
        NotAllowed: Origin or Sec-Fetch-Site names another origin.
    """
    origin = environ.get("HTTP_ORIGIN")
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if origin is None and site is None:
        return
    method, host = environ["REQUEST_METHOD"], environ["HTTP_HOST"].lower()
    own = f"https://{host.removesuffix(':443')}" if AT_PUBLIC_ADDRESS in environ else f"http://{host}"
    if is_page and method in SAFE_METHODS and origin is None and environ.get("HTTP_SEC_FETCH_DEST") == "document":
        return
    allowed_sites = {"same-origin", "none"} if method in SAFE_METHODS else {"same-origin"}
    if (origin is not None and origin.lower() != own) or (site is not None and site not in allowed_sites):
        raise NotAllowed(
            "The request comes from a page of another origin.",
            why="A browser says so in Origin or Sec-Fetch-Site.",
            next_step="Call the service from a program, or from its own page.",
        )


def check_own_page(environ: Mapping[str, Any]) -> None:
    """Refuse a change that no page of this service's own asked for: a cookie comes along with any page's request.

    `check_origin` has refused other origins; here one must be named.

    Raises:
        NotAllowed: neither Origin nor Sec-Fetch-Site says so.
    """
    if environ.get("HTTP_ORIGIN") is None and environ.get("HTTP_SEC_FETCH_SITE") != "same-origin":
        raise NotAllowed(
            "The request does not say that it comes from this service's own page.",
            why="With a session, a change needs the header Origin or Sec-Fetch-Site.",
            next_step="Use the web page, or send the API token instead.",
        )
