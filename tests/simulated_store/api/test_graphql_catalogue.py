"""The small catalogue, as a storefront would ask for it."""

import pytest

NAMES = "edges { node { name } }"


@pytest.fixture
def ask(graphql, mint):
    token = mint()

    def site(inner):
        answer = graphql(token, f"{{ site {{ {inner} }} }}")
        assert "errors" not in answer.json, answer.json
        return answer.json["data"]["site"]

    return site


def names(connection):
    return [edge["node"]["name"] for edge in connection["edges"]]


def test_a_product_is_found_by_each_of_its_names(ask):
    product = ask("product(entityId: 77) { id sku path name }")["product"]
    for argument in (f'id: "{product["id"]}"', f'sku: "{product["sku"]}"', "variantEntityId: 77"):
        assert ask(f"product({argument}) {{ id sku path name }}")["product"] == product
    assert ask('product(entityId: 77, sku: "OAK-11") { id }')["product"] is None
    assert ask("product { id }")["product"] is None


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("/stoneware-mug/", "Product", "Stoneware Mug"),
        ("/stoneware-mug?ref=mail", "Product", "Stoneware Mug"),
        ("/kitchen/cups/", "Category", "Cups"),
        ("/fen-alder", "Brand", "Fen & Alder"),
    ],
)
def test_a_path_leads_to_what_lies_there(ask, path, kind, name):
    query = f'''route(path: "{path}") {{ node {{ __typename id
        ... on Product {{ name }} ... on Category {{ name }} ... on Brand {{ name }} }} }}'''
    node = ask(query)["route"]["node"]
    assert (node["__typename"], node["name"]) == (kind, name)


def test_a_path_that_leads_nowhere_is_null(ask):
    assert ask('route(path: "/nothing/") { node { id } }')["route"] == {"node": None}


def test_anything_with_an_id_is_a_node(graphql, mint, ask):
    node_id = ask("brand(entityId: 36) { id }")["brand"]["id"]
    query = "query ($id: ID!) { node(id: $id) { id ... on Brand { name } } }"
    found = graphql(mint(), query, variables={"id": node_id.rstrip("=")}).json["data"]["node"]
    assert found == {"id": node_id, "name": "Lowland Pottery"}
    assert graphql(mint(), query, variables={"id": "nonsense"}).json == {"data": {"node": None}}


def test_a_product_tells_prices_stock_brand_and_categories(ask):
    product = ask("""product(entityId: 78) { plainTextDescription(characterLimit: 9) brand { name }
        categories { edges { node { name } } } inventory { isInStock aggregated { availableToSell } }
        prices { price { value currencyCode } basePrice { value } salePrice { value } } defaultImage { altText } }""")
    assert product["product"] == {
        "plainTextDescription": "Four cups",
        "brand": {"name": "Lowland Pottery"},
        "categories": {"edges": [{"node": {"name": "Cups"}}]},
        "inventory": {"isInStock": True, "aggregated": {"availableToSell": 12}},
        "prices": {
            "price": {"value": 27.2, "currencyCode": "USD"},
            "basePrice": {"value": 32.0},
            "salePrice": {"value": 27.2},
        },
        "defaultImage": None,
    }


def test_what_is_sold_out_can_be_left_out(ask):
    assert "Hand Fork" in names(ask(f"products {{ {NAMES} }}")["products"])
    assert "Hand Fork" not in names(ask(f"products(hideOutOfStock: true) {{ {NAMES} }}")["products"])


def test_pages_go_forwards_and_backwards(ask):
    page = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } collectionInfo { totalItems }"
    last = ask(f"products(last: 2) {{ {page} {NAMES} }}")["products"]
    assert (last["pageInfo"]["hasNextPage"], last["pageInfo"]["hasPreviousPage"]) == (False, True)
    cursor = last["pageInfo"]["startCursor"]
    before = ask(f'products(last: 2, before: "{cursor}") {{ {page} {NAMES} }}')["products"]
    again = ask(f'products(first: 2, after: "{before["pageInfo"]["endCursor"]}") {{ {NAMES} }}')["products"]
    assert names(again) == names(last)
    assert last["collectionInfo"] == {"totalItems": 7}


@pytest.mark.parametrize("arguments", ['after: "?"', "first: -1", "last: 51", "first: 1, last: 1", 'before: "LTE="'])
def test_a_page_that_cannot_be_is_an_error(graphql, mint, arguments):
    answer = graphql(mint(), f"{{ site {{ products({arguments}) {{ edges {{ cursor }} }} }} }}")
    assert answer.status_code == 200
    assert answer.json["errors"]


def test_categories_and_brands_list_their_products(ask):
    assert names(ask(f"category(entityId: 19) {{ products {{ {NAMES} }} }}")["category"]["products"]) == [
        "Stoneware Mug",
        "Espresso Cup, Set of Four",
    ]
    brands = ask("brands { edges { node { name products { collectionInfo { totalItems } } } } }")["brands"]["edges"]
    assert sum(edge["node"]["products"]["collectionInfo"]["totalItems"] for edge in brands) == 7


def test_a_part_of_the_category_tree_can_be_asked_for(ask):
    tree = ask("categoryTree(rootEntityId: 18) { name hasChildren productCount children { name hasChildren } }")
    assert tree["categoryTree"] == [
        {
            "name": "Kitchen",
            "hasChildren": True,
            "productCount": 2,
            "children": [{"name": "Cups", "hasChildren": False}],
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ('filters: {searchTerm: "ESPRESSO cup"}', ["Espresso Cup, Set of Four"]),
        ('filters: {searchTerm: "no such thing"}', []),
        (
            "filters: {categoryEntityId: 18}, sort: LOWEST_PRICE",
            ["Linen Tea Towel", "Stoneware Mug", "Espresso Cup, Set of Four", "Oak Chopping Board"],
        ),
        ("filters: {categoryEntityId: 18, searchSubCategories: false}", ["Oak Chopping Board", "Linen Tea Towel"]),
        (
            "filters: {brandEntityIds: [36], price: {maxPrice: 20}}, sort: Z_TO_A",
            ["Terracotta Pot, 20 cm", "Stoneware Mug"],
        ),
        (
            "filters: {categoryEntityIds: [20], hideOutOfStock: true}, sort: NEWEST",
            ["Terracotta Pot, 20 cm", "Copper Watering Can"],
        ),
    ],
)
def test_search_filters_and_sorts(ask, arguments, found):
    result = ask(f"search {{ searchProducts({arguments}) {{ products {{ {NAMES} }} }} }}")
    assert names(result["search"]["searchProducts"]["products"]) == found


def test_the_settings_name_hash_and_channel(ask, store):
    assert ask("settings { storeHash channelId }")["settings"] == {"storeHash": store.store_hash, "channelId": 1}
