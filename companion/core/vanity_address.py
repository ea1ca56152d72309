"""What a store says of its own vanity address, and the subdomain in it."""

from __future__ import annotations

from typing import Any

from companion.core.store_urls import store_host_from_url

VANITY_QUERY = "query CompanionStorefront { site { settings { url { vanityUrl } } } }"


def subdomain_from_answer(answer: dict[str, Any]) -> str | None:
    """Read the subdomain out of GraphQL's answer; None where the vanity address shows none."""
    found: Any = answer
    for key in ("data", "site", "settings", "url", "vanityUrl"):
        found = found.get(key) if isinstance(found, dict) else None
    host = store_host_from_url(found) if isinstance(found, str) else None
    # A permanent name is no subdomain: the store shows it where it has no vanity address.
    return None if host is None or host.store_hash is not None else host.subdomain
