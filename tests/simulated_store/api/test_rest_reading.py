"""What the reading calls of the REST API answer."""

import pytest


def test_the_time_is_the_stores_own_in_whole_seconds(rest, clock):
    clock.seconds = 1_800_000_000.9
    assert rest.get("/v2/time").json == {"time": 1_800_000_000}


def test_the_store_is_a_bare_object_with_hash_and_numeric_id(rest, store):
    body = rest.get("/v2/store").json
    assert body["id"] == store.store_hash
    assert body["store_id"] == store.store_id
    assert body["account_uuid"] == store.account_uuid
    assert body["control_panel_base_url"] == f"https://store-{store.store_hash}.mybigcommerce.com"
    assert body["domain"] == f"{store.subdomain}.mybigcommerce.com"
    assert (body["default_channel_id"], body["default_site_id"]) == (1, 1000)
    assert body["features"]["graphql_storefront_api_enabled"] is True
    assert body["features"]["storefront_limits"].keys() == {"active", "total_including_inactive"}


def test_the_logo_is_an_empty_array(rest):
    assert rest.get("/v2/store").json["logo"] == []


def test_a_custom_domain_becomes_the_stores_domain(rest, store):
    store.custom_domain = "shop.example"
    body = rest.get("/v2/store").json
    assert (body["domain"], body["secure_url"]) == ("shop.example", "https://shop.example")


def test_a_legacy_theme_store_says_that_it_has_no_graphql(rest, bigcommerce):
    bigcommerce.api.graphql_enabled = False
    assert rest.get("/v2/store").json["features"]["graphql_storefront_api_enabled"] is False


def test_the_store_profile_comes_in_a_v3_envelope(rest, store):
    body = rest.get("/v3/settings/store/profile").json
    assert body["data"]["store_name"] == store.name
    fields = {"store_name", "store_address", "store_address_type", "store_email", "store_phone"}
    assert body["data"].keys() == fields


def test_a_channels_profile_is_inherited(rest):
    body = rest.get("/v3/settings/store/profile?channel_id=1").json
    assert set(body["data"].values()) == {None}


def test_the_default_channel_is_always_listed(rest):
    body = rest.get("/v3/channels").json
    channel = body["data"][0]
    assert (channel["id"], channel["type"], channel["platform"]) == (1, "storefront", "bigcommerce")
    assert channel["status"] == "prelaunch"


def test_pages_count_from_one_and_link_to_each_other(rest, store):
    for number in range(4):
        store.add_channel(f"shop {number}")
    body = rest.get("/v3/channels?limit=2&page=2").json
    assert len(body["data"]) == 2
    assert body["meta"]["pagination"] == {
        "total": 5,
        "count": 2,
        "per_page": 2,
        "current_page": 2,
        "total_pages": 3,
        "links": {"previous": "?limit=2&page=1", "current": "?limit=2&page=2", "next": "?limit=2&page=3"},
    }


def test_the_last_page_links_to_no_next_one(rest):
    assert rest.get("/v3/channels").json["meta"]["pagination"]["links"].keys() == {"current"}


def test_a_page_holds_fifty_unless_asked_and_never_more_than_250(rest):
    assert rest.get("/v3/channels").json["meta"]["pagination"]["per_page"] == 50
    assert rest.get("/v3/channels?limit=9999").json["meta"]["pagination"]["per_page"] == 250


def test_a_page_past_the_end_is_empty(rest):
    assert rest.get("/v3/channels?page=7").json["data"] == []


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("available=true", [1, 2, 4]),
        ("available=false", [3]),
        ("status:in=prelaunch", [1]),
        ("status:in=active,archived", [2, 3, 4]),
        ("platform:in=catalyst", [4]),
        ("type:in=pos", []),
        ("type:in=storefront&status:in=archived", [3]),
        ("date_created:min=2026-04-02", [4]),
        ("date_created:max=2026-04-02T00:00:00Z", [1, 2, 3]),
    ],
)
def test_channels_can_be_filtered(rest, store, clock, query, ids):
    active, archived = store.add_channel("two"), store.add_channel("three")
    archived.status = "archived"
    clock.advance(3 * 86_400)
    catalyst = store.add_channel("four")
    catalyst.platform = "catalyst"
    numbers = {1: 1, active.channel_id: 2, archived.channel_id: 3, catalyst.channel_id: 4}
    found = rest.get(f"/v3/channels?{query}").json["data"]
    assert sorted(numbers[channel["id"]] for channel in found) == ids


def test_currencies_are_included_on_request(rest):
    assert "currencies" not in rest.get("/v3/channels/1").json["data"]
    assert rest.get("/v3/channels/1?include=currencies").json["data"]["currencies"]["enabled_currencies"] == ["USD"]


@pytest.mark.parametrize("scope", ["store_channel_settings", "store_channel_listings_read_only"])
def test_channel_settings_or_listings_open_the_channels(rest_as, scope):
    assert rest_as(scope).get("/v3/channels").status_code == 200


def test_the_default_channels_site_has_id_1000_and_three_urls(rest, store):
    site = rest.get("/v3/channels/1/site").json["data"]
    assert (site["id"], site["channel_id"], site["url"]) == (1000, 1, f"https://{store.vanity_host}")
    assert {url["type"] for url in site["urls"]} == {"primary", "canonical", "checkout"}


def test_another_channels_canonical_url_bears_its_id(rest, store):
    channel = store.add_channel("second shop", custom_domain="second.example")
    site = rest.get(f"/v3/channels/{channel.channel_id}/site").json["data"]
    urls = {url["type"]: url["url"] for url in site["urls"]}
    assert urls["primary"] == "https://second.example"
    assert urls["canonical"] == f"https://store-{store.store_hash}-{channel.channel_id}.mybigcommerce.com"


def test_a_channel_without_a_site_is_404_there(rest, store):
    channel = store.add_channel("headless", with_site=False)
    assert rest.get(f"/v3/channels/{channel.channel_id}").status_code == 200
    assert rest.get(f"/v3/channels/{channel.channel_id}/site").status_code == 404


def test_sites_can_be_filtered_by_channel_and_kind_of_url(rest, store):
    channel = store.add_channel("second shop")
    found = rest.get(f"/v3/sites?channel_id:in={channel.channel_id}&url_type:in=canonical").json["data"]
    assert [site["channel_id"] for site in found] == [channel.channel_id]
    assert [url["type"] for url in found[0]["urls"]] == ["canonical"]


@pytest.mark.parametrize(("kind", "count"), [("products", 7), ("categories", 3), ("brands", 2)])
def test_the_catalogue_is_listed_filtered_and_shown_one_by_one(rest, kind, count):
    body = rest.get(f"/v3/catalog/{kind}").json
    assert (len(body["data"]), body["meta"]["pagination"]["total"]) == (count, count)
    first, second = body["data"][:2]
    assert rest.get(f"/v3/catalog/{kind}/{first['id']}").json["data"] == first
    assert rest.get(f"/v3/catalog/{kind}?id:in={first['id']},{second['id']}").json["data"] == [first, second]
    assert rest.get(f"/v3/catalog/{kind}?id={second['id']}").json["data"] == [second]
    assert rest.get(f"/v3/catalog/{kind}", query_string={"name": second["name"]}).json["data"] == [second]
    assert rest.get(f"/v3/catalog/{kind}/987654").status_code == 404


def test_a_list_of_v2_is_a_bare_array_and_an_empty_one_204_without_a_body(rest):
    page = rest.get("/v2/products?limit=3&page=2")
    assert (page.status_code, len(page.json)) == (200, 3)
    assert page.json[0] == rest.get(f"/v2/products/{page.json[0]['id']}").json
    assert page.json[0]["price"].endswith("00")
    empty = rest.get("/v2/products?limit=250&page=2")
    assert (empty.status_code, empty.data) == (204, b"")


def test_an_unknown_entity_of_v2_is_an_array_of_status_and_message(rest):
    answer = rest.get("/v2/products/987654")
    assert answer.status_code == 404
    assert answer.json == [{"status": 404, "message": "The requested entity was not found."}]


def test_the_catalogue_can_be_summed_up(rest):
    data = rest.get("/v3/catalog/summary").json["data"]
    assert data["variant_count"] > 0
    assert data["lowest_variant_price"] <= data["average_variant_price"] <= data["highest_variant_price"]
