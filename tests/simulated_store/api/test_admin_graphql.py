"""GraphQL Admin and GraphQL Account, the two that the access token itself opens or does not."""

import pytest

READ = "{ store { settings { dataSolutions { isDataLayerEnabled } } } }"
WRITE = """mutation ($on: Boolean!) { settings { dataSolutions {
    updateDataLayer(input: {isDataLayerEnabled: $on}) { dataSolutions { isDataLayerEnabled } } } } }"""


def ask(rest, query, **variables):
    return rest.post("/graphql", json={"query": query, "variables": variables})


def enabled(answer):
    return answer.json["data"]["store"]["settings"]["dataSolutions"]["isDataLayerEnabled"]


def test_the_data_layer_is_switched_on_and_off(writing):
    assert enabled(ask(writing, READ)) is False
    for on in (True, False):
        result = ask(writing, WRITE, on=on).json["data"]["settings"]["dataSolutions"]["updateDataLayer"]
        assert result == {"dataSolutions": {"isDataLayerEnabled": on}}
        assert enabled(ask(writing, READ)) is on


def test_reading_does_not_let_write(rest):
    answer = ask(rest, WRITE, on=True)
    assert (answer.status_code, answer.json["data"]) == (200, None)
    assert answer.json["errors"][0]["path"] == ["settings", "dataSolutions", "updateDataLayer"]
    assert enabled(ask(rest, READ)) is False


def test_without_the_scope_it_is_403_like_any_call(rest_as):
    assert ask(rest_as("store_storefront_api"), READ).status_code == 403


@pytest.mark.parametrize("body", [{}, [], {"query": 3}])
def test_a_body_without_a_query_is_400(rest, body):
    assert rest.post("/graphql", json=body).status_code == 400


@pytest.mark.parametrize("query", ["{", "{ nothing }", ""])
def test_a_wrong_query_is_an_ordinary_graphql_body(rest, query):
    answer = ask(rest, query)
    assert answer.status_code == 200
    assert answer.json["errors"]


def test_no_store_level_token_opens_graphql_account(rest, store):
    path = f"/accounts/{store.account_uuid}/graphql"
    assert rest.client.post(path).text == "X-Auth-Token header is required"
    answer = rest.client.post(path, headers={"X-Auth-Token": rest.account.access_token}, json={"query": "{ a }"})
    assert (answer.status_code, answer.json["title"]) == (401, "Unauthorized")
    assert rest.client.get(path).status_code == 405
