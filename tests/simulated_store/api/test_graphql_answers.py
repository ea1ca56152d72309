"""What the GraphQL Storefront API answers to those whom it lets in."""

import pytest
from graphql import build_client_schema, get_introspection_query


def messages(answer):
    assert answer.status_code == 200
    return [error["message"] for error in answer.json["errors"]]


def test_settings_tell_name_status_and_addresses(graphql, mint, store):
    query = "{ site { settings { storeName status url { vanityUrl cdnUrl checkoutUrl } } } }"
    settings = graphql(mint(), query).json["data"]["site"]["settings"]
    assert settings["storeName"] == store.name
    assert settings["url"]["vanityUrl"] == f"https://{store.vanity_host}"
    assert settings["url"]["cdnUrl"] == f"https://cdn11.bigcommerce.com/s-{store.store_hash}"


def test_the_status_follows_the_store(graphql, mint, store):
    def status():
        return graphql(mint(), "{ site { settings { status } } }").json["data"]["site"]["settings"]["status"]

    assert status() == "PRE_LAUNCH"
    store.launched = True
    assert status() == "LAUNCHED"


def test_a_renamed_store_is_told_at_once(graphql, mint, store):
    store.name = "Something Else"
    assert graphql(mint()).json["data"]["site"]["settings"]["storeName"] == "Something Else"


def test_products_come_in_pages(graphql, mint):
    query = """query ($after: String) { site { products(first: 3, after: $after) {
        pageInfo { hasNextPage endCursor } edges { node { entityId name sku path prices { price { value } } } } } } }"""
    token, seen, after = mint(), [], None
    for _ in range(10):
        page = graphql(token, query, variables={"after": after}).json["data"]["site"]["products"]
        seen += [edge["node"]["entityId"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(set(seen)) > 3


def test_at_most_fifty_products_at_a_time(graphql, mint):
    answer = graphql(mint(), "{ site { products(first: 51) { edges { node { name } } } } }")
    assert "50" in messages(answer)[0]


def test_one_product_by_id_and_its_price(graphql, mint):
    listed = graphql(mint(), "{ site { products(first: 1) { edges { node { entityId name } } } } }")
    node = listed.json["data"]["site"]["products"]["edges"][0]["node"]
    query = "query ($id: Int) { site { product(entityId: $id) { name prices { price { value currencyCode } } } } }"
    found = graphql(mint(), query, variables={"id": node["entityId"]}).json["data"]["site"]["product"]
    assert found["name"] == node["name"]
    assert isinstance(found["prices"]["price"]["value"], float)


def test_an_unknown_product_is_null(graphql, mint):
    answer = graphql(mint(), "{ site { product(entityId: 123456) { name } } }")
    assert answer.json == {"data": {"site": {"product": None}}}


def test_the_category_tree_has_branches(graphql, mint):
    tree = graphql(mint(), "{ site { categoryTree { name children { name } } } }").json["data"]["site"]["categoryTree"]
    assert any(branch["children"] for branch in tree)


def test_fragments_aliases_and_operation_names_work(graphql, mint, store):
    query = """query A { site { ...S } } query B { one: site { ...S } }
        fragment S on Site { settings { name: storeName } }"""
    answer = graphql(mint(), query, operationName="B")
    assert answer.json["data"] == {"one": {"settings": {"name": store.name}}}
    assert answer.headers["X-Bc-Graphql-Operation-Name"] == "B"
    assert answer.headers["X-Bc-Graphql-Operation-Type"] == "query"


def test_the_schema_may_be_asked_for(graphql, mint):
    answer = graphql(mint(), get_introspection_query())
    assert "errors" not in answer.json
    assert "Site" in build_client_schema(answer.json["data"]).type_map


def test_a_missing_scope_leaves_partial_data(graphql, mint, store):
    answer = graphql(mint(scopes=["Unauthenticated"]), "{ site { settings { storeName } } customer { email } }")
    assert answer.status_code == 200
    assert answer.json["data"] == {"site": {"settings": {"storeName": store.name}}, "customer": None}
    (error,) = answer.json["errors"]
    assert error["path"] == ["customer"]
    assert error["extensions"] == {"code": "INSUFFICIENT_ACCESS_SCOPE", "requiredScopes": ["Customer"]}


def test_a_missing_scope_may_leave_no_data_at_all(graphql, mint):
    answer = graphql(mint(scopes=["Customer"]))
    assert answer.status_code == 200
    assert answer.json["data"] is None
    assert answer.json["errors"][0]["extensions"]["requiredScopes"] == ["Unauthenticated"]


def test_there_is_no_hierarchy_of_scopes(graphql, mint):
    query = "{ site { settings { storeName } } customer { email } }"
    assert "errors" in graphql(mint(scopes=["B2B", "Customer"]), query).json
    assert "errors" not in graphql(mint(scopes=["Unauthenticated", "Customer"]), query).json


@pytest.mark.parametrize("family", ["simple", "impersonation"])
def test_other_families_have_no_access_scopes(graphql, mint, family):
    assert graphql(mint(family), "{ customer { email } }").json == {"data": {"customer": None}}


def test_an_impersonation_token_acts_for_the_customer_of_the_header(graphql, mint):
    query = "{ customer { entityId email } }"
    answer = graphql(mint("impersonation"), query, headers={"X-Bc-Customer-Id": "1"})
    assert answer.json["data"]["customer"]["entityId"] == 1
    other = graphql(mint(scopes=["Customer"]), query, headers={"X-Bc-Customer-Id": "1"})
    assert other.json["data"]["customer"] is None


def test_an_unknown_customer_access_token_is_told_on_request(graphql, mint):
    headers = {"X-Bc-Customer-Access-Token": "abc_1"}
    assert "errors" not in graphql(mint(), headers=headers).json
    headers["X-Bc-Error-On-Invalid-Customer-Access-Token"] = "true"
    (error,) = graphql(mint(), headers=headers).json["errors"]
    assert error["extensions"]["code"] == "INVALID_CUSTOMER_ACCESS_TOKEN"


@pytest.mark.parametrize(
    "query", ["{", "{ site { nothing } }", "", "{ site }", "query A { a: __typename } {b: __typename}"]
)
def test_a_wrong_query_is_an_ordinary_graphql_body(graphql, mint, query):
    answer = graphql(mint(), query)
    assert messages(answer)
    assert "data" not in answer.json


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"query": 3}', b'{"query": "{ a }", "variables": [1]}'])
def test_a_body_without_a_query_is_400(graphql, mint, bigcommerce, store, data):
    from flask import Flask

    from simulated_store.api import graphql_blueprint

    app = Flask("raw")
    app.register_blueprint(graphql_blueprint(bigcommerce))
    headers = {"Host": store.vanity_host, "Authorization": f"Bearer {mint()}", "Content-Type": "application/json"}
    answer = app.test_client().post("/graphql", headers=headers, data=data)
    assert answer.status_code == 400
    assert answer.json["errors"][0]["message"]


def test_the_complexity_is_told_and_grows_with_the_page(graphql, mint):
    def complexity(first):
        answer = graphql(mint(), f"{{ site {{ products(first: {first}) {{ edges {{ node {{ name }} }} }} }} }}")
        return int(answer.headers["X-Bc-Graphql-Complexity"])

    assert 0 < complexity(1) < complexity(50)


def test_a_query_that_is_too_complex_names_both_numbers(graphql, mint):
    page = "products(first: 50) { edges { node { entityId name sku path prices { price { value } } } } }"
    query = "{ site { " + " ".join(f"p{number}: {page}" for number in range(30)) + " } }"
    answer = graphql(mint(), query)
    (message,) = messages(answer)
    assert "10000" in message
    assert answer.headers["X-Bc-Graphql-Complexity"] in message
    assert int(answer.headers["X-Bc-Graphql-Complexity"]) > 10_000


def nested(depth):
    """Fields on `depth` levels."""
    levels = depth - 3
    return "{ site { categoryTree { " + "children { " * levels + "name" + " }" * levels + " } } }"


def test_sixteen_levels_are_as_deep_as_it_goes(graphql, mint):
    assert "errors" not in graphql(mint(), nested(16)).json
    assert "16" in messages(graphql(mint(), nested(17)))[0]


def test_fragments_that_multiply_are_measured_without_being_spelled_out(graphql, mint):
    parts = [f"fragment F{n} on Site {{ a{n}: settings {{ storeName }} ...F{n + 1} ...F{n + 1} }}" for n in range(40)]
    last = "fragment F40 on Site { settings { storeName } }"
    answer = graphql(mint(), "{ site { ...F0 } } " + " ".join([*parts, last]))
    assert "10000" in messages(answer)[0]


@pytest.mark.parametrize("length", [250, 400, 900, 3000])
def test_a_long_chain_of_fragments_is_told_not_stumbled_over(graphql, mint, length):
    parts = [f"fragment F{n} on Site {{ ...F{n + 1} }}" for n in range(length)]
    last = f"fragment F{length} on Site {{ settings {{ storeName }} }}"
    assert graphql(mint(), "{ site { ...F0 } } " + " ".join([*parts, last])).status_code == 200


@pytest.mark.parametrize("query", ["query A { __typename } query B { __typename }", "query A { __typename }"])
def test_an_operation_that_is_not_named_or_not_there_is_told(graphql, mint, query):
    name = None if "query B" in query else "C"
    assert messages(graphql(mint(), query, operationName=name))


def test_a_fault_strikes_graphql_too(graphql, mint, bigcommerce):
    token = mint()
    bigcommerce.faults.add("graphql", status=503)
    assert [graphql(token).status_code, graphql(token).status_code] == [503, 200]
