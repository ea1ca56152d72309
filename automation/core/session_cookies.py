"""The part of a browser's state that signs a user in: cookies of BigCommerce's sign-in and panel hosts, no others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from automation.core.extract.addresses import LOGIN_HOST
from companion.core.secret import Secret
from companion.core.store_urls import STORE_DOMAIN

MAX_LENGTH = 60_000
"""Characters, all ASCII; an envelope holds 64 KiB."""

_PANEL_HOST = re.compile(r"store-[a-z0-9]+\." + re.escape(STORE_DOMAIN))
_PARENTS = (".bigcommerce.com", f".{STORE_DOMAIN}")
_FIELDS = ("name", "value", "domain", "path", "expires", "httpOnly", "secure", "sameSite")


def is_of_a_session(domain: str) -> bool:
    """Whether a cookie of this domain reaches a sign-in or panel host: their own, or those of the domains above."""
    lowered = domain.lower()
    host = lowered.removeprefix(".")
    return lowered in _PARENTS or host == LOGIN_HOST or _PANEL_HOST.fullmatch(host) is not None


def session_text(cookies: Iterable[Mapping[str, Any]]) -> Secret | None:
    """Return what is to be kept of a browser's cookies; None where there is nothing, or more than can be sealed."""
    kept = [_plain(cookie) for cookie in cookies if is_of_a_session(str(cookie.get("domain", "")))]
    text = json.dumps(kept, separators=(",", ":"))
    return Secret(text) if kept and len(text) <= MAX_LENGTH else None


def cookies_of(session: Secret) -> list[dict[str, Any]]:
    """Return the cookies that `session_text` kept; those of other hosts are left out here too."""
    return [_plain(cookie) for cookie in json.loads(session.reveal()) if is_of_a_session(cookie["domain"])]


def _plain(cookie: Mapping[str, Any]) -> dict[str, Any]:
    return {name: cookie[name] for name in _FIELDS if name in cookie}
