"""Where BigCommerce's documentation is silent or contradicts itself, a connection that is right stays right.

The simulated store has a switch for each such fact. With each of its values a working connection is verified and used,
by the service's own use cases and client.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from companion.bigcommerce import BigCommerceClient, Outbound
from companion.core.connection import Severity, Status, World, checked_draft
from companion.core.host_map import host_map_from_text
from companion.core.secret import Secret
from companion.keys.choice import open_keys
from companion.service.add import add_connection
from companion.service.graphql import run_graphql
from companion.service.parts import Parts
from companion.service.vault import Vault
from companion.service.verify import verify_connection
from companion.storage.sqlite import open_sqlite_repository
from simulated_store.api_switches import ApiSwitches
from simulated_store.options.switches import Switch, switches
from simulated_store.serving.server import RunningStore, running
from simulated_store.state import SimulatedBigCommerce

TOKEN_SCOPES = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation"})
QUERY = "{ site { settings { storeName } } }"

NUMBERS: dict[str, list[object]] = {
    "revocation_delay": [0.0],
    "most_revoked": [0],
    "most_channels": [0],
    "quota": [3],
    "window_ms": [1_000],
    "hourly_quota": [50],
    "origin_mismatch_status": [403],
    "wrong_side_status": [403],
    "scope_error_status": [401],
}
"""Other values for the switches that take any number."""


def other_values(switch: Switch) -> list[object]:
    named = [text for text in switch.values[1:] if text not in ("NUMBER", "TEXT")]
    return [switch.value_from_text(text) for text in named] + NUMBERS.get(switch.name, [])


CASES = [
    pytest.param(switch, value, id=f"{switch.name}={value}")
    for switch in switches().values()
    if switch.group == "api"
    for value in other_values(switch)
]


def test_every_switch_has_another_value_here() -> None:
    for switch in switches().values():
        assert switch.group != "api" or other_values(switch), switch.name


@pytest.fixture(scope="module")
def served() -> Iterator[RunningStore]:
    with running(SimulatedBigCommerce(seed=29)) as store:
        yield store


@pytest.fixture
def state(served: RunningStore) -> SimulatedBigCommerce:
    served.state.reset()
    served.state.api = ApiSwitches()
    return served.state


@pytest.fixture
def parts(tmp_path: Path, served: RunningStore, state: SimulatedBigCommerce) -> Iterator[Parts]:
    keys = open_keys(tmp_path / "data", wanted="file", key_file=tmp_path / "config" / "key.json")
    outbound = Outbound(host_map_from_text(served.host_map), ca_file=served.ca_file)
    filled = Parts(
        repository=open_sqlite_repository(tmp_path / "data", folder_id=keys.folder_id),
        vault=Vault(keys.provider, os.urandom),
        bigcommerce=BigCommerceClient(outbound, sleep=lambda seconds: state.clock.forward(seconds=seconds)),
        clock=lambda: datetime.fromtimestamp(state.now(), UTC),
        entropy=os.urandom,
        world=World.SIMULATED,
    )
    yield filled
    filled.close()


def connection(parts: Parts, state: SimulatedBigCommerce) -> Any:
    account = state.store.create_api_account("under test", TOKEN_SCOPES)
    form = {
        "name": "Shop",
        "subdomain": state.store.subdomain,
        "store_hash": state.store.store_hash,
        "access_token": Secret(account.access_token),
    }
    return add_connection(parts, checked_draft(**form))


@pytest.mark.parametrize(("switch", "value"), CASES)
def test_a_right_connection_is_found_right_and_can_be_used(
    parts: Parts, state: SimulatedBigCommerce, switch: Switch, value: object
) -> None:
    setattr(state.api, switch.name, value)
    shop = connection(parts, state)
    verified = verify_connection(parts, shop.id)
    told = {finding.code for finding in verified.findings if finding.severity is not Severity.NOTE}
    if switch.name == "graphql_enabled":  # what has no GraphQL cannot be used, and it is said
        assert (verified.status is not Status.READY, bool(told)) == (True, True)
        return
    assert (verified.status, told) == (Status.READY, set())
    assert run_graphql(parts, shop.id, QUERY)["data"]["site"]["settings"]["storeName"] == state.store.name
