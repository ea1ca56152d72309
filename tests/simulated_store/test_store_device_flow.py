"""The device flow, with the requests that BigCommerce's own command line sends."""

import pytest
from page_walker import LOGIN, Browser
from werkzeug.test import Client

from simulated_store.people.device_grants import LIFE
from simulated_store.serving.sites import dispatcher
from simulated_store.state import SimulatedBigCommerce

CLIENT = "a-client-id-of-the-tool"
SCOPES = "store_v2_information store_v2_products store_storefront_api"


class Tool:
    """Asks for a code, and then again and again whether somebody gave it."""

    def __init__(self, state: SimulatedBigCommerce) -> None:
        self._client = Client(dispatcher(state))
        self.offer = self._ask({"client_id": CLIENT, "scopes": SCOPES}).json

    def poll(self):
        return self._ask({"client_id": CLIENT, "device_code": self.offer["device_code"]})

    def _ask(self, body):
        return self._client.post("/device/token", base_url=LOGIN, json=body)


@pytest.fixture
def bigcommerce() -> SimulatedBigCommerce:
    return SimulatedBigCommerce(seed=7)


@pytest.fixture
def tool(bigcommerce) -> Tool:
    return Tool(bigcommerce)


@pytest.fixture
def browser(bigcommerce) -> Browser:
    return Browser(bigcommerce)


def connect(browser: Browser, bigcommerce: SimulatedBigCommerce, code: str) -> None:
    browser.get(f"{LOGIN}/device/connect")
    browser.submit(user__email=bigcommerce.owner.email, user__password=bigcommerce.owner.password)
    assert browser.path == "/device/connect"
    browser.submit(user_code=code)


def test_a_tool_is_let_in_and_gets_a_token_that_works(bigcommerce, tool, browser):
    assert set(tool.offer) == {"device_code", "user_code", "verification_uri", "expires_in", "interval"}
    assert tool.offer["verification_uri"] == f"{LOGIN}/device/connect"
    assert tool.poll().status_code != 200
    connect(browser, bigcommerce, tool.offer["user_code"].lower().replace("-", " "))
    assert "store_v2_products" in browser.text
    assert tool.poll().status_code != 200
    browser.submit(answer="authorize")
    assert "is connected" in browser.text

    granted = tool.poll()

    assert granted.status_code == 200
    store_hash = bigcommerce.store.store_hash
    token = granted.json["access_token"]
    assert granted.json == {
        "access_token": token,
        "store_hash": store_hash,
        "context": f"stores/{store_hash}",
        "api_uri": "https://api.bigcommerce.com",
    }
    answer = Client(dispatcher(bigcommerce)).get(
        f"/stores/{store_hash}/v2/store", base_url="https://api.bigcommerce.com", headers={"X-Auth-Token": token}
    )
    assert answer.status_code == 200
    assert bigcommerce.store.api_accounts == []
    assert tool.poll().status_code == 400


def test_a_user_of_several_stores_chooses_one_first(bigcommerce, tool, browser):
    other = bigcommerce.add_store()
    bigcommerce.owner.stores.append(other.store_hash)
    browser.get(f"{LOGIN}/device/connect")
    browser.submit(user__email=bigcommerce.owner.email, user__password=bigcommerce.owner.password)
    browser.submit(store=other.store_hash)
    browser.submit(user_code=tool.offer["user_code"])
    browser.submit(answer="authorize")
    assert tool.poll().json["store_hash"] == other.store_hash


def test_a_refused_tool_and_one_that_waited_too_long_get_nothing(bigcommerce, tool, browser):
    late = Tool(bigcommerce)
    connect(browser, bigcommerce, tool.offer["user_code"])
    browser.submit(answer="deny")
    assert tool.poll().json == {"error": "access_denied"}
    bigcommerce.clock.forward(LIFE)
    browser.get(f"{LOGIN}/device/connect")
    browser.submit(user_code=late.offer["user_code"])
    assert "no such code" in browser.text
    assert late.poll().json == {"error": "expired_token"}


@pytest.mark.parametrize("body", [{}, {"client_id": ""}, {"client_id": CLIENT, "device_code": "unknown"}])
def test_what_is_no_request_of_a_tool_is_refused(tool, body):
    assert tool._ask(body).status_code == 400


def test_another_tool_cannot_use_the_code(bigcommerce, tool):
    assert tool._ask({"client_id": "another", "device_code": tool.offer["device_code"]}).json == {
        "error": "invalid_grant"
    }
