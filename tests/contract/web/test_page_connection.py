"""One connection: what its screen tells, and each thing that can be done with it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from web_pages import A_TOKEN, Visitor, WebPages

from companion.client import CompanionClient


@pytest.fixture
def shop(pages: WebPages) -> dict[str, Any]:
    return pages.connect("Flowers", tags=["eu"])


def now(pages: WebPages, shop: dict[str, Any]) -> dict[str, Any]:
    with pages.client() as client:
        return dict(client.connection(shop["id"]))


def test_it_tells_what_it_is_and_what_was_done(visitor: Visitor, shop: dict[str, Any]) -> None:
    html = visitor.get(f"/connections/{shop['id']}").text
    for told in (shop["store_hash"], shop["subdomain"], "set, encrypted", "Not verified yet", "Add"):
        assert told in html


def test_verifying_shows_each_ability_as_proven(visitor: Visitor, shop: dict[str, Any], pages: WebPages) -> None:
    own = f"/connections/{shop['id']}"
    answer = visitor.post(f"{own}/verify", shown_at=own)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{own}?done=verified")
    html = visitor.get(answer.headers["Location"]).text
    assert "Everything works" in html
    assert len(re.findall(r'<span class="mark ready"><time', html)) == 6
    assert now(pages, shop)["status"] == "ready"


def test_a_finding_stands_with_what_to_do_and_its_ability_is_not_proven(visitor: Visitor, pages: WebPages) -> None:
    shop = pages.connect(access_token=pages.access_token(frozenset({"store_storefront_api"})))
    pages.verify(shop["id"])
    html = visitor.get(f"/connections/{shop['id']}").text
    assert "What was found" in html
    assert f'href="/connections/{shop["id"]}/edit">Give another access token' in html
    row = re.search(r"customer impersonation tokens</th>.*?</tr>", html, re.DOTALL)
    assert row
    assert "not proven" in row[0]


def test_bigcommerce_out_of_reach_is_told_on_the_screen(
    visitor: Visitor, shop: dict[str, Any], pages: WebPages
) -> None:
    pages.store.maintenance = True
    own = f"/connections/{shop['id']}"
    answer = visitor.post(f"{own}/verify", shown_at=own)
    assert answer.status_code == 503
    assert 'class="notice broken" role="alert"' in answer.text
    assert now(pages, shop)["status"] == "unverified"


def test_a_tool_with_an_api_token_is_named_with_its_last_use(
    visitor: Visitor, shop: dict[str, Any], pages: WebPages
) -> None:
    with pages.client() as client:
        client.create_api_token("Price sync", connections=[shop["id"]], actions=["graphql"])
    html = visitor.get(f"/connections/{shop['id']}").text
    assert "Price sync" in html
    with pages.client() as client:
        client.revoke_api_tokens()


def test_a_query_is_run_and_answered(visitor: Visitor, shop: dict[str, Any]) -> None:
    box = f"/connections/{shop['id']}/graphql"
    answer = visitor.post(box, {"query": "query { site { settings { storeName } } }"})
    assert answer.status_code == 200
    assert "storeName" in answer.text
    assert 'id="answer"' in answer.text
    after = visitor.get(f"/connections/{shop['id']}").text
    assert re.search(r"<dt>Run a GraphQL query</dt><dd><time", after)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"query": ""}, 422),
        ({"query": "{ site { settings { storeName } } }", "variables": "[1]"}, 422),
        ({"query": "{ site { settings { storeName } } }", "variables": '{"a":1,"a":2}'}, 422),
    ],
)
def test_a_query_that_is_none_keeps_what_was_typed(
    visitor: Visitor, shop: dict[str, Any], fields: dict[str, str], status: int
) -> None:
    answer = visitor.post(f"/connections/{shop['id']}/graphql", fields)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert fields["query"] in answer.text
    assert fields.get("variables", "").replace('"', "&#34;") in answer.text


def form_of(shop: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "revision": str(shop["revision"]),
        "name": shop["name"],
        "subdomain": shop["subdomain"],
        "auth_type": shop["auth_type"],
        "store_hash": shop["store_hash"],
        "channel_id": str(shop["channel_id"]),
        "scopes": shop["scopes"],
        "tags": ", ".join(shop["tags"]),
        **changes,
    }


def test_editing_asks_for_the_access_token_each_time(visitor: Visitor, shop: dict[str, Any], pages: WebPages) -> None:
    path = f"/connections/{shop['id']}/edit"
    assert "entered again" in visitor.get(path).text
    without = visitor.post(path, form_of(shop, name="Other"))
    assert without.status_code == 422
    assert "The access token is missing" in without.text
    assert 'value="Other"' in without.text
    assert visitor.post(path, form_of(shop, name="Other", access_token=pages.access_token())).status_code == 303
    assert (now(pages, shop)["name"], now(pages, shop)["status"]) == ("Other", "ready")


def test_an_edit_that_would_not_work_changes_nothing_until_it_is_wanted_all_the_same(
    visitor: Visitor, shop: dict[str, Any], pages: WebPages
) -> None:
    path = f"/connections/{shop['id']}/edit"
    refused = visitor.post(path, form_of(shop, access_token=A_TOKEN.reveal()))
    assert refused.status_code == 409
    assert A_TOKEN.reveal() not in refused.text
    assert now(pages, shop)["revision"] == 1
    assert 'name="unproven"' in refused.text
    forced = visitor.post(path, form_of(shop, access_token=A_TOKEN.reveal(), unproven="yes"))
    assert forced.status_code == 303
    assert now(pages, shop)["revision"] == 2


def test_an_edit_of_something_older_is_told(visitor: Visitor, shop: dict[str, Any], pages: WebPages) -> None:
    path = f"/connections/{shop['id']}/edit"
    answer = visitor.post(path, form_of(shop, revision="7", access_token=pages.access_token()))
    assert answer.status_code == 412
    assert "changed meanwhile" in answer.text


def test_a_form_that_was_refused_is_still_that_of_the_revision_it_was_made_from(
    visitor: Visitor, shop: dict[str, Any], pages: WebPages
) -> None:
    path = f"/connections/{shop['id']}/edit"
    with pages.client() as client:
        client.patch(shop["id"], 1, name="Renamed meanwhile")
    refused = visitor.post(path, form_of(shop))
    assert refused.status_code == 422
    assert re.findall('name="revision" value="([^"]*)"', refused.text) == ["1", "1"]
    stale = visitor.post(path, form_of(shop, access_token=pages.access_token()))
    assert stale.status_code == 412
    assert re.findall('name="revision" value="([^"]*)"', stale.text) == ["2", "2"]
    assert now(pages, shop)["name"] == "Renamed meanwhile"


def test_name_and_tags_need_no_token(visitor: Visitor, shop: dict[str, Any], pages: WebPages) -> None:
    path, edit = f"/connections/{shop['id']}/name-and-tags", f"/connections/{shop['id']}/edit"
    answer = visitor.post(path, {"revision": "1", "name": "Blumen", "tags": "eu, نيو"}, shown_at=edit)
    assert answer.status_code == 303
    assert (now(pages, shop)["name"], now(pages, shop)["tags"]) == ("Blumen", ["eu", "نيو"])
    pages.connect("Taken")
    taken = visitor.post(path, {"revision": "2", "name": "taken", "tags": ""}, shown_at=edit)
    assert taken.status_code == 409
    assert "already a connection" in taken.text


def test_token_becomes_custom_with_the_stored_access_token(visitor: Visitor, pages: WebPages) -> None:
    old = pages.connect(auth_type="token")
    path = f"/connections/{old['id']}/reauthorize"
    assert visitor.get(path).text.count("<li><h2>") == 3
    answer = visitor.post(path, {"scopes": ["Unauthenticated", "B2B"], "channel_id": "1"})
    assert answer.status_code == 303
    changed = now(pages, old)
    assert (changed["auth_type"], changed["scopes"]) == ("custom", ["Unauthenticated", "B2B"])


def test_a_reauthorization_that_is_refused_changes_nothing(visitor: Visitor, pages: WebPages) -> None:
    old = pages.connect(auth_type="token", access_token=A_TOKEN.reveal())
    path = f"/connections/{old['id']}/reauthorize"
    for fields in ({"scopes": ["Unauthenticated"], "channel_id": "1"}, {"scopes": [], "channel_id": "1"}):
        answer = visitor.post(path, fields)
        assert answer.status_code >= 400
        assert 'role="alert"' in answer.text
    assert now(pages, old)["revision"] == 1


def test_commands_are_shown_with_the_name_as_a_shell_takes_it(visitor: Visitor, pages: WebPages) -> None:
    shop = pages.connect('It\'s $(rm) "mine"')
    for screen, command in (("rotate", "companion rotate"), ("export", "companion exec"), ("delete", "--revoke")):
        html = visitor.get(f"/connections/{shop['id']}/{screen}").text
        assert command in html
        assert "&#39;It&#39;&#34;&#39;&#34;&#39;s $(rm)" in html


def test_it_is_deleted_by_typing_its_name(visitor: Visitor, shop: dict[str, Any], pages: WebPages) -> None:
    path = f"/connections/{shop['id']}/delete"
    said = visitor.get(path).text
    assert "What will be gone" in said
    assert "stays valid there" in said
    assert visitor.post(path, {"revision": "1", "name": "Flower"}).status_code == 422
    assert visitor.post(path, {"revision": "9", "name": "Flowers"}).status_code == 412
    answer = visitor.post(path, {"revision": "1", "name": " flowers "})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?done=deleted")
    assert "The connection was deleted here." in visitor.get("/?done=deleted").text
    assert visitor.get(f"/connections/{shop['id']}").status_code == 404


def test_the_history_is_told_page_by_page(visitor: Visitor, shop: dict[str, Any], pages: WebPages) -> None:
    for _ in range(12):
        pages.verify(shop["id"])
    own = f"/connections/{shop['id']}"
    assert f'href="{own}/history"' in visitor.get(own).text
    assert visitor.get(f"{own}/history").text.count('<td role="cell" class="what">Verify') == 12
    assert visitor.get(f"{own}/history?before=nonsense").status_code == 200
    assert visitor.get(f"{own}/history?before=-3").status_code in {200, 422}


def test_it_says_when_each_thing_was_used_and_by_which_tool_through_this_connection(
    visitor: Visitor, pages: WebPages
) -> None:
    mine, other = pages.connect()["id"], pages.connect()["id"]
    with pages.client() as client:
        _, text = client.create_api_token("Price sync", connections=[mine, other], actions=["graphql"])
    with CompanionClient(pages.url, text) as tool:
        tool.graphql(mine, "{ site { settings { storeName } } }")
    used, unused = (" ".join(visitor.get(f"/connections/{each}").text.split()) for each in (mine, other))
    assert re.search(r"Storefront API tokens</th>.{0,200}Last used </span><time", used)
    assert re.search(r"Last used here </span><time", used)
    assert re.search(r"Storefront API tokens</th>.{0,200}Last used </span>not yet", unused)
    assert "Last used here </span>not yet" in unused


def test_what_replaces_a_connection_is_asked_for_with_the_same_scopes_channel_and_store(
    visitor: Visitor, pages: WebPages
) -> None:
    connection = pages.connect(
        "Two & two", channel_id=1, oauth_scopes=["store_storefront_api", "store_v2_products_read_only"]
    )
    path = re.search(r'href="(/retrieval[^"]+)"', visitor.get(f"/connections/{connection['id']}/rotate").text)
    assert path
    form = visitor.get(unescape(path[1])).text
    assert 'value="Products=read-only" selected' in form
    assert f'value="{connection["store_hash"]}"' in form
    assert 'value="Two &amp; two"' in form
    assert re.search(r'name="replace" value="yes" checked', form)


def test_reauthorizing_what_is_all_that_already_claims_no_proof(visitor: Visitor, pages: WebPages) -> None:
    broken = pages.connect(access_token="made-up-token-that-nobody-knows")
    answer = visitor.post(f"/connections/{broken['id']}/reauthorize", {"scopes": "Unauthenticated", "channel_id": "1"})
    assert answer.headers["Location"] == f"/connections/{broken['id']}?done=unchanged"
    assert "nothing was changed or tried" in visitor.get(answer.headers["Location"]).text
