"""The client of BigCommerce, and what is asked there without credentials."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from companion.bigcommerce import BigCommerceClient, Outbound
from companion.core.standing import store_hash_in
from companion.wiring.clock import utc_now

if TYPE_CHECKING:
    from companion.settings import Settings


def bigcommerce_client(settings: Settings) -> BigCommerceClient:
    """Return a client of BigCommerce, or of what the host map names in its place. Close it."""
    return BigCommerceClient(Outbound(settings.host_map, settings.ca_file, settings.extra_ca_file))


def skew_of_this_clock(settings: Settings) -> timedelta | None:
    """Return BigCommerce's clock minus this machine's; None where BigCommerce does not answer."""
    bigcommerce = bigcommerce_client(settings)
    try:
        date = bigcommerce.date()
    finally:
        bigcommerce.close()
    return None if date is None else date - utc_now()


def store_hash_at(settings: Settings, host: str) -> str | None:
    """Ask a storefront below mybigcommerce.com for its store hash, without credentials; None where it does not tell."""
    bigcommerce = bigcommerce_client(settings)
    try:
        return store_hash_in(bigcommerce.oauth_info(host))
    finally:
        bigcommerce.close()
