"""What is read most, with authentication, against a bare Flask route behind the same server that reads one row."""

from __future__ import annotations

from pathlib import Path

from alternation import median_rate_ratio
from hammer import hammered
from serving import served_bare, served_companion
from stores import CONNECTIONS, served_with_token, stored
from wire import Wire, spelled

LIMIT = 0.5
ROUNDS = 15
REQUESTS = 400


def test_a_connection_is_read_at_half_the_rate_of_a_bare_row(tmp_path: Path) -> None:
    with served_companion(tmp_path) as companion:
        connection_id, row = stored(companion)
        request = spelled("GET", companion.url, f"{CONNECTIONS}/{connection_id}", Authorization=companion.authorization)
        assert ratio(tmp_path, "GET of a connection", companion.url, request, row) >= LIMIT


def test_a_storefront_token_from_the_cache_at_half_the_rate_of_a_bare_row(tmp_path: Path) -> None:
    with served_with_token(tmp_path) as (companion, request):
        with Wire(companion.url) as wire:
            row = wire.ask(request).body
        assert ratio(tmp_path, "storefront token from the cache", companion.url, request, row) >= LIMIT


def ratio(place: Path, name: str, url: str, request: bytes, row: bytes) -> float:
    """Ours by the bare one's, which gives as many bytes."""
    with served_bare(place, row) as bare:
        bare_request = spelled("GET", bare, f"/things/{5:036}")
        return median_rate_ratio(
            name,
            lambda: hammered(url, [[request] * REQUESTS]).rate,
            lambda: hammered(bare, [[bare_request] * REQUESTS]).rate,
            rounds=ROUNDS,
        )
