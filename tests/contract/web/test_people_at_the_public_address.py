"""What is different at the public address: Host, cookies, HSTS, and people who sign in at an identity provider."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from identity_provider import IdentityProvider
from web_pages import A_TOKEN, WebPages, anti_forgery_in, web_pages

from companion.core.connection import World
from companion.core.people import Role
from companion.core.secret import Secret
from companion.core.web_sessions import CONFIRMED_FOR
from companion.web import permissions, roles
from companion.web.app import create_app

PUBLIC = "https://companion.example.com"
HOST = PUBLIC.removeprefix("https://")
GROUPS = {Role.SEE: "everyone", Role.USE: "shop-staff", Role.MANAGE: "shop-admins"}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> IdentityProvider:
    return IdentityProvider(tmp_path_factory.mktemp("provider") / "jwks.json")


@pytest.fixture(scope="module")
def pages(provider: IdentityProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebPages]:
    settings = {**provider.settings(), "identity_sign_out": "/oauth2/sign_out"}
    with web_pages(tmp_path_factory.mktemp("service"), **settings) as served:
        yield served


@pytest.fixture(scope="module")
def linked_pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebPages]:
    """With a public address, and no identity provider."""
    with web_pages(tmp_path_factory.mktemp("linked"), public_url=PUBLIC) as served:
        yield served


@contextmanager
def through_proxy(pages: WebPages, assertion: str | None = None, **headers: str) -> Iterator[httpx2.Client]:
    """Call as a proxy does that ends TLS, passes the Host on, and says who signed in."""
    authorization = {} if assertion is None else {"Authorization": f"Bearer {assertion}"}
    with httpx2.Client(
        base_url=pages.url,
        headers={
            "Host": HOST, "Origin": PUBLIC, "Sec-Fetch-Site": "same-origin", "Accept": "text/html", **authorization,
            **headers,
        },
        trust_env=False, timeout=60,
    ) as client:  # fmt: skip
        yield client


@pytest.mark.parametrize("host", ["evil.example", f"{HOST}:8443", f"{HOST}.evil.example", f"x.{HOST}", ""])
def test_no_other_host_is_answered(pages: WebPages, provider: IdentityProvider, host: str) -> None:
    with through_proxy(pages, provider.assertion("ann", "shop-admins"), Host=host) as ann:
        assert ann.get("/").status_code in {400, 403}


@pytest.mark.parametrize("origin", [f"http://{HOST}", "https://evil.example", "null", f"{PUBLIC}:8443"])
def test_no_page_of_another_origin_changes_anything(pages: WebPages, provider: IdentityProvider, origin: str) -> None:
    with through_proxy(pages, provider.assertion("ann", "shop-admins"), Origin=origin) as ann:
        assert ann.post("/record").status_code == 403


def test_hsts_is_sent_at_the_public_address_alone(pages: WebPages, provider: IdentityProvider) -> None:
    with through_proxy(pages, provider.assertion("ann", "everyone")) as ann:
        for path in ("/", "/style.css", "/nothing-here", "/api/v1/health"):
            assert ann.get(path).headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in httpx2.get(pages.url + "/", trust_env=False).headers


def test_who_a_header_names_without_a_signature_is_nobody(pages: WebPages) -> None:
    bare = {
        "X-Forwarded-User": "ann", "X-Forwarded-Email": "ann@example.com", "X-Forwarded-Groups": "shop-admins",
        "X-Forwarded-Host": HOST, "X-Forwarded-Proto": "https", "Forwarded": f"host={HOST};proto=https",
    }  # fmt: skip
    with through_proxy(pages, **bare) as stranger:
        answer = stranger.get("/tools")
        assert (answer.status_code, "The proxy passed on no identity" in answer.text) == (401, True)
        assert stranger.get("/api/v1/connections").status_code == 401
        assert stranger.get("/style.css").status_code == 200


def test_an_assertion_does_not_count_on_this_machine(pages: WebPages, provider: IdentityProvider) -> None:
    with through_proxy(pages, provider.assertion("ann", "shop-admins"), Host=pages.url[7:], Origin=pages.url) as ann:
        assert ann.get("/tools").status_code == 401
        assert ann.get("/api/v1/connections").status_code == 401


def test_links_do_not_count_where_people_sign_in(pages: WebPages, provider: IdentityProvider) -> None:
    link = pages.sign_in_path()
    with through_proxy(pages, provider.assertion("ann", "shop-admins")) as ann:
        assert ann.get(link).status_code == 403
        assert ann.post("/sign-in", data={"link": link.rpartition("/")[2]}).status_code == 403


def test_a_session_that_was_begun_on_this_machine_does_not_count_there(pages: WebPages) -> None:
    with httpx2.Client(base_url=pages.url, headers={"Origin": pages.url}, trust_env=False) as here:
        assert here.post("/sign-in", data={"link": pages.sign_in_path().rpartition("/")[2]}).status_code == 303
        (value,) = here.cookies.values()
    with through_proxy(pages) as there:
        for name in ("__Host-companion-session", "__Host-companion-forms", f"companion-session-{pages.url[17:]}"):
            assert there.get("/tools", headers={"Cookie": f"{name}={value}"}).status_code == 401


def test_a_person_is_named_on_the_page_and_in_the_record(pages: WebPages, provider: IdentityProvider) -> None:
    connection = pages.connect()
    with through_proxy(pages, provider.assertion("ann@example.com", "shop-admins")) as ann:
        front = ann.get("/")
        assert "ann@example.com" in front.text
        assert 'href="/oauth2/sign_out"' in front.text
        path = f"/connections/{connection['id']}"
        cookie = front.headers["Set-Cookie"]
        assert cookie.startswith("__Host-companion-forms=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        # The client is on http, so that it would keep no secure cookie: it is sent along as a browser would.
        sent = {"Cookie": cookie.partition(";")[0]}
        token = anti_forgery_in(ann.get(f"{path}/delete", headers=sent).text)
        form = {"name": connection["name"], "revision": "1", "anti_forgery": token}
        for forged in ("0" * 64, token[::-1]):
            assert ann.post(f"{path}/delete", data={**form, "anti_forgery": forged}, headers=sent).status_code == 403
        with through_proxy(pages, provider.assertion("bob@example.com", "shop-admins")) as bob:
            assert bob.post(f"{path}/delete", data=form, headers=sent).status_code == 403
        answer = ann.post(f"{path}/delete", data=form, headers=sent)
        assert answer.status_code == 303, answer.text
    with pages.client() as client:
        last = client.audit(connection=connection["id"], limit=1)["entries"][0]
    assert (last["who"], last["action"]) == ("person ann@example.com", "delete")


def test_what_cannot_be_undone_needs_a_sign_in_of_a_moment_ago(pages: WebPages, provider: IdentityProvider) -> None:
    path = f"/connections/{pages.connect()['id']}/delete"
    with through_proxy(pages) as client:

        def asked(**claims: Any) -> httpx2.Response:
            signed = provider.assertion("ann", "shop-admins", **claims)
            return client.get(path, headers={"Authorization": f"Bearer {signed}"})

        long_ago = int(time.time() - CONFIRMED_FOR / timedelta(seconds=1)) - 60
        assert asked().status_code == 200
        refused = asked(auth_time=long_ago)
        assert (refused.status_code, "/oauth2/sign_out" in refused.text) == (403, True)
        refused = asked(auth_time=None)
        assert (refused.status_code, "auth_time" in refused.text) == (403, True)


@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_it_may_and_no_more(pages: WebPages, provider: IdentityProvider, role: Role) -> None:
    connection = pages.connect()["id"]
    asked = {
        Role.SEE: [("GET", "/"), ("GET", f"/connections/{connection}"), ("GET", "/api/v1/connections")],
        Role.USE: [
            ("GET", f"/connections/{connection}/graphql"),
            ("POST", f"/api/v1/connections/{connection}/verify"),
            ("GET", f"/api/v1/connections/{connection}/bigcommerce/v2/store"),
        ],
        Role.MANAGE: [
            ("GET", "/tools"),
            ("GET", f"/connections/{connection}/edit"),
            ("GET", "/api/v1/api-tokens"),
            ("PATCH", f"/api/v1/connections/{connection}"),
        ],
    }
    with through_proxy(pages, provider.assertion("ann", GROUPS[role])) as ann:
        for needed, requests in asked.items():
            for method, path in requests:
                answer = ann.request(method, path)
                refused = answer.status_code == 403 and f"It needs the role {needed.word}" in answer.text
                assert refused is (role < needed), (method, path, answer.status_code)
        assert ann.post("/api/v1/hand-over-tickets", json={"name": "x"}).status_code == 403
        assert ann.get("/try-out").status_code == 403


@pytest.mark.parametrize("role", Role)
def test_a_page_offers_what_the_role_allows(pages: WebPages, provider: IdentityProvider, role: Role) -> None:
    connection = pages.connect()["id"]
    with through_proxy(pages, provider.assertion("ann", GROUPS[role])) as ann:
        shown = ann.get("/").text + ann.get(f"/connections/{connection}").text + ann.get("/keys").text
    offered = {
        Role.SEE: ['href="/record"', 'href="/keys"'],
        Role.USE: ["Verify now", "Ask with GraphQL", "Use it in another tool"],
        Role.MANAGE: [
            'href="/tools"',
            "Connect a store",
            ">Edit<",
            ">Delete<",
            "Rotate the access token",
            "Download a",
        ],
    }
    for needed, marks in offered.items():
        assert [mark in shown for mark in marks] == [role >= needed] * len(marks), needed


def test_a_program_with_its_token_passes_beside_the_people(pages: WebPages) -> None:
    tokens = {"Authorization": f"Bearer {pages.service.api_token.reveal()}"}
    with httpx2.Client(base_url=pages.url, headers={"Host": HOST, **tokens}, trust_env=False) as program:
        assert program.get("/api/v1/connections").status_code == 200
        form = {"name": pages.new_name(), "subdomain": "celigo", "store_hash": "ci4bzn8adz"}
        assert program.post("/api/v1/connections", json={**form, "access_token": A_TOKEN.reveal()}).status_code == 201


def test_without_a_provider_a_link_begins_a_session_over_tls(linked_pages: WebPages) -> None:
    with linked_pages.client() as client:
        link = client.sign_in_link(PUBLIC).reveal()
    assert link.startswith(f"{PUBLIC}/sign-in/")
    with through_proxy(linked_pages) as browser:
        answer = browser.post("/sign-in", data={"link": link.rpartition("/")[2]})
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-companion-session=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
        assert browser.get("/tools", headers={"Cookie": cookie.partition(";")[0]}).status_code == 200
        assert browser.get("/tools").status_code == 401


def test_every_route_needs_a_role_or_is_for_no_person() -> None:
    """Whoever adds a route decides here which people may take it; one that is forgotten is refused to all."""
    parts = SimpleNamespace(world=World.SIMULATED)
    app = create_app(parts, Secret("t" * 64))  # type: ignore[arg-type]  nothing is called
    open_to_all = permissions.OPEN_ENDPOINTS | {
        rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.rpartition(".")[0] in permissions.OPEN_PAGES
    }
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert roles.NEEDED_ROLES.keys() | roles.NOT_FOR_PEOPLE == endpoints - open_to_all
    assert not roles.NEEDED_ROLES.keys() & roles.NOT_FOR_PEOPLE
    assert {each for each in endpoints if each in permissions.CONFIRMED_ENDPOINTS} <= {
        each for each, role in roles.NEEDED_ROLES.items() if role is Role.MANAGE
    }
    assert endpoints >= permissions.LINK_ENDPOINTS
