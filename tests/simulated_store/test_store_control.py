"""The verbs over HTTP: the same stories, and who may tell them."""

import contextlib
import dataclasses
import json
from collections.abc import Callable

import pytest
from https_client import HttpsClient
from hypothesis import given, settings
from hypothesis import strategies as st
from page_walker import LOGIN, Browser
from werkzeug.test import Client, TestResponse

from simulated_store.control import create_control_app
from simulated_store.sandbox import running_sandbox, state_from_options
from simulated_store.serving.server import running
from simulated_store.serving.sites import dispatcher
from simulated_store.state import SimulatedBigCommerce

HERE = "https://localhost:8443"
Ask = Callable[..., TestResponse]


@pytest.fixture
def bigcommerce() -> SimulatedBigCommerce:
    return SimulatedBigCommerce(seed=7)


@pytest.fixture
def ask(bigcommerce: SimulatedBigCommerce) -> Ask:
    client = Client(dispatcher(bigcommerce))

    def asked(method: str, path: str, body: object = None, *, host: str = HERE, **headers: str) -> TestResponse:
        return client.open(
            f"/simulated-store{path}",
            method=method,
            base_url=host,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            environ_overrides={"REMOTE_ADDR": "127.0.0.1"},
            json=body,
        )

    return asked


def test_the_world_is_described_without_secrets(bigcommerce, ask):
    bigcommerce.users.use_authenticator(bigcommerce.owner)
    bigcommerce.store.create_api_account("ERP connection", frozenset({"store_v2_products"}))
    described = ask("GET", "/")
    assert described.json["stores"][0]["store_hash"] == bigcommerce.store.store_hash
    assert described.json["users"][0]["email"] == bigcommerce.owner.email
    shown = described.text + ask("GET", f"/stores/{bigcommerce.store.store_hash}/api-accounts").text
    assert not [secret for secret in bigcommerce.canaries() if secret in shown]


@pytest.mark.parametrize(
    ("host", "headers", "address"),
    [
        (LOGIN, {}, "127.0.0.1"),
        ("https://api.bigcommerce.com", {}, "127.0.0.1"),
        ("https://localhost.example", {}, "127.0.0.1"),
        (HERE, {"Origin": "https://somewhere.example"}, "127.0.0.1"),
        (HERE, {"Origin": "null"}, "127.0.0.1"),
        (HERE, {"Sec-Fetch-Site": "cross-site"}, "127.0.0.1"),
        (HERE, {}, "192.0.2.7"),
    ],
)
def test_nobody_else_may_control_it(bigcommerce, host, headers, address):
    answer = Client(dispatcher(bigcommerce)).post(
        "/simulated-store/reset", base_url=host, headers=headers, environ_overrides={"REMOTE_ADDR": address}
    )
    assert answer.status_code in (403, 404, 405)


def test_control_is_reached_on_the_stores_own_port_and_leaves_no_record():
    with running(SimulatedBigCommerce(seed=7)) as served:
        assert served.control_url == f"https://localhost:{served.port}/simulated-store"
        client = HttpsClient("localhost", served.port, served.ca_file)
        with contextlib.closing(client):
            assert client.get("/simulated-store/").json()["seed"] == 7
        assert list(served.state.requests) == []


def test_a_user_is_locked_and_unlocked(bigcommerce, ask):
    email = bigcommerce.owner.email
    assert ask("POST", f"/users/{email}/lock").json["locked"] is True
    assert bigcommerce.owner.locked
    assert ask("POST", f"/users/{email}/unlock").json["locked"] is False


def test_what_is_no_text_is_refused_and_not_kept(ask):
    assert ask("POST", "/users", {"email": "\ud800@x.example"}).status_code == 400
    assert ask("GET", "/users").status_code == 200


def test_verbs_go_on_working_after_a_reset(bigcommerce, ask):
    email = bigcommerce.owner.email
    ask("POST", f"/users/{email}/lock")
    assert ask("POST", "/reset").json["users"][0]["locked"] is False
    ask("POST", f"/users/{email}/lock")
    assert bigcommerce.owner.locked


def test_a_user_is_added_and_signs_in_with_what_was_told(bigcommerce, ask):
    added = ask("POST", "/users", {"email": "staff@x.example", "may_delete": False, "authenticator": True}).json
    assert added["may_delete"] is False
    browser = Browser(bigcommerce)
    browser.get(f"{LOGIN}/login")
    browser.submit(user__email=added["email"], user__password=added["password"])
    code = ask("GET", "/users/staff@x.example/sign-in").json["code"]
    browser.submit(device_verification__otp_code=code)
    assert browser.path == "/manage/dashboard"
    sessions = ask("GET", "/sessions").json
    assert [each["email"] for each in sessions["sessions"]] == ["staff@x.example"]
    ask("POST", "/sessions/almost-expire")
    assert ask("GET", "/sessions").json["sessions"][0]["seconds_left"] < sessions["warning_before"]
    assert ask("POST", "/sessions/expire").json["sessions"] == []
    assert ask("DELETE", "/users/staff@x.example").json["users"][0]["email"] == bigcommerce.owner.email


@pytest.mark.parametrize(
    ("verb", "body", "field", "value"),
    [
        ("expire-password", None, "password_expired", True),
        ("forbid", {"what": ["create"]}, "may_create", False),
        ("forbid", None, "may_list", False),
        ("use-sso", {"on": True}, "sso", True),
        ("check-devices", {}, "device_check", True),
        ("use-authenticator", {"period": 30}, "totp_period", 30),
        ("set-password", {"password": "a-new-one-2"}, "password", "a-new-one-2"),
        ("sign-out", None, "locked", False),
        ("forget-devices", None, "locked", False),
    ],
)
def test_every_verb_of_users(bigcommerce, ask, verb, body, field, value):
    answer = ask("POST", f"/users/{bigcommerce.owner.email.upper()}/{verb}", body)
    assert answer.status_code == 200, answer.text
    assert answer.json[field] == value
    assert (bigcommerce.owner.password in answer.text) == (verb in ("set-password", "use-authenticator"))


def test_mailed_codes_can_be_read(bigcommerce, ask):
    ask("POST", f"/users/{bigcommerce.owner.email}/check-devices")
    browser = Browser(bigcommerce)
    browser.sign_in(bigcommerce.owner)
    mails = ask("GET", f"/mailbox?to={bigcommerce.owner.email}").json["mails"]
    browser.submit(device_verification__otp_code=mails[-1]["code"])
    assert browser.path == "/manage/dashboard"
    assert ask("GET", "/mailbox?to=nobody@x.example").json["mails"] == []


def test_the_clock_is_moved(bigcommerce, ask):
    assert ask("POST", "/clock", {"set": "2027-03-31T00:00:00Z"}).status_code == 200
    assert ask("POST", "/clock", {"stop": True}).json["stands_still"] is True
    ask("POST", "/clock", {"set": "2027-03-31T00:00:00Z"})
    assert ask("POST", "/clock", {"forward": 3600}).json["now"] == "2027-03-31T01:00:00+00:00"
    ask("POST", "/clock", {"go_on": True})
    assert bigcommerce.clock.moment().isoformat().startswith("2027-03-31T01")
    ask("POST", "/clock", {"reset": True})
    assert ask("POST", "/clock", {}).status_code == 400
    assert ask("POST", "/clock", {"set": "tomorrow"}).status_code == 400


def test_variants_are_chosen_switched_and_forgotten(bigcommerce, ask):
    ask("POST", "/variants", {"variants": ["a2019", "scope-control=radio", "locked-owner"]})
    assert bigcommerce.variants.scope_control == "radio"
    assert bigcommerce.owner.locked
    answer = ask("PATCH", "/variants", {"tour": True, "quota": 150, "save-fault": None})
    assert (answer.json["panel"]["tour"], answer.json["api"]["quota"]) == (True, 150)
    assert ask("GET", "/variants").json == answer.json
    ask("DELETE", "/variants")
    assert dataclasses.asdict(bigcommerce.variants) == dataclasses.asdict(SimulatedBigCommerce(seed=7).variants)
    refused = ask("PATCH", "/variants", {"colour": "red"})
    assert (refused.status_code, "no variant 'colour'" in refused.json["error"]) == (400, True)


def test_faults_are_added_listed_and_cleared(bigcommerce, ask):
    added = ask(
        "POST", "/faults", {"faults": ["save:500:once", "rest:hang"], "place": "list", "drop": True, "times": 2}
    )
    assert added.status_code == 201
    assert [each["text"] for each in ask("GET", "/faults").json["faults"]] == [
        "save:500:1", "rest:hang:always", "list:drop:2"
    ]  # fmt: skip
    assert ask("DELETE", "/faults").json == {"faults": []}
    for wrong in (
        {},
        {"faults": ["saev:500"]},
        {"faults": "save:500"},
        {"status": 500},
        {"place": "save", "status": "x"},
    ):
        assert ask("POST", "/faults", wrong).status_code == 400, wrong
    assert bigcommerce.faults.to_come() == []


def test_stores_change_and_grow(bigcommerce, ask):
    store_hash = bigcommerce.store.store_hash
    changed = ask("PATCH", f"/stores/{store_hash}", {"maintenance": True, "inactivity_limit": 900}).json
    assert (changed["maintenance"], bigcommerce.store.inactivity_limit) == (True, 900)
    added = ask("POST", "/stores", {"store_hash": "ci4bzn8adz", "same_account_as": store_hash})
    assert (added.status_code, added.json["account_uuid"]) == (201, bigcommerce.store.account_uuid)
    grown = ask("POST", "/stores/ci4bzn8adz/channels", {"name": "Wholesale", "custom_domain": "wholesale.example"})
    assert "wholesale.example" in grown.json["hosts"]
    assert len(ask("GET", "/stores").json["stores"]) == 2
    assert ask("GET", "/stores/unknown").status_code == 404
    for wrong in (
        {"maintenance": "yes"},
        {"inactivity_limit": 0},
        {"inactivity_limit": 9000},
        {"custom_domain": "a b"},
    ):
        assert ask("PATCH", f"/stores/{store_hash}", wrong).status_code == 400, wrong
    assert ask("POST", "/stores", {"store_hash": "ci4bzn8adz"}).status_code == 409
    assert ask("POST", "/stores", {"store_hash": "no hash"}).status_code == 400
    assert ask("POST", "/users", {"email": bigcommerce.owner.email.upper()}).status_code == 400


def test_an_api_account_gives_its_secrets_once(bigcommerce, ask):
    path = f"/stores/{bigcommerce.store.store_hash}/api-accounts"
    made = ask("POST", path, {"name": "ERP connection", "scopes": ["store_v2_products"]}).json
    assert bigcommerce.account_by_access_token(made["access_token"]) is not None
    listed = ask("GET", path)
    assert [each["client_id"] for each in listed.json["api_accounts"]] == [made["client_id"]]
    assert made["access_token"] not in listed.text
    assert ask("POST", path, {"name": "ERP connection"}).status_code == 409
    assert ask("DELETE", f"{path}/{made['client_id']}").json == {"api_accounts": []}
    assert ask("DELETE", f"{path}/{made['client_id']}").status_code == 404


def test_the_record_is_filtered_and_forgotten(bigcommerce, ask):
    browser = Browser(bigcommerce)
    browser.sign_in(bigcommerce.owner)
    found = ask("GET", "/requests?method=POST&path=/log*").json["requests"]
    assert [(each["host"], each["status"]) for each in found] == [("login.bigcommerce.com", 303)]
    assert bigcommerce.owner.password not in json.dumps(found)
    assert len(ask("GET", "/requests?last=2").json["requests"]) == 2
    assert ask("GET", "/requests?last=0").json["requests"] == []
    assert ask("DELETE", "/requests").json == {"requests": []}
    assert ask("GET", "/requests").json["requests"] == []


def test_names_are_those_of_the_program(ask):
    assert {"bundles", "switches", "fault_places"} <= set(ask("GET", "/names").json)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/users/nobody@x.example/lock", None, 404),
        ("POST", "/users/OWNER/dance", None, 404),
        ("POST", "/users/OWNER/forbid", {"what": ["rename"]}, 400),
        ("POST", "/users", {}, 400),
        ("POST", "/users", {"email": "a@x.example", "wings": 2}, 400),
        ("POST", "/reset", {"seed": 1.5}, 400),
        ("POST", "/reset", [1], 400),
        ("POST", "/users", {"email": ""}, 400),
        ("POST", "/users", {"email": "a@x.example", "stores": ["nowhere"]}, 400),
        ("POST", "/users/OWNER/use-authenticator", {"period": 0}, 400),
        ("POST", "/users/OWNER/use-authenticator", {"secret": "1!"}, 400),
        ("POST", "/users/OWNER/set-password", {"password": ""}, 400),
        ("POST", "/faults", {"place": "save", "status": 99999999}, 400),
        ("POST", "/faults", {"place": "save", "delay": -5}, 400),
        ("POST", "/faults", {"place": "save"}, 400),
        ("POST", "/faults", {"place": "nowhere", "status": 500}, 400),
        ("POST", "/faults", {"faults": ["save:500", "save:99999999"]}, 400),
        ("POST", "/variants", {"variants": ["window=round"]}, 400),
        ("PATCH", "/variants", {"window_delay": -5}, 400),
        ("PATCH", "/variants", {"colour": "red"}, 400),
        ("POST", "/clock", {"stop": False}, 400),
        ("POST", "/clock", {"set": "yesterday"}, 400),
        ("POST", "/clock", {"forward": 1e300}, 400),
        ("POST", "/sessions/almost-expire", {"seconds_left": -5}, 400),
        ("POST", "/sessions/expire", {"store_hash": "nowhere"}, 404),
        ("PATCH", "/stores/STORE", {"inactivity_limit": -5}, 400),
        ("PATCH", "/stores/STORE", {"name": ""}, 400),
        ("PATCH", "/stores/STORE", {"custom_domain": "api.bigcommerce.com"}, 400),
        ("POST", "/stores/STORE/channels", {"name": ""}, 400),
        ("POST", "/stores/STORE/api-accounts", {"name": "ERP connection", "scopes": ["store_v3"]}, 400),
        ("GET", "/requests?last=many", None, 400),
        ("GET", "/requests?lats=3", None, 400),
        ("GET", "/nowhere", None, 404),
    ],
)
def test_what_cannot_be_done_is_said_and_not_done(bigcommerce, ask, method, path, body, status):
    before = ask("GET", "/").json, ask("GET", "/variants").json
    path = path.replace("OWNER", bigcommerce.owner.email).replace("STORE", bigcommerce.store.store_hash)
    answer = ask(method, path, body)
    assert answer.status_code == status
    assert answer.json["error"]
    after = ask("GET", "/").json, ask("GET", "/variants").json
    for described, _ in (before, after):
        del described["clock"]
    assert after == before


def test_a_number_that_json_does_not_have_is_refused(bigcommerce):
    client = Client(dispatcher(bigcommerce))
    for number in ("NaN", "Infinity", "-Infinity"):
        answer = client.post(
            "/simulated-store/faults",
            data=f'{{"place": "save", "delay": {number}}}',
            base_url=HERE,
            environ_overrides={"REMOTE_ADDR": "127.0.0.1"},
        )
        assert (answer.status_code, bigcommerce.faults.to_come()) == (400, [])


_any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["save", "list"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
_fields = st.sampled_from(
    (
        *("email", "password", "stores", "what", "period", "secret", "on", "place", "status", "delay", "times"),
        *("faults", "variants", "forward", "set", "seed", "name", "scopes", "custom_domain", "inactivity_limit"),
        *("seconds_left", "quota", "window", "window_delay", "store_hash", "body", "drop"),
    )
)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), body=st.dictionaries(_fields, _any, max_size=4) | _any)
def test_whatever_is_sent_is_answered_in_json_and_leaves_a_world_that_answers(data, body):
    bigcommerce = SimulatedBigCommerce(seed=7)
    app = create_control_app(bigcommerce)
    app.testing = True  # a bug is raised, and not told as a 500
    client = app.test_client()
    rules = [(rule.rule, method) for rule in app.url_map.iter_rules() for method in rule.methods - {"OPTIONS", "HEAD"}]
    path, method = data.draw(st.sampled_from(sorted(rules)))
    email = bigcommerce.owner.email
    verb = data.draw(st.sampled_from(["lock", "allow", "forbid", "set-password", "use-authenticator", "check-devices"]))
    for name, value in {
        "<email>": email,
        "<store_hash>": bigcommerce.store.store_hash,
        "<verb>": verb,
        "<client_id>": "nobody",
    }.items():
        path = path.replace(name, value)
    answer = client.open(path, method=method, json=body, base_url=HERE)
    assert answer.status_code in (200, 201, 400, 404, 409)
    assert isinstance(answer.json, dict)
    assert client.get("/simulated-store/", base_url=HERE).status_code == 200
    assert client.get("/simulated-store/faults", base_url=HERE).status_code == 200
    assert client.get(f"/simulated-store/users/{email}/sign-in", base_url=HERE).status_code in (200, 404)


def test_a_reset_begins_as_the_sandbox_was_started():
    state = state_from_options("7", ["frame=none", "authenticator-30s", "slow"], ["save:500:once"], may_not=["delete"])
    names = (state.owner.email, state.owner.totp_secret)
    state.faults.clear()
    state.users.allow(state.owner)
    state.variants = dataclasses.replace(state.variants, frame="other")
    state.reset()
    assert (state.variants.frame, state.owner.may_delete, len(state.faults.to_come())) == ("none", False, 3)
    assert (state.owner.email, state.owner.totp_secret) == names
    state.reset()
    assert len(state.faults.to_come()) == 3


def test_a_sandbox_says_where_it_is_controlled_and_tells_an_unusual_period():
    with running_sandbox(state_from_options("7", ["authenticator-30s"])) as sandbox:
        described = sandbox.describe()
        assert described["env"]["SIMULATED_STORE_CONTROL"] == sandbox.store.control_url
        assert described["totp_secret"].startswith("otpauth://totp/")
        assert described["totp_secret"].endswith("period=30")
