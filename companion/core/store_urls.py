"""Store hash, subdomain and channel ID out of whatever a person pastes.

The host forms are those of BigCommerce's documentation (GraphQL Storefront API overview, read 2026-04):
`NAME.mybigcommerce.com` is the store's vanity address, `store-HASH.mybigcommerce.com` its permanent one, which also
serves the control panel, and `store-HASH-CHANNEL.mybigcommerce.com` the permanent address of one channel. Neither the
grammar nor the length of a hash is documented: all published ones are lower-case letters and digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from companion.core.errors import FieldError, InvalidInput
from companion.core.redaction import looks_like_secret

STORE_DOMAIN = "mybigcommerce.com"
API_HOST = "api.bigcommerce.com"
BIGCOMMERCE_DOMAINS = (STORE_DOMAIN, "bigcommerce.com")

_HASH = re.compile(r"[a-z0-9]{1,63}")
_DNS_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_STORE_LABEL = re.compile(r"store-(?P<store_hash>[a-z0-9]+)(?:-(?P<channel_id>[1-9][0-9]*))?")
_API_PATH = re.compile(r"/stores/(?P<store_hash>[^/?#\s]+)")
_CHANNEL_PATH = re.compile(r"/manage/channels?/(?P<channel_id>[1-9][0-9]*)(?:/|$)")
_MAX_CHANNEL_ID = 2**63 - 1

# What clings to an address that is copied out of a text or a table, a byte-order mark and zero-width space included.
_CLINGING = "\"'`<>()[]\ufeff\u200b"


@dataclass(frozen=True)
class StoreHost:
    """What a host name below `mybigcommerce.com` says about a store.

    Attributes:
        subdomain: the label before `.mybigcommerce.com`.
        store_hash: set where the label is of the form `store-HASH` or `store-HASH-CHANNEL`.
        channel_id: set where the label is of the form `store-HASH-CHANNEL`.
    """

    subdomain: str
    store_hash: str | None
    channel_id: int | None


def pasted(text: str) -> str:
    """Return what was pasted without the white space, quotes and brackets around it."""
    stripped = text.strip()
    while stripped != (bare := stripped.strip(_CLINGING).strip()):
        stripped = bare
    return stripped


def host_of(address: str) -> str | None:
    """Return the lower-case host name of an address with or without scheme, None where there is none."""
    text = address.strip()
    if not text or any(character.isspace() for character in text):
        return None
    if "://" not in text:
        text = "https://" + text.removeprefix("//")
    try:
        return urlsplit(text).hostname
    except ValueError:
        return None


def store_host_from_url(url: str) -> StoreHost | None:
    """Read the host of `url`; None where it is not exactly one label below `mybigcommerce.com`."""
    if "." not in url:
        return None
    host = (host_of(url) or "").rstrip(".")
    label, dot, domain = host.partition(".")
    if not dot or domain != STORE_DOMAIN or not _DNS_LABEL.fullmatch(label):
        return None
    permanent = _STORE_LABEL.fullmatch(label)
    if permanent is None:
        return StoreHost(label, None, None)
    channel_id = permanent["channel_id"]
    return StoreHost(label, permanent["store_hash"], int(channel_id) if channel_id else None)


def store_hash_from_text(text: str) -> str:
    """Read a store hash out of a control panel address, an API path, `store-HASH` or the bare hash.

    Raises:
        InvalidInput: pointing at `/store_hash`; an account-level API path, a vanity address and what is as long as an
            access token are refused by name.
    """
    given = pasted(text).lower()
    if not given:
        raise _refused(
            "/store_hash", "The store hash is missing. It is the part after `store-` in the control panel's address."
        )
    host = store_host_from_url(given)
    if host is not None:
        if host.store_hash is None:
            raise _refused(
                "/store_hash",
                f"`{host.subdomain}` is a subdomain, not a store hash. The store hash is in the control panel's "
                "address, https://store-HASH.mybigcommerce.com/manage.",
            )
        return host.store_hash
    api_path = _api_path(given)
    if api_path is not None and api_path.startswith("/accounts/"):
        raise _refused(
            "/store_hash",
            "This is the API path of an account-level API account. Use the one of a store-level API account, "
            "https://api.bigcommerce.com/stores/HASH/v3/.",
        )
    path = None if api_path is None else _API_PATH.match(api_path)
    if path is not None:
        return _checked_hash(path["store_hash"].removeprefix("store-"))
    permanent = _STORE_LABEL.fullmatch(given)
    if permanent is not None:
        return _checked_hash(permanent["store_hash"])
    # An access token has the same alphabet (31 characters seen), and a hash (6 to 10 seen) would be stored in clear.
    # What says by itself that it is a hash, as an address does, may have any length.
    if looks_like_secret(given):
        raise _refused(
            "/store_hash",
            "This is as long as an access token or a client ID, and no store hash. The store hash is the part after "
            "`store-` in the control panel's address, https://store-HASH.mybigcommerce.com/manage.",
        )
    return _checked_hash(given)


def subdomain_from_text(text: str) -> str:
    """Read a subdomain out of a storefront address or the bare label; query and fragment are dropped unread.

    Raises:
        InvalidInput: pointing at `/subdomain`; addresses on other domains are refused by name.
    """
    given = pasted(text).lower()
    if not given:
        raise _refused(
            "/subdomain",
            "The subdomain is missing. It is the part before `.mybigcommerce.com` in the storefront's address.",
        )
    host = store_host_from_url(given)
    if host is not None:
        return host.subdomain
    if _DNS_LABEL.fullmatch(given):
        return given
    raise _refused(
        "/subdomain",
        "This is not a storefront address on mybigcommerce.com. Use the part before `.mybigcommerce.com`; where the "
        "storefront has a domain of its own, `store-` and the store hash serve as the subdomain.",
    )


def channel_id_from_text(text: str) -> int:
    """Read a channel ID out of its digits, `/manage/channel/ID/…` or `store-HASH-ID.mybigcommerce.com`.

    Raises:
        InvalidInput: pointing at `/channel_id`.
    """
    given = pasted(text).lower()
    if given.isascii() and given.isdigit():
        return checked_channel_id(int(given)) if len(given) <= 20 else checked_channel_id(0)
    path = _CHANNEL_PATH.search(given)
    if path is not None and len(path["channel_id"]) <= 19:
        return checked_channel_id(int(path["channel_id"]))
    host = store_host_from_url(given)
    if host is not None and host.channel_id is not None:
        return checked_channel_id(host.channel_id)
    raise _refused("/channel_id", "The channel ID is a whole number, 1 or more; 1 is the store's default storefront.")


def checked_channel_id(channel_id: int) -> int:
    """Return `channel_id` if BigCommerce could know it.

    Raises:
        InvalidInput: pointing at `/channel_id`.
    """
    if not 1 <= channel_id <= _MAX_CHANNEL_ID:
        raise _refused(
            "/channel_id", "The channel ID is a whole number, 1 or more; 1 is the store's default storefront."
        )
    return channel_id


def canonical_hosts(store_hash: str, channel_id: int) -> tuple[str, ...]:
    """Return the permanent storefront hosts of a channel, most specific first.

    Not every store has the channel-suffixed one, so channel 1 has two (Catalyst's code generator, 2026-01).
    """
    specific = f"store-{store_hash}-{channel_id}.{STORE_DOMAIN}"
    return (f"store-{store_hash}.{STORE_DOMAIN}", specific) if channel_id == 1 else (specific,)


def _api_path(given: str) -> str | None:
    """Return what is asked for at BigCommerce's API, with or without its host before it; None at any other host."""
    without_slash = given.removeprefix("/")
    if without_slash.startswith(("stores/", "accounts/")):
        return f"/{without_slash}"
    if "." not in given:
        return None
    if (host_of(given) or "").rstrip(".") != API_HOST:
        return None
    return urlsplit(given if "://" in given else "https://" + given.removeprefix("//")).path


def _checked_hash(candidate: str) -> str:
    if not _HASH.fullmatch(candidate):
        raise _refused(
            "/store_hash",
            "A store hash has letters and digits only. It is the part after `store-` in the control panel's address, "
            "https://store-HASH.mybigcommerce.com/manage.",
        )
    return candidate


def _refused(pointer: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, fields=(FieldError(pointer, detail),))
