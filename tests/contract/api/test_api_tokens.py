"""API tokens of tools, over real HTTP: what each may do, with what, until when."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from served import A_TOKEN, BOTH_SCOPES, Served

from companion.client import CompanionClient
from companion.core.connection import World
from companion.core.errors import Conflict, NotAllowed, NotAuthorized, NotFound, ServiceUnreachable
from companion.core.secret import Secret
from companion.web import permissions
from companion.web.app import create_app
from simulated_store.state import Store

ACTIONS = ["read", "verify", "graphql", "storefront-token", "rest-read", "rest-write"]  # with a connection

# A call of each action, with the connection's id in it.
CALLS: dict[str, list[tuple[str, str, dict[str, Any] | None]]] = {
    "read": [
        ("GET", "/connections/{id}", None),
        ("GET", "/connections", None),
    ],
    "verify": [("POST", "/connections/{id}/verify", None)],
    "graphql": [("POST", "/connections/{id}/graphql", {"query": "{ site { settings { storeHash } } }"})],
    "storefront-token": [("POST", "/connections/{id}/storefront-token", {})],
    "rest-read": [("GET", "/connections/{id}/bigcommerce/v2/store", None)],
    "rest-write": [("POST", "/connections/{id}/bigcommerce/v3/catalog/products", {})],
}
FOR_THE_USER_ALONE = [
    ("POST", "/connections", {}),
    ("PUT", "/connections/{id}", {}),
    ("PATCH", "/connections/{id}", {"name": "x"}),
    ("DELETE", "/connections/{id}", None),
    ("POST", "/connections/{id}/reauthorize", {}),
    ("DELETE", "/connections/{id}/findings/x", None),
    ("POST", "/hand-over-tickets", {"name": "x"}),
    ("POST", "/hand-over-tickets/x/renewal", None),
    ("GET", "/api-tokens", None),
    ("GET", "/deadlines", None),
    ("GET", "/connections/{id}/deadlines", None),
    ("POST", "/api-tokens", {"name": "x", "connections": None, "actions": ["read"]}),
    ("DELETE", "/api-tokens", None),
    ("DELETE", "/api-tokens/x", None),
    ("POST", "/sign-in-links", None),
    ("POST", "/sessions/confirmation", {"passphrase": "x"}),
    ("POST", "/keys/lock", None),
    ("POST", "/keys/unlock", {"passphrase": "x"}),
    ("DELETE", "/sessions", None),
    ("GET", "/retrievals", None),
    ("POST", "/retrievals", {"name": "x"}),
    ("GET", "/retrievals/x", None),
    ("DELETE", "/retrievals/x", None),
    ("POST", "/retrievals/x/orders", {"order": "pause"}),
    ("GET", "/retrievals/x/events", None),
]


@pytest.fixture(autouse=True)
def no_tokens(client: CompanionClient) -> None:
    client.revoke_api_tokens()


@pytest.fixture
def as_tool(served: Served, client: CompanionClient) -> Iterator[Callable[..., httpx2.Client]]:
    """Speaks HTTP with a new token that has these limits."""
    opened: list[httpx2.Client] = []

    def call(actions: list[str], *connections: str) -> httpx2.Client:
        _, text = client.create_api_token(f"tool {len(opened)}", connections=connections or None, actions=actions)
        headers = {"Authorization": f"Bearer {text.reveal()}"}
        http = httpx2.Client(base_url=served.service.url + "/api/v1", headers=headers, trust_env=False, verify=False)
        opened.append(http)
        return http

    yield call
    for http in opened:
        http.close()


@pytest.fixture
def stored(client: CompanionClient, new_name: Callable[[], str]) -> Callable[[], Any]:
    """Stores a connection that is never used."""
    return lambda: client.create({"name": new_name(), "subdomain": "celigo", "store_hash": "abc"}, A_TOKEN)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_token_does_what_its_action_says_and_nothing_else(
    as_tool: Callable[..., httpx2.Client], connected: Callable[..., Any], action: str
) -> None:
    shop = connected()
    tool = as_tool([action], shop["id"])
    for other, calls in CALLS.items():
        for method, path, body in calls:
            answer = tool.request(method, path.format(id=shop["id"]), json=body)
            refused = answer.status_code == 403 and "X-Forwarded-Answer" not in answer.headers
            assert refused == (other != action), (other, answer.text)
            assert answer.status_code != 401
    for method, path, body in FOR_THE_USER_ALONE:
        answer = tool.request(method, path.format(id=shop["id"]), json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed"), path


@pytest.mark.parametrize("action", ACTIONS)
def test_a_token_is_refused_for_every_connection_that_it_does_not_name(
    as_tool: Callable[..., httpx2.Client], stored: Callable[[], Any], action: str
) -> None:
    mine, other = stored(), stored()
    tool = as_tool([action], mine["id"])
    for connection_id in (other["id"], "01a204ff-9355-7472-b89f-73702f86e0a4", "x"):
        for method, path, body in CALLS[action]:
            if "{id}" in path:
                answer = tool.request(method, path.format(id=connection_id), json=body)
                assert answer.status_code == 403, answer.text
                assert other["name"] not in answer.text


def test_a_tool_lists_its_own_connections_page_by_page(
    as_tool: Callable[..., httpx2.Client], client: CompanionClient, stored: Callable[[], Any]
) -> None:
    mine, other, gone, also = stored(), stored(), stored(), stored()
    tool = as_tool(["read"], also["id"], mine["id"], gone["id"])
    client.delete(gone["id"], gone["revision"])
    first = tool.get("/connections?limit=1").json()
    assert [each["id"] for each in first["connections"]] == [mine["id"]]
    rest = tool.get(f"/connections?limit=1&after={first['next']}").json()
    assert ([each["id"] for each in rest["connections"]], rest["next"]) == ([also["id"]], None)
    assert tool.get("/connections", params={"name": mine["name"]}).json()["connections"][0]["id"] == mine["id"]
    assert tool.get("/connections", params={"name": other["name"]}).json()["connections"] == []
    assert tool.get("/connections?limit=0").status_code == 422
    assert tool.get("/connections?after=x").status_code == 422


@pytest.mark.parametrize("path", ["api-token-private", "api-token", "API-token", "api-token;a=b"])
def test_writing_does_not_include_minting(
    as_tool: Callable[..., httpx2.Client], connected: Callable[..., Any], path: str
) -> None:
    shop = connected()
    address = f"/connections/{shop['id']}/bigcommerce/v3/storefront/{path}"
    answer = as_tool(["rest-read", "rest-write"], shop["id"]).post(address, json={})
    assert answer.status_code == 403
    assert "storefront-token" in answer.json()["detail"]
    both = as_tool(["rest-write", "storefront-token"], shop["id"]).post(address, json={})
    assert "X-Forwarded-Answer" in both.headers


def test_a_token_is_shown_once_and_kept_as_a_hash(client: CompanionClient, http: httpx2.Client, served: Served) -> None:
    answer = http.post("/api-tokens", json={"name": "ERP", "connections": None, "actions": ["read"]})
    text = answer.json()["token"]
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(answer.json()["id"])
    assert len(bytes.fromhex(text.removeprefix("companion_"))) == 32
    assert text not in http.get("/api-tokens").text
    (listed,) = client.api_tokens()
    assert listed == {key: value for key, value in answer.json().items() if key != "token"}
    for file in served.settings.data_dir.rglob("*"):
        if file.is_file():
            assert text.encode() not in file.read_bytes()
            assert text.removeprefix("companion_").encode() not in file.read_bytes()
    assert text not in served.log.getvalue()


def test_a_revoked_token_ends_at_once(client: CompanionClient, served: Served) -> None:
    made, text = client.create_api_token("ERP", connections=None, actions=["read"])
    with CompanionClient(served.service.url, text) as tool:
        tool.connections()
        client.revoke_api_token(made["id"])
        with pytest.raises(NotAuthorized):
            tool.connections()
        with pytest.raises(ServiceUnreachable, match="Nothing was sent"):
            tool.health()
    with pytest.raises(NotFound):
        client.revoke_api_token(made["id"])


def test_an_expired_token_is_told_so(client: CompanionClient, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    end = datetime.now(UTC) + timedelta(seconds=60)
    _, text = client.create_api_token("ERP", connections=None, actions=["read"], expires_at=end)
    with CompanionClient(served.service.url, text) as tool:
        tool.connections()
        monkeypatch.setattr("companion.core.api_tokens.ApiToken.is_open", lambda self, now: self.expires_at < now)
        with pytest.raises(NotAuthorized, match="has expired"):
            tool.connections()


def test_a_tools_own_token_proves_the_service_before_anything_is_sent(client: CompanionClient, served: Served) -> None:
    _, text = client.create_api_token("ERP", connections=None, actions=["read"])
    with CompanionClient(served.service.url, text) as tool:
        assert tool.connections()["next"] is None
        with pytest.raises(NotAllowed):
            tool.api_tokens()
    with (
        CompanionClient(served.service.url, Secret("companion_" + "0" * 64)) as other,
        pytest.raises(ServiceUnreachable),
    ):
        other.connections()


def test_the_last_use_is_told(client: CompanionClient, as_tool: Callable[..., httpx2.Client]) -> None:
    tool = as_tool(["read"])
    assert client.api_tokens()[0]["last_used_at"] is None
    before = datetime.now(UTC)
    tool.get("/connections")
    used = client.api_tokens()[0]["last_used_at"]
    assert used is not None
    assert before <= datetime.fromisoformat(used) <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": 1}, "/name"),
        ({"actions": ["all"]}, "/actions"),
        ({"actions": "read"}, "/actions"),
        ({"connections": []}, "/connections"),
        ({"connections": ["shop"]}, "/connections/0"),
        ({"connections": ["01a204ff-9355-7472-b89f-73702f86e0a4"]}, "/connections/0"),
        ({"connections": ["01a204ff-9355-7472-b89f-73702f86e0a4"], "actions": ["hand-over"]}, "/connections"),
        ({"expires_at": "tomorrow"}, "/expires_at"),
        ({"expires_at": "2026-11-30T12:00:00"}, "/expires_at"),
        ({"expires_at": "0001-01-01T00:00:00+23:59"}, "/expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-23:59"}, "/expires_at"),
        ({"token": "mine"}, "/token"),
    ],
)
def test_limits_that_are_none_are_pointed_at(http: httpx2.Client, changes: dict[str, Any], pointer: str) -> None:
    form = {"name": "ERP", "connections": None, "actions": ["read"], **changes}
    answer = http.post("/api-tokens", json=form)
    assert (answer.status_code, [each["pointer"] for each in answer.json()["errors"]]) == (422, [pointer])


def test_with_hand_over_a_tool_adds_connections_and_replaces_none(
    as_tool: Callable[..., httpx2.Client], http: httpx2.Client
) -> None:
    tool = as_tool(["hand-over"])
    issued = tool.post("/hand-over-tickets", json={"name": "new"})
    assert (issued.status_code, issued.json()["replaces"]) == (201, None)
    form = {"name": "new", "subdomain": "celigo", "store_hash": "ci4bzn8adz", "access_token": A_TOKEN.reveal()}
    with_ticket = {"Authorization": f"Bearer {issued.json()['ticket']}"}
    assert http.post("/connections", json=form, headers=with_ticket).status_code == 201
    assert tool.post("/hand-over-tickets", json={"name": "new"}).status_code == 409
    refused = tool.post("/hand-over-tickets", json={"name": "new", "replace": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "not-allowed")
    assert tool.get("/connections").status_code == 403


def test_the_subdomain_of_what_a_worker_has_handed_over_is_looked_up_for_it(
    as_tool: Callable[..., httpx2.Client], http: httpx2.Client, store: Store
) -> None:
    account = store.create_api_account("Companion 1", BOTH_SCOPES)
    worker = as_tool(["verify", "hand-over"])
    issued = worker.post("/hand-over-tickets", json={"name": "on a domain of its own"}).json()
    form = {
        "name": "on a domain of its own",
        "subdomain": f"store-{store.store_hash}",
        "store_hash": store.store_hash,
        "access_token": account.access_token,
        "findings": [{"code": "subdomain-not-found", "message": "It does not show.", "action": "None."}],
    }
    made = http.post("/connections", json=form, headers={"Authorization": f"Bearer {issued['ticket']}"}).json()
    assert as_tool(["verify"]).post(f"/connections/{made['id']}/verify").json()["subdomain"] == form["subdomain"]
    verified = worker.post(f"/connections/{made['id']}/verify").json()
    assert (verified["subdomain"], verified["status"], verified["findings"]) == (store.subdomain, "ready", [])


def test_with_hand_over_a_tool_records_what_it_deleted_in_a_control_panel(
    as_tool: Callable[..., httpx2.Client], http: httpx2.Client
) -> None:
    account = {"name": "Companion 1", "store_hash": "ci4bzn8adz", "left_by": "a worker for shop"}
    assert as_tool(["read"]).post("/deleted-left-accounts", json=account).status_code == 403
    tool = as_tool(["hand-over"])
    assert tool.post("/deleted-left-accounts", json=account).status_code == 204
    for field, value in (("name", "a\nb"), ("name", ""), ("store_hash", "../x"), ("left_by", "x" * 201)):
        refused = tool.post("/deleted-left-accounts", json={**account, field: value})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"/{field}")
    [entry] = http.get("/audit", params={"action": "delete-left-account"}).json()["entries"]
    assert (entry["who"].startswith("tool "), entry["detail"], entry["connection"]) == (
        True,
        "Companion 1 in store ci4bzn8adz, left by a worker for shop",
        None,
    )
    assert http.get("/audit/verification").json()["intact"]


def test_the_connections_must_be_said(http: httpx2.Client) -> None:
    answer = http.post("/api-tokens", json={"name": "ERP", "actions": ["read"]})
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/connections"]


def test_names_are_taken_once(client: CompanionClient) -> None:
    client.create_api_token("ERP", connections=None, actions=["read"])
    with pytest.raises(Conflict):
        client.create_api_token("erp", connections=None, actions=["read"])


def test_refused_callers_are_logged(as_tool: Callable[..., httpx2.Client], served: Served) -> None:
    answer = as_tool(["verify"]).get("/connections")
    (line,) = [
        found
        for found in map(json.loads, filter(lambda text: text.startswith("{"), served.log.getvalue().splitlines()))
        if found["id"] == answer.headers["X-Request-Id"]
    ]
    assert (line["status"], line["caller"], line["level"], line["problem"]) == (403, "tool", "warning", "not-allowed")


def test_every_route_is_open_for_a_ticket_for_a_tool_or_for_the_user_alone(served: Served) -> None:
    """Whoever adds a route decides here who may take it."""
    parts = SimpleNamespace(world=World.SIMULATED)
    app = create_app(parts, Secret("t" * 64))  # type: ignore[arg-type]  nothing is called
    # The guard knows the screens of the page by their blueprint.
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules() if not rule.endpoint.startswith("pages.")}
    forwarding = {each for each in endpoints if each.startswith(permissions.FORWARDING)}
    decided = permissions.OPEN_ENDPOINTS | permissions.TICKET_ENDPOINTS | permissions.TOOL_ENDPOINTS.keys() | forwarding
    assert decided <= endpoints
    assert endpoints - decided == {
        "api.create_api_token",
        "api.cancel_retrieval",
        "api.confirm_session",
        "api.deadlines_of_connection",
        "api.delete_connection",
        "api.drop_finding",
        "api.end_sessions",
        "api.follow_retrieval",
        "api.get_retrieval",
        "api.issue_sign_in_link",
        "api.list_api_tokens",
        "api.list_audit",
        "api.list_deadlines",
        "api.list_retrievals",
        "api.lock_keys",
        "api.order_retrieval",
        "api.patch_connection",
        "api.reauthorize_connection",
        "api.revoke_all_api_tokens",
        "api.revoke_api_token",
        "api.start_retrieval",
        "api.unlock_keys",
        "api.verify_audit",
    }
