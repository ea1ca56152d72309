"""The list: the empty state, search, filters, pages, and the group that stops working."""

from __future__ import annotations

import re

import pytest
from web_pages import Visitor, WebPages


def names_in(html: str) -> list[str]:
    return re.findall(r'role="rowheader"><a href="/connections/[^"]+"><bdi>([^<]*)</bdi>', html)


def test_the_first_run_is_an_invitation_with_a_way_to_try_it(visitor: Visitor) -> None:
    html = visitor.get("/").text
    assert "Connect your first store" in html
    assert "This is the try-out" in html  # as the service reaches a simulated store
    assert 'href="/connections/new"' in html


def test_each_connection_shows_its_status_with_the_reason_and_the_one_next_step(
    visitor: Visitor, pages: WebPages
) -> None:
    fresh = pages.connect("Fresh")
    poor = pages.connect("Poor", access_token=pages.access_token(frozenset({"store_storefront_api"})))
    good = pages.connect("Good")
    for each in (poor, good):
        pages.verify(each["id"])
    html = visitor.get("/").text
    assert names_in(html) == ["Fresh", "Good", "Poor"]
    rows = dict(
        zip(names_in(html), re.findall(r'<tr role="row">\s*<th scope="row".*?</tr>', html, re.DOTALL), strict=True)
    )
    assert 'class="status unverified"' in rows["Fresh"]
    assert f'action="/connections/{fresh["id"]}/verify"' in rows["Fresh"]
    assert 'class="status ready"' in rows["Good"]
    assert "Nothing to do" in rows["Good"]
    assert 'class="status attention"' in rows["Poor"]
    assert "customer impersonation" in rows["Poor"]
    assert f'href="/connections/{poor["id"]}/edit"' in rows["Poor"]


def test_a_search_and_filters_hold_together_and_say_what_they_found(visitor: Visitor, pages: WebPages) -> None:
    pages.connect("Alpha", tags=["eu", "live"])
    pages.connect("Beta", tags=["eu"])
    pages.verify(pages.connect("Gamma")["id"])
    assert names_in(visitor.get("/?q=ALPH").text) == ["Alpha"]
    assert names_in(visitor.get("/?tag=eu").text) == ["Alpha", "Beta"]
    assert names_in(visitor.get("/?status=unverified&tag=live").text) == ["Alpha"]
    assert names_in(visitor.get("/?status=ready").text) == ["Gamma"]
    assert names_in(visitor.get("/?status=nonsense&auth=nonsense").text) == ["Alpha", "Beta", "Gamma"]
    for strange in ("/?after=%00", "/?after=%F0%9F", "/?tag=%00", "/record?who=%00", "/record?before=x", "/?q=%25_"):
        assert visitor.get(strange).status_code == 200
    nothing = visitor.get("/?q=%3Cscript%3E%00").text
    assert "Nothing matches" in nothing
    assert "<script>" not in nothing


def test_pages_follow_one_another_by_name(visitor: Visitor, pages: WebPages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("companion.web.pages.connections._PAGE", 2)
    for name in ("a&b", "c d", "e", "f", "é"):
        pages.connect(name)
    seen: list[str] = []
    path: str | None = "/"
    while path:
        html = visitor.get(path).text
        seen += names_in(html)
        following = re.search(r'href="([^"]*)">Next page', html)
        path = following[1].replace("&amp;", "&") if following else None
    assert seen == ["a&amp;b", "c d", "e", "f", "é"]


def test_those_that_stop_working_are_a_group_with_a_bulk_way_out(visitor: Visitor, pages: WebPages) -> None:
    pages.connect("Old 1", auth_type="token")
    pages.connect("Old 2", auth_type="token", access_token="made-up-token-that-nobody-knows")
    pages.connect("New")
    assert "2 connections use" in " ".join(visitor.get("/").text.split())
    group = visitor.get("/?auth=token").text
    assert names_in(group) == ["Old 1", "Old 2"]
    assert "2027-03-31" in group
    done = visitor.post("/reauthorize", shown_at="/?auth=token")
    assert done.status_code == 200
    assert "1 of 2 reauthorized" in done.text
    assert "Left as it was" in done.text
    with pages.client() as client:
        assert client.connection("Old 1")["auth_type"] == "custom"
        assert client.connection("Old 2")["auth_type"] == "token"


def test_the_bulk_way_goes_past_those_that_cannot_be_reauthorized(
    visitor: Visitor, pages: WebPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("companion.web.pages.reauthorize.AT_ONCE", 1)
    pages.connect("Bad", auth_type="token", access_token="made-up-token-that-nobody-knows")
    pages.connect("Good", auth_type="token")
    first = visitor.post("/reauthorize", shown_at="/?auth=token")
    assert "0 of 1 reauthorized" in first.text
    assert 'name="after" value="Bad"' in first.text
    second = visitor.post("/reauthorize", {"after": "Bad"}, shown_at="/?auth=token")
    assert "1 of 1 reauthorized" in second.text
