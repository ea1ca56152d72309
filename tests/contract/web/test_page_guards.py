"""Who sees which screen, and what every screen has in common."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from web_pages import A_TOKEN, Visitor, WebPages, anti_forgery_in

from companion.core import web_sessions
from companion.core.errors import Locked, WrongKey

SCREENS = (
    "/",
    "/?auth=token",
    "/?q=nothing-like-this",
    "/connections/new",
    "/connections/{id}",
    "/connections/{id}/graphql",
    "/connections/{id}/edit",
    "/connections/{id}/reauthorize",
    "/connections/{id}/rotate",
    "/connections/{id}/export",
    "/connections/{id}/delete",
    "/connections/{id}/history",
    "/keys",
    "/keys/backup",
    "/tools",
    "/tools/new",
    "/record",
)
CHANGES = (
    "/connections/new",
    "/connections/new/check/name",
    "/connections/new/read",
    "/connections/{id}/verify",
    "/connections/{id}/graphql",
    "/connections/{id}/edit",
    "/connections/{id}/name-and-tags",
    "/connections/{id}/reauthorize",
    "/connections/{id}/delete",
    "/reauthorize",
    "/keys/backup",
    "/tools/new",
    "/tools/0/revoke",
    "/tools/sessions/0/end",
    "/record",
    "/connections/{id}/rotate",
    "/try-out",
    "/panel-work/0",
    "/try-out/end",
    "/unlock",
    "/confirm",
)


@pytest.fixture
def connection_id(pages: WebPages) -> str:
    return str(pages.connect("Flowers <b>& Co</b>")["id"])


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_is_for_a_session_alone(stranger: Visitor, connection_id: str, screen: str) -> None:
    answer = stranger.get(screen.format(id=connection_id))
    assert answer.status_code == (200 if screen.startswith("/?") or screen == "/" else 401)
    assert "companion open" in answer.text
    assert "Flowers" not in answer.text


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_needs_a_session_and_a_form_of_its_own(
    stranger: Visitor, pages: WebPages, connection_id: str, change: str
) -> None:
    path = change.format(id=connection_id)
    assert stranger.http.post(path, data={}).status_code == 401
    stranger.sign_in(pages.sign_in_path())
    other = Visitor(pages)
    other.sign_in(pages.sign_in_path())
    of_another_session = anti_forgery_in(other.get("/connections/new").text)
    other.close()
    for token in ({}, {"anti_forgery": ""}, {"anti_forgery": "é"}, {"anti_forgery": of_another_session}):
        answer = stranger.http.post(path, data={"name": "Flowers <b>& Co</b>", "revision": "1", **token})
        assert answer.status_code == 403
        assert "has ended" in answer.text
    foreign = stranger.http.post(path, data={}, headers={"Origin": "http://127.0.0.1:1"})
    assert foreign.status_code == 403
    assert stranger.http.post(path, json={}).status_code == 415
    with pages.client() as client:
        assert client.connection(connection_id)["revision"] == 1
        assert client.connection(connection_id)["verified_at"] is None


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_is_whole_and_holds_nothing_inline_and_no_secret(
    visitor: Visitor, pages: WebPages, connection_id: str, screen: str
) -> None:
    answer = visitor.get(screen.format(id=connection_id))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "'unsafe" not in answer.headers["Content-Security-Policy"]
    html = answer.text
    assert html.count("<h1") == 1
    assert not re.search(r"<style| style=| on[a-z]+=|javascript:|<script(?! src=\"/)", html)
    assert "<b>&" not in html
    for secret in (A_TOKEN.reveal(), pages.service.api_token.reveal()):
        assert secret not in html
    for form in re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)".*?</form>', html, re.DOTALL):
        assert form.startswith("/")
    sizes = len(answer.content) + sum(len(visitor.get(path).content) for path in ("/style.css", "/htmx.js", "/page.js"))
    assert sizes < 120_000


@pytest.mark.parametrize(
    ("failure", "status", "says"),
    [
        (
            WrongKey("A secret could not be opened.", why="It is under `key-1`.", next_step="Bring back that key."),
            503,
            [
                "The right key is not here",
                "A secret could not be opened.",
                "Bring back that key.",
                "companion keys status",
                "Load again",
            ],
        ),
        (Locked("The keys are locked."), 423, ["The service is locked", "Unlock the keychain", "Load again"]),
        (
            RuntimeError("made-up-secret"),
            500,
            ["Something went wrong", "Go to the connections", "this is request"],
        ),
    ],
    ids=["wrong key", "locked", "unexpected"],
)
def test_a_failure_is_a_screen_with_the_next_step(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int, says: list[str]
) -> None:
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr("companion.service.find.overview", fail)
    answer = visitor.get("/")
    assert answer.status_code == status
    for words in says:
        assert words in answer.text
    assert "made-up-secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "<nav" in answer.text


def test_what_is_not_there_is_a_screen_with_a_way_back(visitor: Visitor) -> None:
    for path in ("/nowhere", "/connections/00000000-0000-0000-0000-000000000000", "/connections/x/edit"):
        answer = visitor.get(path)
        assert answer.status_code == 404
        assert "Go to the connections" in answer.text
        assert "<nav" in answer.text


def test_deleting_needs_a_sign_in_of_a_moment_ago(
    visitor: Visitor, connection_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_sessions, "CONFIRMED_FOR", timedelta(0))
    answer = visitor.get(f"/connections/{connection_id}/delete")
    assert answer.status_code == 403
    assert "companion open" in answer.text
    answer = visitor.post(f"/connections/{connection_id}/delete", {}, shown_at="/connections/new")
    assert answer.status_code == 403
    assert visitor.get(f"/connections/{connection_id}").status_code == 200


def test_a_session_that_ended_shows_nothing_more(
    visitor: Visitor, connection_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_sessions, "IDLE_LIFE", timedelta(0))
    answer = visitor.get(f"/connections/{connection_id}")
    assert answer.status_code == 401
    assert "You are signed out" in answer.text
    assert "Flowers" not in answer.text


def test_htmx_is_told_to_load_the_page_anew_where_the_session_has_ended(stranger: Visitor) -> None:
    answer = stranger.http.get("/?q=x", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (401, "true")
    assert answer.text == ""


def test_signing_out_clears_what_the_browser_kept(visitor: Visitor) -> None:
    answer = visitor.post("/sign-out", {"where": "here"}, shown_at="/tools")
    assert answer.headers["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize("where", ["here", "everywhere"])
def test_whoever_has_no_session_ends_none(visitor: Visitor, pages: WebPages, where: str) -> None:
    link = pages.sign_in_path()
    other = Visitor(pages)
    assert other.http.post("/sign-out", data={"where": where}).status_code == 303
    assert visitor.get("/tools").status_code == 200
    other.sign_in(link)
    other.close()


def test_signing_out_is_for_a_form_of_the_session(visitor: Visitor) -> None:
    for token in ({}, {"anti_forgery": "0" * 64}):
        assert visitor.http.post("/sign-out", data={"where": "everywhere", **token}).status_code == 403
    assert visitor.get("/tools").status_code == 200


@pytest.mark.parametrize("screen", ["/record", "/connections/{id}/history"])
@pytest.mark.parametrize("before", ["0", "-1", "9223372036854775807", "9223372036854775808", "9" * 40, "x", "\u0661"])
def test_an_entry_that_cannot_be_is_no_failure(visitor: Visitor, connection_id: str, screen: str, before: str) -> None:
    assert visitor.get(f"{screen.format(id=connection_id)}?before={before}").status_code == 200


def test_every_screen_and_change_is_among_those_that_are_tried(served_pages: WebPages) -> None:
    open_to_all = {"pages.assets", "pages.sign_in"}
    tried = {path.partition("?")[0].replace("{id}", "<id>") for path in SCREENS + CHANGES}
    tried |= {
        "/connections/new/check/<field>",
        "/tools/<token_id>/revoke",
        "/tools/sessions/<session_id>/end",
        "/panel-work/<job_id>",
    }
    app = served_pages.app()
    rules = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("pages.") and rule.endpoint.rpartition(".")[0] not in open_to_all
    }
    assert {rule for rule in rules if "retrieval" not in rule} - tried == set()
