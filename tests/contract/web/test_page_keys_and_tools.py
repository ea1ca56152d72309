"""Keys, backup, tools, sessions, the record; and what the passphrase opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from web_pages import Visitor, WebPages, web_pages

from companion.core import web_sessions
from companion.core.backup_file import backup_key_of
from companion.core.secret import Secret

PASSPHRASE = "correct horse battery staple"


def test_the_keys_are_told_with_their_health(visitor: Visitor, pages: WebPages) -> None:
    pages.connect()
    html = visitor.get("/keys").text
    assert "in a file of yours" in html
    assert re.search(r"key-[0-9a-f]{16}</th><td role=\"cell\">Active", html)
    assert "Nothing is due" in html
    assert "companion keys rotate" in html


def test_a_backup_comes_down_and_opens_with_its_passphrase_alone(visitor: Visitor, pages: WebPages) -> None:
    pages.connect("Kept")
    answer = visitor.post("/keys/backup", {"passphrase": PASSPHRASE, "again": PASSPHRASE})
    assert answer.status_code == 200
    assert re.fullmatch(r'attachment; filename="companion-[\d-]+\.backup"', answer.headers["Content-Disposition"])
    content = iter([answer.content])

    def read(size: int) -> bytes:
        nonlocal left
        part, left = left[:size], left[size:]
        return part

    left = next(content)
    assert backup_key_of(read, Secret(PASSPHRASE), entropy=lambda size: bytes(size))
    assert b"Kept" not in answer.content
    assert PASSPHRASE.encode() not in answer.content
    with pages.client() as client:
        entry = client.audit(1, action="backup")["entries"][0]
    assert (entry["who"], entry["outcome"]) == ("web page", "done")


@pytest.mark.parametrize(("passphrase", "again"), [("short", "short"), (PASSPHRASE, PASSPHRASE + "!"), ("", "")])
def test_a_passphrase_that_is_none_is_refused_and_not_echoed(visitor: Visitor, passphrase: str, again: str) -> None:
    answer = visitor.post("/keys/backup", {"passphrase": passphrase, "again": again})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert not passphrase or f'"{passphrase}"' not in answer.text


def test_a_tool_gets_a_token_that_is_shown_once_and_revoked_at_once(visitor: Visitor, pages: WebPages) -> None:
    pages.connect("Flowers")
    fields = {"name": "Sync <1>", "actions": ["read", "graphql"], "which": "some", "connections": "flowers\n\n"}
    made = visitor.post("/tools/new", {**fields, "days": "30"})
    assert made.status_code == 201
    found = re.search(r"companion_[0-9a-f]{64}", made.text)
    assert found
    listed = visitor.get("/tools").text
    assert "Sync &lt;1&gt;" in listed
    assert "<bdi>Flowers</bdi>" in listed
    assert re.search(r"<li>See it</li>\s*<li>Run GraphQL queries</li>", listed)
    assert found[0] not in listed
    with pages.client() as client:
        [token] = client.api_tokens()
    assert (token["actions"], len(token["connections"] or [])) == (["read", "graphql"], 1)
    revoked = visitor.post(f"/tools/{token['id']}/revoke", shown_at="/tools")
    assert revoked.status_code == 303
    assert "No tool is let in yet" in visitor.get("/tools?done=revoked").text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": ""}, "name"),
        ({"actions": []}, "actions"),
        ({"connections": "Nobody"}, "connections"),
        ({"connections": ""}, "connections"),
        ({"days": "4000"}, "expires_at"),
        ({"days": "999999999999"}, "expires_at"),
        ({"days": "-9999999999"}, "expires_at"),
        ({"actions": ["everything"]}, "actions"),
    ],
)
def test_a_token_that_cannot_be_made_keeps_what_was_typed(
    visitor: Visitor, pages: WebPages, changes: dict[str, object], error: str
) -> None:
    pages.connect("Flowers")
    fields = {"name": "Sync", "actions": ["read"], "which": "some", "connections": "Flowers", "days": "30"} | changes
    answer = visitor.post("/tools/new", fields)
    assert answer.status_code == 422
    assert f'id="{error}-error"' in answer.text
    assert str(fields["connections"]) in answer.text
    for word_of_the_api in ("rest-read, ", "null", "ids of"):
        assert word_of_the_api not in answer.text
    with pages.client() as client:
        assert client.api_tokens() == []


@pytest.mark.parametrize("screen", ["/tools/new", "/keys/backup"])
def test_tokens_and_backups_need_a_sign_in_of_a_moment_ago(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, screen: str
) -> None:
    monkeypatch.setattr(web_sessions, "CONFIRMED_FOR", timedelta(0))
    for answer in (visitor.get(screen), visitor.post(screen, {}, shown_at="/record")):
        assert answer.status_code == 403
        assert "Is it still you?" in answer.text


def test_the_record_is_shown_filtered_and_checked(visitor: Visitor, pages: WebPages) -> None:
    pages.verify(pages.connect("Flowers")["id"])
    assert "Flowers" in visitor.get("/record").text
    only = visitor.get("/record?action=verify").text
    kinds = set(re.findall(r'<td role="cell" class="what">(\w[\w ]*)(?:<span class="under">|</td>)', only))
    assert "Verify" in kinds
    assert not {"Add", "Sign in"} & kinds
    assert "<bdi>a command</bdi>" in only
    assert "<bdi>user</bdi>" not in only
    checked = visitor.post("/record")
    assert checked.status_code == 200
    assert "The record is whole" in checked.text
    assert re.search(r"\d+:[0-9a-f]{64}", checked.text)


def test_each_session_is_listed_and_ended_by_itself(visitor: Visitor, pages: WebPages) -> None:
    with pages.client() as client:
        client.end_sessions()  # those of other tests
    other = Visitor(pages)
    for each in (visitor, other):
        each.sign_in(pages.sign_in_path())
    listed = visitor.get("/tools").text
    ends = re.findall(r'action="(/tools/sessions/[0-9a-f]{32}/end)"', listed)
    assert len(ends) == listed.count("Last used </span>") - 1 == 1
    assert listed.count("this one</span>") == 2  # the mark, and whom its button signs out
    refused = other.post(ends[0].replace("/end", "x/end"), shown_at="/tools")
    assert refused.status_code == 303  # there is none, so it has ended
    assert visitor.post(ends[0], shown_at="/tools").status_code == 303
    assert other.get("/tools").status_code == 401
    assert visitor.get("/tools?done=ended").status_code == 200
    with pages.client() as client:
        assert client.audit(1, action="sign-out")["entries"][0]["detail"] == "another session"
    other.close()


# With a passphrase


@pytest.fixture(scope="module")
def sealed_pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebPages]:
    with web_pages(tmp_path_factory.mktemp("sealed"), key_provider="passphrase", passphrase=PASSPHRASE) as served:
        yield served


@pytest.fixture
def at_sealed(sealed_pages: WebPages) -> Iterator[Visitor]:
    visitor = Visitor(sealed_pages)
    visitor.sign_in(sealed_pages.sign_in_path())
    yield visitor
    visitor.close()


def test_a_locked_service_is_unlocked_on_the_page(
    at_sealed: Visitor, sealed_pages: WebPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("companion.service.unlocking._FIRST_PAUSE", timedelta(0))
    with sealed_pages.client() as client:
        client.lock()
    for path in ("/", "/keys", "/connections/new"):
        locked = at_sealed.get(path)
        assert locked.status_code == 423
        assert "The service is locked" in locked.text
    wrong = at_sealed.post("/unlock", {"passphrase": "another passphrase"}, shown_at="/")
    assert wrong.status_code == 403
    assert "not the right one" in wrong.text
    assert "another passphrase" not in wrong.text
    assert at_sealed.post("/unlock", {"passphrase": PASSPHRASE}, shown_at="/").status_code == 303
    assert at_sealed.get("/keys").status_code == 200


def test_the_passphrase_proves_anew_who_is_at_the_page(
    at_sealed: Visitor, sealed_pages: WebPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("companion.service.unlocking._FIRST_PAUSE", timedelta(0))
    before = web_sessions.CONFIRMED_FOR
    monkeypatch.setattr(web_sessions, "CONFIRMED_FOR", timedelta(0))
    asked = at_sealed.get("/tools/new")
    assert 'name="back" value="/tools/new"' in asked.text
    wrong = at_sealed.post("/confirm", {"passphrase": "another", "back": "/tools/new"}, shown_at="/tools/new")
    assert wrong.status_code == 403
    assert 'name="back" value="/tools/new"' in wrong.text
    for back, leads_to in (("/tools/new", "/tools/new"), ("//evil.example", "/"), ("https://evil.example", "/")):
        done = at_sealed.post("/confirm", {"passphrase": PASSPHRASE, "back": back}, shown_at="/tools/new")
        assert (done.status_code, done.headers["Location"]) == (303, leads_to)
    monkeypatch.setattr(web_sessions, "CONFIRMED_FOR", before)
    assert at_sealed.get("/tools/new").status_code == 200
