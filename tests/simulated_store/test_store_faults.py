"""What a fault does to somebody who speaks HTTP with the store."""

import contextlib
import http.client
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest
from https_client import Answer, HttpsClient
from werkzeug.test import Client

from simulated_store.options.fault_places import PLACES
from simulated_store.options.fault_texts import MAINTENANCE_PAGE, fault_from_text
from simulated_store.serving.server import RunningStore, running
from simulated_store.serving.sites import dispatcher
from simulated_store.state import SimulatedBigCommerce

LOGIN = "login.bigcommerce.com"
BROKEN = (ConnectionError, ssl.SSLError, http.client.HTTPException, TimeoutError)
Get = Callable[[str, str], Answer]


@pytest.fixture
def store() -> Iterator[RunningStore]:
    with running(SimulatedBigCommerce(seed=7)) as served:
        yield served


@pytest.fixture
def get(store: RunningStore) -> Get:
    def asked(host: str, path: str) -> Answer:
        client = HttpsClient(host, store.port, store.ca_file)
        with contextlib.closing(client):
            return client.get(path)

    return asked


@pytest.fixture
def fault(store: RunningStore) -> Callable[[str], None]:
    return lambda text: store.state.faults.put(fault_from_text(text)) and None


def test_an_error_strikes_the_place_it_names_as_often_as_it_says(fault, get):
    fault("sign-in-page:503:twice")
    assert [get(LOGIN, "/login").status for _ in range(3)] == [503, 503, 200]
    assert get(LOGIN, "/users/unlock/new").status == 200


def test_maintenance_is_a_page_in_html(fault, get):
    fault("login:maintenance:once")
    answer = get(LOGIN, "/login")
    assert (answer.status, answer.text) == (503, MAINTENANCE_PAGE)
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("kind", ["drop", "drop-after", "cut"])
@pytest.mark.parametrize("place", ["pages", "rest"])
def test_a_lost_answer_is_no_answer(fault, get, store, place, kind):
    fault(f"{place}:{kind}:once")
    host, path = (LOGIN, "/login") if place == "pages" else ("api.bigcommerce.com", "/stores/x/v3/channels")
    with pytest.raises(BROKEN):
        get(host, path)
    assert get(host, path).status in (200, 401)


def test_an_answer_that_is_cut_begins_as_it_should(fault, store):
    fault("sign-in-page:cut:once")
    client = HttpsClient(LOGIN, store.port, store.ca_file)
    with contextlib.closing(client), pytest.raises(http.client.IncompleteRead) as broken:
        client.get("/login")
    assert broken.value.partial.startswith(b"<!doctype html>")


@pytest.mark.parametrize("let_go", ["clear", "reset", "stop"])
def test_a_request_that_hangs_is_let_go_with_its_fault(fault, get, store, let_go):
    fault("sign-in-page:hang")
    outcome: list[object] = []
    reached = threading.Event()
    taken = store.state.faults.take

    def take(names):
        found = taken(names)
        reached.set()
        return found

    store.state.faults.take = take

    def ask() -> None:
        try:
            outcome.append(get(LOGIN, "/login"))
        except BROKEN as broken:
            outcome.append(broken)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    assert reached.wait(20)
    assert outcome == []
    {"clear": store.state.faults.clear, "reset": store.state.reset, "stop": store.stop}[let_go]()
    asking.join(20)
    assert isinstance(outcome[0], BROKEN)


@pytest.mark.parametrize("let_go", ["clear", "release"])
def test_who_has_taken_a_fault_is_let_go_even_before_waiting_for_it(let_go):
    faults = SimulatedBigCommerce(seed=7).faults
    faults.put(fault_from_text("sign-in-page:hang"))
    taken = faults.take(["login:GET /login"])
    assert taken is not None
    getattr(faults, let_go)()
    broken: list[BaseException] = []

    def wait() -> None:
        try:
            faults.wait(taken)
        except ConnectionResetError as reset:
            broken.append(reset)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    waiting.join(20)
    assert len(broken) == 1


def test_the_session_ends_before_or_after_the_request(store, fault):
    world = store.state
    for text, status in (("dashboard:end-session:once", 302), ("dashboard:end-session-after:once", 200)):
        session = world.sign_in(world.owner.email, world.owner.password)
        opened = world.open_panel(world.panel_ticket(session, world.store.store_hash, "/"), world.store.store_hash)
        assert opened is not None
        fault(text)
        client = HttpsClient(world.store.panel_host, store.port, store.ca_file)
        with contextlib.closing(client):
            client._connection.request(
                "GET", "/manage/dashboard", headers={"Cookie": f"STORE_SESSION={opened[0].cookie}"}
            )
            assert client._connection.getresponse().status == status
        assert world.panel_sessions == {}


def test_a_server_error_after_the_save_leaves_the_account(store, fault):
    fault("save:500-after:once")
    client = HttpsClient(store.state.store.panel_host, store.port, store.ca_file)
    with contextlib.closing(client):
        assert client.post("/admin/app-api/api-accounts", b"{}").status == 500
    assert store.state.faults.to_come() == []


HOSTS = {"login": LOGIN, "identity": "id.workplace.example", "api": "api.bigcommerce.com"}
STRUCK = {
    "sign-in-page": "GET login:/login",
    "sign-in": "POST login:/login",
    "code-page": "GET login:/device_verifications/x, GET login:/two_factor_authentications/x",
    "code": "POST login:/device_verifications/x, POST login:/two_factor_authentications/x",
    "new-password": "GET login:/users/password/expired, POST login:/users/password/expired",
    "accounts-page": "GET login:/accounts/list, GET login:/stores",
    "choose-account": "POST login:/accounts/list, POST login:/accounts/stores",
    "unlock": "GET login:/users/unlock/new, POST login:/users/unlock",
    "sso": "GET login:/sso, POST login:/sso, GET login:/sso/callback",
    "identity-provider": "GET identity:/authorize",
    "device-code": "POST login:/device/token, GET login:/device/connect",
    "deep-link": "GET login:/deep-links/settings/api-accounts",
    "sign-out": "GET login:/logout",
    "login": "GET login:/login, POST login:/sso",
    "enter-panel": "GET panel:/manage/session",
    "dashboard": "GET panel:/manage/dashboard, GET panel:/admin/app/dashboard, GET panel:/admin/embedded/dashboard",
    "settings": "GET panel:/manage/settings-list, GET panel:/admin/app/settings-list",
    "list": "GET panel:/manage/settings/api-accounts, GET panel:/admin/app/settings/auth/api-accounts",
    "create": "GET panel:/manage/settings/api-accounts/create, GET panel:/admin/app/settings/auth/api-accounts/create",
    "account": "GET panel:/manage/settings/api-accounts/1, GET panel:/admin/app/settings/api-accounts/1",
    "save": "POST panel:/admin/app-api/api-accounts",
    "credentials-file": "GET panel:/admin/app-api/credentials-files/x",
    "delete": "DELETE panel:/admin/app-api/api-accounts/1",
    "view-storefront": "GET panel:/manage/view-storefront",
    "frame": "GET panel:/admin/app/settings-list, GET panel:/admin/embedded/settings-list",
    "assets": "GET panel:/admin/assets/app.js",
    "panel": "GET panel:/manage/orders, POST panel:/admin/app-api/api-accounts",
    "home": "GET shop:/",
    "preview-code": "POST shop:/",
    "store-hash-lookup": "GET shop:/admin/oauth/info",
    "storefront": "GET shop:/, GET shop:/admin/oauth/info",
    "store-profile": "GET rest:/v2/store, GET rest:/v3/settings/store/profile",
    "channels": "GET rest:/v3/channels, GET rest:/v3/channels/1",
    "sites": "GET rest:/v3/sites, GET rest:/v3/channels/1/site",
    "catalog-summary": "GET rest:/v3/catalog/summary",
    "mint": "POST rest:/v3/storefront/api-token-private, POST rest:/v3/storefront/api-token",
    "tokens": "GET rest:/v3/storefront/api-token-private",
    "revoke": "DELETE rest:/v3/storefront/api-token",
    "rest": "GET rest:/v2/time, POST rest:/v3/storefront/api-token",
    "graphql": "POST shop:/graphql",
    "pages": "GET login:/login, GET identity:/authorize, GET panel:/manage, GET shop:/",
    "everything": "GET login:/login, GET panel:/manage, GET rest:/v2/time, POST shop:/graphql",
}
"""For each place, requests that a fault there strikes, `METHOD SITE:PATH`; before anybody asks who sent them."""


@pytest.mark.parametrize("place", [place.name for place in PLACES])
def test_a_fault_strikes_every_request_of_its_place_and_no_other(place):
    world = SimulatedBigCommerce(seed=7)
    world.users.add("sso@x.example", sso=True)
    client = Client(dispatcher(world))

    def status(request: str) -> int:
        method, _, address = request.partition(" ")
        site, _, path = address.partition(":")
        hosts = {**HOSTS, "panel": world.store.panel_host, "shop": world.store.vanity_host, "rest": HOSTS["api"]}
        below = f"/stores/{world.store.store_hash}" if site == "rest" else ""
        return client.open(below + path, method=method, base_url=f"https://{hosts[site]}").status_code

    struck = {name: requests.split(", ") for name, requests in STRUCK.items()}
    own = struck[place]
    others = {request for requests in struck.values() for request in requests}
    wider = ("login", "panel", "frame", "storefront", "rest", "pages", "everything", "identity-provider")
    within = {request for name in wider for request in struck[name]}
    world.faults.add(place, status=418, times=None)
    assert [status(request) for request in own] == [418] * len(own)
    if place not in wider:
        assert [request for request in others - set(own) - within if status(request) == 418] == []
    world.faults.clear()
    assert 418 not in [status(request) for request in own]
