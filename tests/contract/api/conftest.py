"""A real service on loopback with a data folder of its own, in front of a simulated store."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx2
import pytest
from played_jobs import PlayedJobs
from served import A_TOKEN, BOTH_SCOPES, Served, settings_in

from companion.client import CompanionClient, ConnectionFields
from companion.core.secret import Secret
from companion.wiring import retrievals as wired_retrievals
from companion.wiring.service import running_service
from simulated_store.api_switches import ApiSwitches
from simulated_store.serving.server import RunningStore, running
from simulated_store.state import SimulatedBigCommerce, Store


@pytest.fixture(scope="module")
def simulated() -> Iterator[RunningStore]:
    with running(SimulatedBigCommerce(seed=11)) as store:
        yield store


@pytest.fixture(scope="module")
def served(simulated: RunningStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("service")
    settings = settings_in(folder, host_map=simulated.host_map, ca_file=simulated.ca_file)
    log = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        # No test here may open a browser window on the desktop of who runs it.
        patch.setattr(wired_retrievals, "ChildProcesses", lambda *_: PlayedJobs(has_display=False))
        with running_service(settings, public=True, log_stream=log) as service:
            yield Served(service, settings, log)


@pytest.fixture
def bigcommerce(simulated: RunningStore) -> SimulatedBigCommerce:
    """The simulated world, new again for each test."""
    simulated.state.reset()
    simulated.state.api = ApiSwitches()
    return simulated.state


@pytest.fixture
def store(bigcommerce: SimulatedBigCommerce) -> Store:
    return bigcommerce.store


@pytest.fixture
def http(served: Served) -> Iterator[httpx2.Client]:
    """Speaks HTTP to the service with the API token, without our client in between."""
    with httpx2.Client(
        base_url=served.service.url + "/api/v1", headers=served.authorization, trust_env=False, verify=False, timeout=30
    ) as client:
        yield client


@pytest.fixture
def anonymous(served: Served) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=served.service.url + "/api/v1", trust_env=False, verify=False, timeout=30) as client:
        yield client


@pytest.fixture
def client(served: Served) -> Iterator[CompanionClient]:
    with CompanionClient(served.service.url, served.service.api_token) as client:
        yield client


_names = count(1)


@pytest.fixture
def new_name() -> Callable[[], str]:
    return lambda: f"Shop {next(_names)}"


@pytest.fixture
def form(new_name: Callable[[], str]) -> dict[str, Any]:
    """A whole form with a name of its own."""
    return {
        "name": new_name(),
        "subdomain": "celigo",
        "store_hash": "ci4bzn8adz",
        "access_token": A_TOKEN.reveal(),
    }


@pytest.fixture
def connected(client: CompanionClient, store: Store, new_name: Callable[[], str]) -> Callable[..., Any]:
    """Stores a connection to the simulated store, with an API account that has these OAuth scopes."""

    def connect(oauth_scopes: frozenset[str] = BOTH_SCOPES, /, **changes: Any) -> Any:
        account = store.create_api_account("ERP connection", oauth_scopes)
        fields: ConnectionFields = {
            "name": new_name(),
            "subdomain": store.subdomain,
            "store_hash": store.store_hash,
            **changes,
        }  # type: ignore[typeddict-item]
        return client.create(fields, Secret(account.access_token))

    return connect
