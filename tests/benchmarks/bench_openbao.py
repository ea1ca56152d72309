"""Storing a connection and fetching a cached storefront token, beside writing and reading a secret in OpenBao.

OpenBao records nothing of it here, since no audit device is enabled; the companion records each store and each fetch.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from alternation import median_rate_ratio
from hammer import hammered
from openbao import OpenBao, served_openbao
from serving import served_companion
from stores import form, served_with_token, to_store
from wire import Wire

LIMIT = 1.0
ROUNDS = 11
REQUESTS = 240

numbers = itertools.count()


def writes(openbao: OpenBao, number: int) -> list[bytes]:
    return [openbao.write(f"shop-{next(numbers)}", form()) for _ in range(number)]


@pytest.mark.parametrize("clients", [1, 8])
def test_as_many_connections_are_stored_as_secrets_in_openbao(tmp_path: Path, clients: int) -> None:
    each = REQUESTS // clients
    with served_companion(tmp_path) as companion, served_openbao(tmp_path) as openbao:
        ratio = median_rate_ratio(
            f"store of a connection, {clients} at once",
            lambda: hammered(companion.url, [to_store(companion, each) for _ in range(clients)], 201).rate,
            lambda: hammered(openbao.url, [writes(openbao, each) for _ in range(clients)]).rate,
            rounds=ROUNDS,
            beside="OpenBao",
        )
    assert ratio >= LIMIT


@pytest.mark.parametrize("clients", [1, 8])
def test_as_many_storefront_tokens_are_fetched_as_secrets_from_openbao(tmp_path: Path, clients: int) -> None:
    each = REQUESTS // clients
    with served_with_token(tmp_path) as (companion, request), served_openbao(tmp_path) as openbao:
        with Wire(companion.url) as wire, Wire(openbao.url) as other:
            other.ask(openbao.write("token", wire.ask(request).document))
        read = openbao.read("token")
        ratio = median_rate_ratio(
            f"fetch of a cached storefront token, {clients} at once",
            lambda: hammered(companion.url, [[request] * each for _ in range(clients)]).rate,
            lambda: hammered(openbao.url, [[read] * each for _ in range(clients)]).rate,
            rounds=ROUNDS,
            beside="OpenBao",
        )
    assert ratio >= LIMIT
