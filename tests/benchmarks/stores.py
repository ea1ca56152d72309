"""Forms of connections, and what is asked with them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serving import Companion, served_companion
from wire import Wire, spelled

from simulated_store.serving.server import running
from simulated_store.state import SimulatedBigCommerce

CONNECTIONS = "/api/v1/connections"
ACCESS_TOKEN = "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p"

_numbers = itertools.count()


def form(store_hash: str = "ci4bzn8adz", access_token: str = ACCESS_TOKEN) -> dict[str, object]:
    """A form that no other has the name of."""
    return {
        "name": f"shop {next(_numbers)}",
        "subdomain": "celigo",
        "store_hash": store_hash,
        "access_token": access_token,
    }


def to_store(companion: Companion, number: int) -> list[bytes]:
    """So many requests, each of which stores a new connection."""
    return [
        spelled("POST", companion.url, CONNECTIONS, form(), Authorization=companion.authorization)
        for _ in range(number)
    ]


def stored(companion: Companion, given: dict[str, object] | None = None) -> tuple[str, bytes]:
    """Store one; gives its id, and what the API shows of it."""
    request = spelled("POST", companion.url, CONNECTIONS, given or form(), Authorization=companion.authorization)
    with Wire(companion.url) as wire:
        answer = wire.ask(request, 201)
    return answer.document["id"], answer.body


@contextmanager
def served_with_token(place: Path) -> Iterator[tuple[Companion, bytes]]:
    """Run the service over a connection whose storefront token is in the cache; gives the request for that token."""
    with running(SimulatedBigCommerce()) as bigcommerce:
        store = bigcommerce.state.store
        account = store.create_api_account("bench", frozenset({"store_storefront_api"}))
        world = {"COMPANION_HOST_MAP": bigcommerce.host_map, "COMPANION_CA_FILE": str(bigcommerce.ca_file)}
        with served_companion(place, world) as companion:
            connection_id, _ = stored(companion, form(store.store_hash, account.access_token))
            request = spelled(
                "POST",
                companion.url,
                f"{CONNECTIONS}/{connection_id}/storefront-token",
                {},
                Authorization=companion.authorization,
            )
            with Wire(companion.url) as wire:
                first, again = (wire.ask(request).document["token"] for _ in range(2))
            assert first == again
            yield companion, request
