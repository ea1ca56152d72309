"""A store, its clock, an API account and clients of both APIs, each on a Flask application of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from simulated_store.api import graphql_blueprint, rest_blueprint
from simulated_store.state import ApiAccount, SimulatedBigCommerce, Store

SPRING_2026 = 1_775_000_000
"""2026-03-31: private tokens exist, storefront tokens still work on servers."""

TOKEN_SCOPES = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation"})
ALL_SCOPES = TOKEN_SCOPES | {
    "store_v2_information_read_only",
    "store_channel_settings_read_only",
    "store_sites_read_only",
    "store_v2_products_read_only",
}


@dataclass
class Clock:
    """The store's clock: stands still until a test moves it."""

    seconds: float = SPRING_2026

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Rest:
    """Calls on one store with one account's token."""

    client: FlaskClient
    store: Store
    account: ApiAccount
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **rest: object
    ) -> TestResponse:
        sent = {"X-Auth-Token": self.account.access_token, **self.headers, **(headers or {})}
        return self.client.open(f"/stores/{self.store.store_hash}{path}", method=method, headers=sent, **rest)

    def get(self, path: str, **rest: object) -> TestResponse:
        return self("GET", path, **rest)

    def post(self, path: str, **rest: object) -> TestResponse:
        return self("POST", path, **rest)

    def put(self, path: str, **rest: object) -> TestResponse:
        return self("PUT", path, **rest)

    def delete(self, path: str, **rest: object) -> TestResponse:
        return self("DELETE", path, **rest)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bigcommerce(clock: Clock) -> SimulatedBigCommerce:
    return SimulatedBigCommerce(seed=11, clock=clock)


@pytest.fixture
def store(bigcommerce: SimulatedBigCommerce) -> Store:
    return bigcommerce.store


@pytest.fixture
def rest_client(bigcommerce: SimulatedBigCommerce) -> FlaskClient:
    app = Flask("rest")
    app.register_blueprint(rest_blueprint(bigcommerce))
    return app.test_client()


@pytest.fixture
def rest_as(store: Store, rest_client: FlaskClient) -> Callable[..., Rest]:
    """A new API account with these scopes, ready to call."""

    def as_account(*scopes: str, name: str = "") -> Rest:
        name = name or f"account {len(store.api_accounts)}"
        return Rest(rest_client, store, store.create_api_account(name, frozenset(scopes)))

    return as_account


@pytest.fixture
def rest(rest_as: Callable[..., Rest]) -> Rest:
    return rest_as(*ALL_SCOPES)


@pytest.fixture
def writing(rest_as: Callable[..., Rest]) -> Rest:
    """An account that may change channels, sites and settings."""
    return rest_as("store_v2_information", "store_channel_settings", "store_sites", "store_v2_products")


@pytest.fixture
def mint(rest: Rest, clock: Clock) -> Callable[..., str]:
    """`mint("private", scopes=["Customer"])` gives the JWT; sensible values for what is left out."""
    paths = {"simple": "", "private": "-private", "impersonation": "-customer-impersonation"}

    def minted(family: str = "private", **fields: object) -> str:
        body: dict[str, object] = {"channel_ids": [1], "expires_at": int(clock()) + 600, **fields}
        if family == "private":
            body.setdefault("scopes", ["Unauthenticated"])
        answer = rest.post(f"/v3/storefront/api-token{paths[family]}", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json["data"]["token"])

    return minted


@pytest.fixture
def graphql(bigcommerce: SimulatedBigCommerce, store: Store) -> Callable[..., TestResponse]:
    """`graphql(token, query, host=..., **headers)`; on the store's vanity host unless told otherwise."""
    app = Flask("graphql")
    app.register_blueprint(graphql_blueprint(bigcommerce))
    client = app.test_client(use_cookies=False)

    def asked(
        token: str | None,
        query: str = "{ site { settings { storeName } } }",
        *,
        host: str = "",
        headers: dict[str, str] | None = None,
        **body: object,
    ) -> TestResponse:
        sent = {"Host": host or store.vanity_host, **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        return client.post("/graphql", headers=sent, json={"query": query, **body})

    return asked
