"""The product's client of BigCommerce against every answer that BigCommerce is documented to give.

The simulated store gives the answers; where the documentation is silent or contradicts itself, it gives each in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from companion.bigcommerce import BigCommerceClient, Outbound
from companion.core.answers import (
    MAX_WAIT,
    Answer,
    Minted,
    NoAnswer,
    Observed,
    Silence,
    error_from,
    graphql_error_codes,
    graphql_errors,
    is_transient,
    message_in,
)
from companion.core.errors import (
    BigCommerceRefused,
    BigCommerceRejectedRequest,
    BigCommerceUnreachable,
    CompanionError,
    InMaintenance,
    RateLimited,
)
from companion.core.host_map import host_map_from_text
from companion.core.secret import Secret
from simulated_store.api_switches import ApiSwitches
from simulated_store.serving.server import RunningStore, running
from simulated_store.state import SimulatedBigCommerce, Store
from simulated_store.store import ApiAccount

SCOPES = frozenset({"store_storefront_api", "store_channel_settings", "store_v2_information", "store_v2_products"})
NAME = "{ site { settings { storeName } } }"


@dataclass
class World:
    """A simulated store, an API account there, the client, and what the client waited, in seconds."""

    state: SimulatedBigCommerce
    account: ApiAccount
    client: BigCommerceClient
    waited: list[float]

    @property
    def store(self) -> Store:
        return self.state.store

    def get(self, path: str, *, token: str | None = None, store_hash: str | None = None) -> Observed:
        secret = Secret(self.account.access_token if token is None else token)
        return self.client.get(store_hash or self.store.store_hash, secret, path)

    def mint(self, *scopes: str, channel_id: int = 1, life: int = 600) -> Minted | Observed:
        return self.client.mint_private_token(
            self.store.store_hash,
            Secret(self.account.access_token),
            channel_id=channel_id,
            scopes=scopes or ("Unauthenticated",),
            expires_at=int(self.state.now()) + life,
        )

    def token(self, *scopes: str, channel_id: int = 1, life: int = 600) -> Secret:
        minted = self.mint(*scopes, channel_id=channel_id, life=life)
        assert isinstance(minted, Minted)
        return minted.token

    def ask(self, token: Secret, query: str = NAME, *, host: str | None = None) -> Observed:
        return self.client.graphql(host or self.store.vanity_host, token, query)


@pytest.fixture(scope="module")
def served() -> Iterator[RunningStore]:
    with running(SimulatedBigCommerce(seed=23)) as store:
        yield store


@pytest.fixture
def world(served: RunningStore) -> Iterator[World]:
    state = served.state
    state.reset()
    state.api = ApiSwitches()
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        state.clock.forward(seconds=seconds)

    outbound = Outbound(host_map_from_text(served.host_map), ca_file=served.ca_file)
    with BigCommerceClient(outbound, sleep=sleep) as client:
        yield World(state, state.store.create_api_account("contract", SCOPES), client, waited)


def told(observed: Observed) -> tuple[int, str]:
    assert isinstance(observed, Answer)
    return observed.status, message_in(observed)


# Refusals: who asks, and for what.

REFUSALS: dict[str, tuple[Callable[[World], Observed], int, str, type[CompanionError]]] = {
    "an empty token": (
        lambda w: w.get("v3/channels", token=""),
        *(401, "X-Auth-Token header should have correct format", BigCommerceRefused),
    ),
    "an unknown token": (lambda w: w.get("v3/channels", token="unknown"), 401, "Unauthorized", BigCommerceRefused),
    "an unknown token under V2": (
        lambda w: w.get("v2/store", token="unknown"),
        *(401, "Unauthorized", BigCommerceRefused),
    ),
    "a missing scope": (
        lambda w: w.get("v3/sites"),
        *(403, "You don't have a required scope to access the endpoint", BigCommerceRefused),
    ),
    "a missing scope under V2": (
        lambda w: w.client.get(
            w.store.store_hash, Secret(w.store.create_api_account("none", frozenset()).access_token), "v2/store"
        ),
        *(403, "You don't have a required scope to access the endpoint", BigCommerceRefused),
    ),
    "a wrong hash": (
        lambda w: w.get("v3/channels", store_hash="nosuchhash"),
        *(403, "You don't have a required scope to access the endpoint", BigCommerceRefused),
    ),
    "a hash with store- before it": (
        lambda w: w.get("v3/channels", store_hash=f"store-{w.store.store_hash}"),
        *(403, "You don't have a required scope to access the endpoint", BigCommerceRefused),
    ),
    "an unknown route": (
        lambda w: w.get("v3/nothing"),
        *(404, "The route is not found, check the URL", BigCommerceRejectedRequest),
    ),
    "an unknown entity": (
        lambda w: w.get("v3/channels/987654"),
        *(404, "The requested entity was not found.", BigCommerceRejectedRequest),
    ),
    "an unknown entity under V2": (
        lambda w: w.get("v2/products/987654"),
        *(404, "The requested entity was not found.", BigCommerceRejectedRequest),
    ),
    "a limit that is no number": (
        lambda w: w.get("v3/channels?limit=a"),
        *(422, 'Query parameter "limit" value must be integer. For input string: "a".', BigCommerceRejectedRequest),
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_is_told_in_bigcommerces_words(world: World, case: str) -> None:
    ask, status, message, error = REFUSALS[case]
    observed = ask(world)
    assert told(observed) == (status, message)
    assert not is_transient(observed)
    raised = error_from(observed, "answer")
    assert type(raised) is error
    assert message in raised.explained.why


@pytest.mark.parametrize("switch", ["v2_unauthorized_array", "unauthorized_details"])
@pytest.mark.parametrize("path", ["v2/store", "v3/channels"])
def test_an_unknown_token_is_understood_in_every_shape(world: World, switch: str, path: str) -> None:
    setattr(world.state.api, switch, True)
    assert told(world.get(path, token="unknown")) == (401, "Unauthorized")


@pytest.mark.parametrize("status", [401, 403])
def test_another_stores_token_is_refused_either_way(world: World, status: int) -> None:
    world.state.api.other_store_status = status
    other = world.state.add_store()
    observed = world.get("v3/channels", store_hash=other.store_hash)
    assert told(observed)[0] == status
    assert type(error_from(observed, "answer")) is BigCommerceRefused


def test_an_invalid_filter_is_told(world: World) -> None:
    assert isinstance(world.get("v3/channels?colour=red"), Answer)
    world.state.api.unknown_filters_refused = True
    status, message = told(world.get("v3/channels?colour=red"))
    assert (status, message) == (422, "The filter(s): colour are not valid filter parameter(s).")


# Limits and failures.


def test_a_limit_of_thirty_seconds_is_waited_out_by_its_headers(world: World) -> None:
    world.state.api.quota = 1
    world.state.clock.stop()
    world.get("v3/channels")
    world.state.clock.forward(seconds=10)
    assert told(world.get("v3/channels"))[0] == 200
    assert world.waited == [20.0]


def test_a_limit_without_headers_is_waited_out_with_growing_delays(world: World) -> None:
    world.state.api.rate_limit_headers = False
    world.state.faults.add("rest:/v3/channels", status=429, times=3)
    assert told(world.get("v3/channels"))[0] == 200
    assert world.waited == sorted(set(world.waited))
    assert len(world.waited) == 3


@pytest.mark.parametrize("headers", [True, False])
def test_a_limit_that_stays_is_told_as_one_and_may_pass_later(world: World, headers: bool) -> None:
    world.state.api.quota, world.state.api.rate_limit_headers = 0, headers
    observed = world.get("v3/channels")
    assert told(observed)[0] == 429
    assert is_transient(observed)
    assert type(error_from(observed, "answer")) is RateLimited
    assert sum(world.waited) <= MAX_WAIT


def test_a_full_hour_is_not_sat_out(world: World) -> None:
    world.state.api.hourly_quota = 0
    assert told(world.get("v3/channels"))[0] == 429
    assert sum(world.waited) <= MAX_WAIT


@pytest.mark.parametrize("body", ["html", "json", "plain", "none"])
@pytest.mark.parametrize("path", ["v2/store", "v3/channels"])
def test_maintenance_is_maintenance_whatever_it_says(world: World, body: str, path: str) -> None:
    world.store.maintenance = True
    world.state.api.maintenance_body = body  # type: ignore[assignment]
    observed = world.get(path)
    assert told(observed) == (503, "Service Unavailable" if body in ("json", "plain") else "")
    assert is_transient(observed)
    assert type(error_from(observed, "answer")) is InMaintenance


DOCUMENTED = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 423, 499, 500, 501, 503, 507]


@pytest.mark.parametrize("status", DOCUMENTED)
def test_every_documented_status_is_an_error_with_a_next_step_and_no_secret(world: World, status: int) -> None:
    for body in (None, "<html>busy</html>", "[]", "not json", '{"errors": {"a": "b"}}'):
        world.state.faults.add("rest:/v3/channels", status=status, body=body)
        observed = world.get("v3/channels")
        assert told(observed)[0] == status
        assert is_transient(observed) is (status >= 500)
        raised = error_from(observed, "answer")
        assert raised.explained.next_step
        assert world.account.access_token not in f"{raised!r} {raised} {observed!r}"


def test_a_redirect_is_told_and_not_followed(world: World) -> None:
    world.state.faults.add("rest:/v3/channels", status=301)
    observed = world.get("v3/channels")
    assert type(error_from(observed, "answer")) is BigCommerceRejectedRequest
    assert "301" in error_from(observed, "answer").explained.why


@pytest.mark.parametrize("after", [False, True])
def test_a_lost_answer_is_no_answer_and_may_pass_later(world: World, after: bool) -> None:
    world.state.faults.add("rest:/v3/channels", drop=True, after=after)
    observed = world.get("v3/channels")
    assert observed == NoAnswer(Silence.NOT_HTTP, "api.bigcommerce.com")
    assert type(error_from(observed, "answer")) is BigCommerceUnreachable
    assert told(world.get("v3/channels"))[0] == 200


def test_a_success_that_is_a_page_is_no_answer(world: World) -> None:
    world.state.faults.add("rest:/v3/channels", status=200, body="<html>Sign in to this network</html>")
    assert world.get("v3/channels") == NoAnswer(Silence.NOT_DATA, "api.bigcommerce.com")


def test_an_empty_page_of_v2_is_an_answer_without_a_body(world: World) -> None:
    observed = world.get("v2/products?page=9")
    assert isinstance(observed, Answer)
    assert (observed.status, observed.text) == (204, "")


# Minting.


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda w: w.mint("Everything"), "scopes:is_unknown"),
        (lambda w: w.mint(channel_id=987654), "Channel id (987654) is not valid for store"),
        (lambda w: w.mint(channel_id=0), "channel_ids:is_too_small"),
        (lambda w: w.mint(life=10**13), "expires_at:is_too_large"),
    ],
)
def test_a_refused_mint_says_which_field(world: World, ask: Callable[[World], Observed], words: str) -> None:
    observed = ask(world)
    status, message = told(observed)
    assert status == 422
    assert words in message
    assert words in error_from(observed, "mint a private token").explained.why


@pytest.mark.parametrize("body", ["{}", '{"data": {}}', '{"data": {"token": 7}}', '{"data": {"token": "two words"}}'])
def test_a_mint_without_a_usable_token_is_no_mint(world: World, body: str) -> None:
    world.state.faults.add("rest:POST /v3/storefront/*", status=200, body=body)
    assert isinstance(world.mint(), Answer)


def test_an_impersonation_token_needs_its_own_scope(world: World) -> None:
    observed = world.client.mint_impersonation_token(
        world.store.store_hash, Secret(world.account.access_token), channel_id=1, expires_at=2_000_000_000
    )
    assert told(observed)[0] == 403  # type: ignore[arg-type]


# GraphQL.


def unknown_here(world: World) -> Observed:
    token = world.token()
    world.state.signing_key = None
    return world.ask(token)


def revoked(world: World) -> Observed:
    token = world.token()
    world.state.api.revocation_delay = 0
    for minted in world.account.storefront_tokens:
        minted.revoked_at = int(world.state.now())
    return world.ask(token)


def expired(world: World) -> Observed:
    token = world.token(life=60)
    world.state.clock.forward(minutes=2)
    return world.ask(token)


DENIALS: dict[str, tuple[Callable[[World], Observed], str]] = {
    "an access token": (
        lambda w: w.ask(Secret(w.account.access_token)),
        "GraphQL invalid credentials. String is not a JWT",
    ),
    "a signature of somebody else": (unknown_here, "GraphQL invalid credentials. JWT signature is invalid"),
    "an expired token": (expired, "GraphQL invalid credentials. JWT is expired"),
    "a revoked token": (revoked, "Unknown JWT token"),
    "another channel's token": (
        lambda w: w.ask(w.token(channel_id=w.store.add_channel("second").channel_id)),
        "GraphQL invalid credentials. JWT channel id doesn't match channel id of the URL",
    ),
    "another store's token": (
        lambda w: w.ask(w.token(), host=w.state.add_store().vanity_host),
        "GraphQL invalid credentials. JWT store id doesn't match store id of the URL",
    ),
}


@pytest.mark.parametrize("case", DENIALS)
def test_a_denied_storefront_token_is_401_in_the_documented_words(world: World, case: str) -> None:
    ask, message = DENIALS[case]
    observed = ask(world)
    assert isinstance(observed, Answer)
    assert (observed.status, graphql_errors(observed)) == (401, (message,))


@pytest.mark.parametrize("status", [200, 401])
def test_a_missing_access_scope_is_told_by_its_code_whatever_the_status(world: World, status: int) -> None:
    world.state.api.scope_error_status = status
    observed = world.ask(world.token("Unauthenticated"), "{ site { settings { storeName } } customer { email } }")
    assert isinstance(observed, Answer)
    assert observed.status == status
    assert graphql_error_codes(observed) == {"INSUFFICIENT_ACCESS_SCOPE"}
    assert observed.document["data"]["site"]["settings"]["storeName"] == world.store.name


def test_a_query_past_the_limits_names_both_numbers(world: World) -> None:
    page = "products(first: 50) { edges { node { entityId name sku path prices { price { value } } } } }"
    query = "{ site { " + " ".join(f"p{number}: {page}" for number in range(30)) + " } }"
    observed = world.ask(world.token(), query)
    assert isinstance(observed, Answer)
    assert observed.headers["x-bc-graphql-complexity"] in graphql_errors(observed)[0]


def test_a_legacy_storefront_has_no_graphql_but_tells_its_hash(world: World) -> None:
    token = world.token()
    world.state.api.graphql_enabled = False
    assert told(world.ask(token))[0] == 404
    info = world.client.oauth_info(world.store.vanity_host)
    assert isinstance(info, Answer)
    assert info.document == {"store_hash": world.store.store_hash}


def test_a_host_of_no_store_is_404(world: World) -> None:
    assert told(world.client.oauth_info("nosuchstore.mybigcommerce.com"))[0] == 404
