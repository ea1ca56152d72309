"""The connections of `/api/v1`, over real HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx2
import pytest

from companion.client import CompanionClient
from companion.core.errors import InvalidInput, NameTaken, NotFound, RevisionNeeded, StaleRevision
from companion.core.secret import Secret
from simulated_store.state import SimulatedBigCommerce

MEMBERS = [
    "id",
    "name",
    "subdomain",
    "auth_type",
    "store_hash",
    "channel_id",
    "scopes",
    "access_token_set",
    "tags",
    "api_account",
    "oauth_scopes",
    "status",
    "findings",
    "verified_at",
    "created_at",
    "updated_at",
    "revision",
]


def test_a_new_connection_is_shown_as_the_contract_says(http: httpx2.Client, form: dict[str, Any]) -> None:
    answer = http.post("/connections", json=form)
    assert answer.status_code == 201
    shown = answer.json()
    assert list(shown) == MEMBERS
    assert shown["auth_type"] == "custom"
    assert shown["channel_id"] == 1
    assert shown["scopes"] == ["Unauthenticated"]
    assert shown["access_token_set"] is True
    assert shown["status"] == "unverified"
    assert (shown["api_account"], shown["oauth_scopes"], shown["verified_at"]) == (None, None, None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", shown["created_at"])
    assert datetime.fromisoformat(shown["created_at"]).tzinfo is not None
    assert answer.headers["ETag"] == '"1"'
    assert http.get(answer.headers["Location"].removeprefix("/api/v1")).json() == shown


def test_the_access_token_is_shown_by_no_answer(
    http: httpx2.Client, form: dict[str, Any], client: CompanionClient
) -> None:
    shown = http.post("/connections", json=form)
    for answer in (shown, http.get("/connections"), http.get(f"/connections/{shown.json()['id']}")):
        assert form["access_token"] not in answer.text


@pytest.mark.parametrize(
    ("subdomain", "store_hash"),
    [
        ("https://celigo.mybigcommerce.com/?ctk=e237", "https://store-ci4bzn8adz.mybigcommerce.com/manage"),
        ("Celigo.mybigcommerce.com", "https://api.bigcommerce.com/stores/ci4bzn8adz/v3/"),
        (" celigo ", " STORE-ci4bzn8adz "),
        ("celigo", "store-ci4bzn8adz.mybigcommerce.com"),
    ],
)
def test_addresses_are_taken_as_people_paste_them(
    http: httpx2.Client, form: dict[str, Any], subdomain: str, store_hash: str
) -> None:
    shown = http.post("/connections", json={**form, "subdomain": subdomain, "store_hash": store_hash}).json()
    assert (shown["subdomain"], shown["store_hash"]) == ("celigo", "ci4bzn8adz")


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"name": ""}, {"/name"}),
        ({"name": "x" * 101}, {"/name"}),
        ({"name": "tab\there"}, {"/name"}),
        ({"name": 7}, {"/name"}),
        ({"subdomain": "shop.example.com"}, {"/subdomain"}),
        ({"store_hash": "https://api.bigcommerce.com/accounts/1-2/graphql"}, {"/store_hash"}),
        ({"store_hash": ""}, {"/store_hash"}),
        ({"access_token": ""}, {"/access_token"}),
        ({"access_token": "two words"}, {"/access_token"}),
        ({"access_token": None}, {"/access_token"}),
        ({"channel_id": 0}, {"/channel_id"}),
        ({"channel_id": 2**63}, {"/channel_id"}),
        ({"channel_id": "1"}, {"/channel_id"}),
        ({"channel_id": True}, {"/channel_id"}),
        ({"channel_id": 1.5}, {"/channel_id"}),
        ({"auth_type": "oauth"}, {"/auth_type"}),
        ({"scopes": []}, {"/scopes"}),
        ({"scopes": ["Admin"]}, {"/scopes"}),
        ({"scopes": [1]}, {"/scopes/0"}),
        ({"auth_type": "token", "scopes": ["Customer"]}, {"/scopes"}),
        ({"storefront_token": "eyJ.e.e"}, {"/storefront_token"}),
        ({"tags": ["ok", ""]}, {"/tags/1"}),
        ({"tags": "agency"}, {"/tags"}),
        ({"api_account": {"name": ""}}, {"/api_account/name"}),
        ({"api_account": {"name": "a", "secret": "x"}}, {"/api_account/secret"}),
        ({"client_secret": "x"}, {"/client_secret"}),
        ({"name": "", "store_hash": "-", "channel_id": -1}, {"/name", "/store_hash", "/channel_id"}),
    ],
)
def test_every_field_that_is_refused_is_pointed_at(
    http: httpx2.Client, form: dict[str, Any], changes: dict[str, Any], pointers: set[str]
) -> None:
    answer = http.post("/connections", json={**form, **changes})
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == pointers
    assert answer.json()["exit_code"] == 2


def test_a_missing_field_is_pointed_at(http: httpx2.Client, form: dict[str, Any]) -> None:
    del form["access_token"]
    problem = http.post("/connections", json=form).json()
    assert problem["errors"] == [{"pointer": "/access_token", "detail": "The field is missing."}]


def test_a_whole_number_may_be_written_with_a_fraction(http: httpx2.Client, form: dict[str, Any]) -> None:
    assert http.post("/connections", json={**form, "channel_id": 664179.0}).json()["channel_id"] == 664179


@pytest.mark.parametrize("name", ["متجر 🛒", "Ünïcode — Shop", "日本の店", "a" * 100])
def test_names_in_any_script_are_kept(http: httpx2.Client, form: dict[str, Any], name: str) -> None:
    shown = http.post("/connections", json={**form, "name": name}).json()
    assert http.get(f"/connections/{shown['id']}").json()["name"] == name
    assert http.get("/connections", params={"name": name}).json()["connections"] == [shown]


def test_a_name_that_is_taken_in_other_capitals_is_a_conflict(http: httpx2.Client, form: dict[str, Any]) -> None:
    http.post("/connections", json=form)
    answer = http.post("/connections", json={**form, "name": form["name"].upper()})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["exit_code"]) == (409, "name-taken", 8)


def test_pages_follow_each_other_without_gaps(client: CompanionClient, new_name: Callable[[], str]) -> None:
    made = [
        client.create({"name": new_name(), "subdomain": "s", "store_hash": "h"}, Secret("token"))["id"]
        for _ in range(5)
    ]
    assert [each["id"] for each in client.all_connections(page_size=2) if each["id"] in made] == made


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "after=nonsense", "page=2"])
def test_a_page_that_cannot_be_is_refused(http: httpx2.Client, query: str) -> None:
    answer = http.get(f"/connections?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/" + query.partition("=")[0]


def test_a_connection_is_found_by_name_and_by_id(client: CompanionClient, form: dict[str, Any]) -> None:
    made = client.create({key: form[key] for key in ("name", "subdomain", "store_hash")}, Secret("token"))  # type: ignore[misc]
    assert client.connection(form["name"].upper()) == made
    assert client.connection(made["id"]) == made


@pytest.mark.parametrize("name", ["no such", "", "../..", "a/b", "%00", "x" * 5000, "🛒", "?name=x"])
def test_what_is_not_there_is_not_found(client: CompanionClient, name: str) -> None:
    with pytest.raises(NotFound):
        client.connection(name)


@pytest.mark.parametrize("path", ["no-such-id", "%2e%2e", "%00", "00000000-0000-7000-8000-000000000000", "é"])
def test_ids_that_are_no_ids_are_not_found(http: httpx2.Client, path: str) -> None:
    answer = http.get(f"/connections/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_put_replaces_the_whole_form_in_place(http: httpx2.Client, form: dict[str, Any]) -> None:
    made = http.post("/connections", json={**form, "tags": ["old"], "scopes": ["Customer"]}).json()
    answer = http.put(f"/connections/{made['id']}", json={**form, "channel_id": 2}, headers={"If-Match": '"1"'})
    shown = answer.json()
    assert (shown["id"], shown["created_at"], shown["revision"]) == (made["id"], made["created_at"], 2)
    assert (shown["channel_id"], shown["tags"], shown["scopes"]) == (2, [], ["Unauthenticated"])
    assert answer.headers["ETag"] == '"2"'


def test_a_shown_connection_with_a_token_can_be_put_back(http: httpx2.Client, form: dict[str, Any]) -> None:
    made = http.post("/connections", json=form).json()
    answer = http.put(f"/connections/{made['id']}", json={**made, "access_token": "again"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 200
    assert {**made, "revision": 2, "updated_at": answer.json()["updated_at"]} == answer.json()


def test_put_without_the_access_token_is_refused(http: httpx2.Client, form: dict[str, Any]) -> None:
    made = http.post("/connections", json=form).json()
    answer = http.put(f"/connections/{made['id']}", json=made, headers={"If-Match": '"1"'})
    assert answer.json()["errors"][0]["pointer"] == "/access_token"


def test_patch_changes_name_and_tags_and_nothing_else(client: CompanionClient, form: dict[str, Any]) -> None:
    made = client.create({key: form[key] for key in ("name", "subdomain", "store_hash")}, Secret("token"))  # type: ignore[misc]
    changed = client.patch(made["id"], 1, name=form["name"] + " b", tags=["agency", "agency", " eu "])
    assert changed == {
        **made,
        "name": form["name"] + " b",
        "tags": ["agency", "eu"],
        "revision": 2,
        "updated_at": changed["updated_at"],
    }


@pytest.mark.parametrize("field", ["store_hash", "access_token", "status", "id"])
def test_patch_takes_no_other_field(http: httpx2.Client, form: dict[str, Any], field: str) -> None:
    made = http.post("/connections", json=form).json()
    answer = http.patch(f"/connections/{made['id']}", json={field: "x"}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{field}")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("etag", "status", "code"),
    [
        (None, 428, "revision-needed"),
        ('"9"', 412, "stale-revision"),
        ('W/"1"', 412, "stale-revision"),
        ("nonsense", 412, "stale-revision"),
        ('"1', 412, "stale-revision"),
    ],
)
def test_a_change_says_which_revision_it_is_of(
    http: httpx2.Client, form: dict[str, Any], method: str, etag: str | None, status: int, code: str
) -> None:
    made = http.post("/connections", json=form).json()
    body = {"PUT": form, "PATCH": {"tags": ["x"]}, "DELETE": None}[method]
    headers = {} if etag is None else {"If-Match": etag}
    answer = http.request(method, f"/connections/{made['id']}", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert http.get(f"/connections/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("method", "path", "changes"),
    [
        ("PUT", "", {"channel_id": 2}),
        ("PUT", "?prove=true", {"channel_id": 2}),
        ("PATCH", "", {"name": "Another"}),
        ("DELETE", "", None),
        ("POST", "/reauthorize", {"scopes": ["Customer"]}),
    ],
)
def test_an_etag_from_the_past_changes_nothing_and_the_answer_says_what_to_do(
    http: httpx2.Client,
    form: dict[str, Any],
    bigcommerce: SimulatedBigCommerce,
    method: str,
    path: str,
    changes: dict[str, Any] | None,
) -> None:
    made = http.post("/connections", json=form)
    own = f"/connections/{made.json()['id']}"
    past = {"If-Match": made.headers["ETag"]}
    changed = http.patch(own, json={"tags": ["x"]}, headers=past)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    recorded = http.get("/audit", params={"limit": 1}).json()["entries"][0]["number"]
    body = {**form, **(changes or {})} if method == "PUT" else changes

    answer = http.request(method, own + path, json=body, headers=past)

    problem = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (412, "application/problem+json")
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("stale-revision", "/revision")
    assert "revision 2" in problem["detail"]
    assert "Read it again" in problem["action"]
    shown = http.get(own)
    assert (shown.json(), shown.headers["ETag"]) == (changed.json(), '"2"')
    assert http.get("/audit", params={"limit": 1}).json()["entries"][0]["number"] == recorded
    assert not bigcommerce.requests


def test_of_two_changes_of_one_revision_the_second_is_refused(client: CompanionClient, form: dict[str, Any]) -> None:
    made = client.create({key: form[key] for key in ("name", "subdomain", "store_hash")}, Secret("token"))  # type: ignore[misc]
    client.patch(made["id"], 1, tags=["first"])
    with pytest.raises(StaleRevision):
        client.patch(made["id"], 1, tags=["second"])


def test_a_deleted_connection_is_gone_and_its_name_is_free(client: CompanionClient, form: dict[str, Any]) -> None:
    fields: Any = {key: form[key] for key in ("name", "subdomain", "store_hash")}
    made = client.create(fields, Secret("token"))
    client.delete(made["id"], made["revision"])
    with pytest.raises(NotFound):
        client.connection(made["id"])
    assert client.create(fields, Secret("token"))["id"] != made["id"]


def test_errors_come_back_as_the_classes_that_were_raised(client: CompanionClient, form: dict[str, Any]) -> None:
    fields: Any = {key: form[key] for key in ("name", "subdomain", "store_hash")}
    client.create(fields, Secret("token"))
    with pytest.raises(NameTaken) as taken:
        client.create(fields, Secret("token"))
    assert taken.value.explained.next_step
    with pytest.raises(InvalidInput) as invalid:
        client.create({**fields, "store_hash": "-"}, Secret("token"))
    assert [field.pointer for field in invalid.value.fields] == ["/store_hash"]
    assert not isinstance(invalid.value, RevisionNeeded)
