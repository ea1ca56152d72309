"""The web page's sessions, over real HTTP: how they begin, what they may do, how they end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from served import A_TOKEN, Served

from companion.client import CompanionClient
from companion.core import web_sessions
from companion.web.pages.anti_forgery import FIELD, anti_forgery_token


@pytest.fixture
def browser(served: Served) -> Iterator[httpx2.Client]:
    """Keeps cookies, and says like a browser where its requests come from."""
    headers = {"Origin": served.service.url, "Sec-Fetch-Site": "same-origin", "Accept": "text/html,*/*;q=0.8"}
    with httpx2.Client(
        base_url=served.service.url, headers=headers, trust_env=False, verify=False, timeout=30
    ) as browser:
        yield browser


@pytest.fixture
def link(client: CompanionClient) -> str:
    """The path of a new sign-in link."""
    return urlsplit(client.sign_in_link().reveal()).path


def spend(browser: httpx2.Client, link: str, **headers: str) -> httpx2.Response:
    return browser.post("/sign-in", data={"link": link.rpartition("/")[2]}, headers=headers)


@pytest.fixture
def signed_in(browser: httpx2.Client, link: str) -> httpx2.Client:
    assert spend(browser, link).status_code == 303
    return browser


def test_signed_out_the_page_says_how_to_sign_in_and_shows_nothing(
    browser: httpx2.Client, client: CompanionClient
) -> None:
    client.create({"name": "Hidden shop", "subdomain": "celigo", "store_hash": "abc"}, A_TOKEN)
    answer = browser.get("/")
    assert answer.status_code == 200
    assert "companion open" in answer.text
    assert "Hidden shop" not in answer.text
    client.delete(client.connection("Hidden shop")["id"], 1)


def test_fetching_a_link_spends_nothing_and_the_button_spends_it_once(browser: httpx2.Client, link: str) -> None:
    for _ in range(3):
        page = browser.get(link)
        assert page.status_code == 200
        assert "Set-Cookie" not in page.headers
    begun = spend(browser, link)
    assert (begun.status_code, begun.headers["Location"]) == (303, "/")
    cookie = begun.headers["Set-Cookie"]
    assert cookie.startswith(f"companion-session-{browser.base_url.port}=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    again = spend(browser, link)
    assert again.status_code == 401
    assert "companion open" in again.text
    assert "Set-Cookie" not in again.headers


def test_signed_in_the_page_lists_the_connections_and_escapes_their_names(
    signed_in: httpx2.Client, client: CompanionClient
) -> None:
    made = client.create({"name": "<b>Shop</b> & co", "subdomain": "celigo", "store_hash": "abc"}, A_TOKEN)
    page = signed_in.get("/")
    assert "&lt;b&gt;Shop&lt;/b&gt; &amp; co" in page.text
    assert A_TOKEN.reveal() not in page.text
    client.delete(made["id"], 1)


def test_a_sign_in_is_recorded(signed_in: httpx2.Client, client: CompanionClient) -> None:
    recorded = [(each["who"], each["outcome"]) for each in client.audit(20, action="sign-in")["entries"]]
    assert ("web page", "done") in recorded


def test_the_screen_that_holds_a_link_loads_no_script_in_a_session_either(
    signed_in: httpx2.Client, client: CompanionClient
) -> None:
    assert "<script" in signed_in.get("/").text
    assert "<script" not in signed_in.get(urlsplit(client.sign_in_link().reveal()).path).text


def test_an_expired_link_is_refused(browser: httpx2.Client, client: CompanionClient, served: Served) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("companion.service.web_sessions.LINK_LIFE", timedelta(0))
        link = urlsplit(client.sign_in_link().reveal()).path
    assert spend(browser, link).status_code == 401


@pytest.mark.parametrize("text", ["", "x", "0" * 64, "é" * 64, "0" * 64 + "\0"])
def test_what_is_no_link_is_refused(browser: httpx2.Client, text: str) -> None:
    assert spend(browser, "/sign-in/" + text).status_code in {400, 401}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_no_other_page_can_sign_somebody_in_or_out(
    browser: httpx2.Client, link: str, headers: dict[str, str], path: str
) -> None:
    answer = browser.post(path, data={"link": link.rpartition("/")[2], "where": "everywhere"}, headers=headers)
    assert answer.status_code == 403
    assert spend(browser, link).status_code == 303


def test_a_change_must_say_that_it_comes_from_our_page(served: Served, link: str) -> None:
    with httpx2.Client(base_url=served.service.url, trust_env=False, verify=False) as silent:
        assert spend(silent, link).status_code == 403
        assert spend(silent, link, Origin=served.service.url).status_code == 303
        assert silent.get("/api/v1/connections").status_code == 200
        body = {"name": "x", "subdomain": "celigo", "store_hash": "abc", "access_token": A_TOKEN.reveal()}
        assert silent.post("/api/v1/connections", json=body).status_code == 403
        assert silent.delete("/api/v1/sessions").status_code == 403


def test_a_link_may_lead_here_from_anywhere_and_nothing_else_may(browser: httpx2.Client, link: str) -> None:
    del browser.headers["Origin"]
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    for path in ("/", link):
        assert browser.get(path, headers={**elsewhere, "Sec-Fetch-Dest": "document"}).status_code == 200
        for destination in ("iframe", "empty", "image", "script", "style"):
            assert browser.get(path, headers={**elsewhere, "Sec-Fetch-Dest": destination}).status_code == 403
    assert browser.get("/api/v1/health", headers={**elsewhere, "Sec-Fetch-Dest": "document"}).status_code == 403


def test_a_session_is_the_user_but_hands_nothing_on(signed_in: httpx2.Client) -> None:
    assert signed_in.get("/api/v1/connections").status_code == 200
    assert signed_in.get("/api/v1/api-tokens").status_code == 200
    assert signed_in.post("/api/v1/sign-in-links").status_code == 403
    assert signed_in.post("/api/v1/hand-over-tickets", json={"name": "x"}).status_code == 403


def test_what_cannot_be_undone_needs_a_sign_in_of_a_moment_ago(
    signed_in: httpx2.Client,
    client: CompanionClient,
    monkeypatch: pytest.MonkeyPatch,
    new_name: Callable[[], str],
) -> None:
    shop = client.create({"name": new_name(), "subdomain": "celigo", "store_hash": "abc"}, A_TOKEN)
    address, if_match = f"/api/v1/connections/{shop['id']}", {"If-Match": '"1"'}
    form: dict[str, Any] = {"name": new_name(), "connections": None, "actions": ["read"]}
    monkeypatch.setattr(web_sessions, "CONFIRMED_FOR", timedelta(0))
    for answer in (
        signed_in.delete(address, headers=if_match),
        signed_in.post("/api/v1/api-tokens", json=form),
        signed_in.delete("/api/v1/api-tokens"),
        signed_in.delete("/api/v1/api-tokens/x"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "sign-in-again")
    assert signed_in.patch(address, json={"tags": ["a"]}, headers=if_match).status_code == 200
    monkeypatch.undo()
    assert spend(signed_in, urlsplit(client.sign_in_link().reveal()).path).status_code == 303
    assert signed_in.post("/api/v1/api-tokens", json=form).status_code == 201
    assert signed_in.delete(address, headers={"If-Match": '"2"'}).status_code == 204
    client.revoke_api_tokens()


def test_signing_out_ends_the_session_here_and_everywhere(
    served: Served, browser: httpx2.Client, client: CompanionClient
) -> None:
    client.end_sessions()
    others = []
    for _ in range(2):
        spend(browser, urlsplit(client.sign_in_link().reveal()).path)
        others.append(dict(browser.cookies))
        browser.cookies.clear()
    spend(browser, urlsplit(client.sign_in_link().reveal()).path)
    unspent = urlsplit(client.sign_in_link().reveal()).path
    mine = dict(browser.cookies)

    def is_in(cookies: dict[str, str]) -> bool:
        with httpx2.Client(base_url=served.service.url, cookies=cookies, trust_env=False, verify=False) as other:
            return other.get("/api/v1/connections").status_code == 200

    assert all(map(is_in, [mine, *others]))
    form = {"where": "here", FIELD: anti_forgery_token(next(iter(mine.values())))}
    assert browser.post("/sign-out", data=form).status_code == 303
    assert [is_in(each) for each in (mine, *others)] == [False, True, True]
    assert client.end_sessions() == 2
    assert not any(map(is_in, others))
    assert spend(browser, unspent).status_code == 401


def test_a_new_link_in_one_browser_ends_its_session_before(signed_in: httpx2.Client, client: CompanionClient) -> None:
    before = dict(signed_in.cookies)
    spend(signed_in, urlsplit(client.sign_in_link().reveal()).path)
    assert dict(signed_in.cookies) != before
    signed_in.cookies.clear()
    signed_in.cookies.update(before)
    assert signed_in.get("/api/v1/connections").status_code == 401


def test_an_idle_session_has_ended(signed_in: httpx2.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_sessions, "IDLE_LIFE", timedelta(0))
    assert signed_in.get("/api/v1/connections").status_code == 401
    assert "companion open" in signed_in.get("/").text


def test_secrets_of_links_and_sessions_are_nowhere_in_files_and_logs(
    signed_in: httpx2.Client, client: CompanionClient, served: Served
) -> None:
    link = urlsplit(client.sign_in_link().reveal()).path
    signed_in.get(link)
    (cookie,) = dict(signed_in.cookies).values()
    texts = [cookie, link.rpartition("/")[2]]
    stored = b"".join(file.read_bytes() for file in served.settings.data_dir.rglob("*") if file.is_file())
    for text in texts:
        assert text not in served.log.getvalue()
        assert text.encode() not in stored
        assert bytes.fromhex(text) not in stored
    lines = [json.loads(line) for line in served.log.getvalue().splitlines() if line.startswith("{")]
    assert "/sign-in/<link>" in {line["route"] for line in lines}


def test_pages_allow_their_own_files_and_forms_and_nothing_inline(browser: httpx2.Client, link: str) -> None:
    for path in ("/", link, "/style.css", "/icon.svg", "/htmx.js", "/nowhere"):
        answer = browser.get(path)
        policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert "unsafe" not in str(policy)
        assert answer.headers["Cache-Control"] == "no-store"
        if answer.headers["Content-Type"].startswith("text/html"):
            assert set(re.findall(r"<script[^>]*>[^<]*", answer.text)) <= {'<script src="/page.js" defer>'}
            assert not re.search(r"<style| style=| on[a-z]+=|javascript:", answer.text)
    assert browser.get("/style.css").headers["Content-Type"].startswith("text/css")
    assert browser.get("/icon.svg").headers["Content-Type"] == "image/svg+xml"
    assert '<link rel="icon" href="/icon.svg"' in browser.get("/").text


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"link=" + b"0" * 64, "text/plain", 415),
        (b'{"link": "x"}', "application/json", 415),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"link=a&link=b", "application/x-www-form-urlencoded", 400),
        (b"&" * 5000, "application/x-www-form-urlencoded", 400),
        (b"x" * 2_000_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_a_form_that_is_none_is_a_problem_document(browser: httpx2.Client, body: bytes, kind: str, status: int) -> None:
    answer = browser.post("/sign-in", content=body, headers={"Content-Type": kind, "Accept": "*/*"})
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    shown = browser.post("/sign-in", content=body, headers={"Content-Type": kind})
    assert shown.status_code == status
    assert shown.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>" in shown.text
