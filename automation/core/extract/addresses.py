"""What addresses say: where a tab is, and which store it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from companion.core.store_urls import STORE_DOMAIN, StoreHost, store_host_from_url

LOGIN_HOST = "login.bigcommerce.com"
SIGN_IN_ADDRESS = f"https://{LOGIN_HOST}/login"
DEEP_LINK = f"https://{LOGIN_HOST}/deep-links/settings/api-accounts"

_API_PATH = re.compile(r"api\.bigcommerce\.com/stores/([A-Za-z0-9]+)(?:/|\b)")
_ACCOUNT_PATH = re.compile(r"api\.bigcommerce\.com/accounts/")
_NOT_STOREFRONTS = ("bigcommerce.com", "bigcommerce.net")


class Place(StrEnum):
    """Where an address leads."""

    BLANK = "blank"
    SIGN_IN = "sign-in"
    PANEL = "panel"
    STOREFRONT = "storefront"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class PanelAddress:
    """An address of the control panel.

    Attributes:
        store_hash: None where the host does not begin with `store-HASH` (a store's own name, seen once, 2020).
        path: the part after the host, without query.
        host: its host name.
    """

    store_hash: str | None
    path: str
    host: str


def place_of(url: str) -> Place:
    """Say what kind of page an address is."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return Place.ELSEWHERE
    if parts.scheme not in {"http", "https"} or not host:
        return Place.BLANK if parts.scheme in {"about", "", "chrome-error", "data", "blob"} else Place.ELSEWHERE
    if host == LOGIN_HOST:
        return Place.SIGN_IN
    path = parts.path
    panel_path = path in {"/manage", "/admin"} or path.startswith(("/manage/", "/admin/"))
    if host.endswith("." + STORE_DOMAIN) and panel_path:
        return Place.PANEL
    if any(host == domain or host.endswith("." + domain) for domain in _NOT_STOREFRONTS):
        return Place.ELSEWHERE
    return Place.STOREFRONT


def leads_to(address: str, endings: tuple[str, ...]) -> bool:
    """Whether the path of an address, or the path behind its `#`, ends so, query and last slash apart."""
    if not address:
        return False
    whole = address.partition("?")[0].rstrip("/#")
    before, _, behind = whole.partition("#")
    return any(part.rstrip("/").endswith(endings) for part in (before, behind) if part)


def leads_away(address: str) -> bool:
    """Whether a link leads out of the control panel and its sign-in, as to the help pages or the parent account."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return True
    if parts.scheme not in {"http", "https"}:
        return False
    return host != LOGIN_HOST and not host.endswith("." + STORE_DOMAIN)


def is_bigcommerces(url: str) -> bool:
    """Whether a document is BigCommerce's own, or has no host of its own, as one that a script wrote into a frame.

    Chats, tours and advertisements come in frames of others: nothing is read there, and nothing pressed.
    """
    try:
        parts = urlsplit(url.removeprefix("blob:"))
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"}:
        return True
    return any(host == domain or host.endswith("." + domain) for domain in (*_NOT_STOREFRONTS, STORE_DOMAIN))


def is_browsers_error(url: str) -> bool:
    """Whether a document is the page that a browser shows in the place of one that did not load."""
    return url.startswith(("chrome-error:", "about:neterror", "about:certerror"))


def panel_address(url: str) -> PanelAddress | None:
    """Read a control panel address; None where the address is none."""
    if place_of(url) is not Place.PANEL:
        return None
    host, parts = store_host_from_url(url), urlsplit(url)
    return PanelAddress(host.store_hash if host else None, parts.path, (parts.hostname or "").rstrip("."))


def storefront_host(url: str) -> tuple[str, StoreHost | None] | None:
    """Read the host of a storefront address, and what it says of the store; the query is not read."""
    if place_of(url) is not Place.STOREFRONT:
        return None
    return (urlsplit(url).hostname or "").rstrip("."), store_host_from_url(url)


def store_hash_from_api_path(text: str) -> str | None:
    """Return the store hash of an API path that stands somewhere in the text."""
    found = _API_PATH.search(text)
    return found[1].lower() if found else None


def is_account_level_path(text: str) -> bool:
    """Whether the text holds the API path of an account-level API account."""
    return _ACCOUNT_PATH.search(text) is not None


def panel_url(store_hash: str, path: str = "") -> str:
    """Return the address of a control panel page."""
    return f"https://store-{store_hash}.{STORE_DOMAIN}/manage{path}"
