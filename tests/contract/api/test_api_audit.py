"""`/audit`: who is recorded to have done what, seen over HTTP."""

from __future__ import annotations

from typing import Any

import httpx2
from served import Served

from simulated_store.state import Store

SCOPES = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation", "store_v2_information"})


def entries(http: httpx2.Client, **query: Any) -> list[dict[str, Any]]:
    answer = http.get("/audit", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["entries"]


def test_changes_and_uses_are_recorded_with_who_did_them(
    http: httpx2.Client, anonymous: httpx2.Client, store: Store, form: dict[str, Any]
) -> None:
    account = store.create_api_account("ERP connection", SCOPES)
    form |= {"store_hash": store.store_hash, "subdomain": store.subdomain, "access_token": account.access_token}
    shop = http.post("/connections", json=form).json()
    made = http.post("/api-tokens", json={"name": form["name"], "actions": ["rest-read"], "connections": [shop["id"]]})
    tool = {"Authorization": f"Bearer {made.json()['token']}"}
    assert anonymous.get(f"/connections/{shop['id']}/bigcommerce/v2/time", headers=tool).status_code == 200
    assert http.get(f"/connections/{shop['id']}/bigcommerce/v3/none-such?q=private").status_code == 404
    assert http.post(f"/connections/{shop['id']}/graphql", json={"query": "{ site { settings { storeName } } }"})
    assert http.post(f"/connections/{shop['id']}/verify").status_code == 200
    told = [
        (each["who"], each["action"], each["outcome"], each["detail"]) for each in entries(http, connection=shop["id"])
    ]
    assert sorted(told) == sorted(
        [
            ("user", "add", "done", ""),
            (f"tool {form['name']}", "rest", "200", "GET v2/time"),
            ("user", "rest", "404", "GET v3/none-such"),
            ("user", "mint", "done", ""),
            ("user", "graphql", "done", ""),
            ("user", "verify", "done", "ready"),
        ]
    )
    everything = http.get("/audit", params={"limit": 100}).text
    assert account.access_token not in everything
    assert made.json()["token"] not in everything


def test_a_use_that_is_refused_is_recorded_too(http: httpx2.Client, store: Store, form: dict[str, Any]) -> None:
    shop = http.post("/connections", json={**form, "store_hash": store.store_hash}).json()
    assert http.post(f"/connections/{shop['id']}/storefront-token", json={}).status_code >= 400
    [refused, _] = entries(http, connection=shop["id"])
    assert refused["action"] == "storefront-token"
    assert refused["outcome"] not in {"done", ""}


def test_the_record_is_whole_and_goes_through_its_anchor(http: httpx2.Client, form: dict[str, Any]) -> None:
    http.post("/connections", json=form)
    before = http.get("/audit/verification").json()
    assert before["intact"] is True
    http.post("/connections", json={**form, "name": form["name"] + " again"})
    after = http.get("/audit/verification", params={"anchor": before["anchor"]}).json()
    assert (after["intact"], after["entries"]) == (True, before["entries"] + 1)
    forged = before["anchor"].partition(":")[0] + ":" + "0" * 64
    wrong = http.get("/audit/verification", params={"anchor": forged}).json()
    assert (wrong["intact"], wrong["broken_at"]) == (False, before["entries"])
    assert http.get("/audit/verification", params={"anchor": "x"}).status_code == 422


def test_only_the_user_reads_it(http: httpx2.Client, anonymous: httpx2.Client, served: Served, form: Any) -> None:
    made = http.post("/api-tokens", json={"name": form["name"], "actions": ["read"], "connections": None}).json()
    tool = {"Authorization": f"Bearer {made['token']}"}
    assert anonymous.get("/audit", headers=tool).status_code == 403
    assert anonymous.get("/audit/verification", headers=tool).status_code == 403
    assert anonymous.get("/audit").status_code == 401


def test_filters_that_are_none_are_refused_with_a_pointer(http: httpx2.Client) -> None:
    for query in ({"limit": 0}, {"before": 0}, {"before": 2**63}, {"action": "unheard-of"}, {"other": 1}):
        answer = http.get("/audit", params=query)
        assert answer.status_code in {400, 422}, query
        assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(query))}"


def test_a_token_that_is_not_known_is_recorded_and_not_shown(http: httpx2.Client, anonymous: httpx2.Client) -> None:
    for number in range(5):
        wrong = {"Authorization": f"Bearer canary-of-a-wrong-token-{number}"}
        assert anonymous.get("/connections", headers=wrong).status_code == 401
    refused = entries(http, action="authenticate")
    assert {(each["who"], each["outcome"]) for each in refused} == {("nobody", "not-authorized")}
    assert "canary" not in http.get("/audit", params={"limit": 100}).text


def test_whoever_signs_out_is_recorded_once(http: httpx2.Client, served: Served) -> None:
    def count() -> int:
        return len(entries(http, action="sign-out", limit=100))

    before = count()
    assert http.delete("/sessions").status_code == 200
    [last] = entries(http, action="sign-out", limit=1)
    assert last["who"] == "user"
    assert last["detail"].startswith("everywhere: ")
    assert count() == before + 1


def test_a_sign_in_link_that_is_none_is_recorded(http: httpx2.Client, served: Served) -> None:
    base = http.base_url.join("/")
    for number in range(5):
        link = f"{number:064x}"
        answer = httpx2.post(f"{base}sign-in", data={"link": link}, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 401
    [refused] = entries(http, action="sign-in", limit=100)  # whoever holds no link cannot fill the record
    assert (refused["who"], refused["outcome"]) == ("nobody", "not-authorized")


def test_a_chapter_that_is_not_there_has_no_entries(http: httpx2.Client) -> None:
    assert entries(http, chapter=7) == []
    assert http.get("/audit", params={"chapter": 0}).status_code == 422
    assert http.get("/audit/verification").json()["chapters"] == []
