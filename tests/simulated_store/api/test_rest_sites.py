"""Opening, changing and closing the site of a channel."""

import pytest

ADDRESS = "https://www.second.example/"


@pytest.fixture
def channel(store):
    return store.add_channel("headless", with_site=False)


def test_a_site_is_created_with_201_and_keeps_its_address_as_saved(writing, channel, clock):
    answer = writing.post("/v3/sites", json={"url": ADDRESS, "channel_id": channel.channel_id})
    assert answer.status_code == 201
    site = answer.json["data"]
    assert (site["url"], site["channel_id"]) == (ADDRESS, channel.channel_id)
    assert {each["type"]: each["url"] for each in site["urls"]}["primary"] == ADDRESS
    assert writing.get(f"/v3/sites/{site['id']}").json["data"] == site
    assert writing.get(f"/v3/channels/{channel.channel_id}/site").json["data"] == site


def test_under_the_channels_own_address_creating_is_200(writing, channel):
    answer = writing.post(f"/v3/channels/{channel.channel_id}/site", json={"url": ADDRESS})
    assert answer.status_code == 200


def test_a_channel_has_one_site_at_most(writing, channel):
    path = f"/v3/channels/{channel.channel_id}/site"
    writing.post(path, json={"url": ADDRESS})
    assert writing.post(path, json={"url": ADDRESS}).status_code == 409


def test_with_its_site_the_permanent_address_comes_and_goes(writing, channel, store, graphql, mint):
    host = f"store-{store.store_hash}-{channel.channel_id}.mybigcommerce.com"
    token, path = mint(channel_ids=[channel.channel_id]), f"/v3/channels/{channel.channel_id}/site"
    assert graphql(token, host=host).status_code == 404
    writing.post(path, json={"url": ADDRESS})
    assert graphql(token, host=host).status_code == 200
    answer = writing.delete(path)
    assert (answer.status_code, answer.json) == (200, {})
    assert graphql(token, host=host).status_code == 404


def test_a_site_is_deleted_by_its_id_with_204(writing, channel):
    site = writing.post("/v3/sites", json={"url": ADDRESS, "channel_id": channel.channel_id}).json["data"]
    assert writing.delete(f"/v3/sites/{site['id']}").status_code == 204
    assert writing.get(f"/v3/sites/{site['id']}").status_code == 404


def test_a_sites_address_is_changed_under_either_path(writing, clock):
    clock.advance(60)
    site = writing.put("/v3/channels/1/site", json={"url": "http://shop.example"}).json["data"]
    assert site["url"] == "http://shop.example"
    assert site["updated_at"] > site["created_at"]
    assert writing.put("/v3/sites/1000", json={"url": ADDRESS}).json["data"]["url"] == ADDRESS


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"url": "error.path.missing", "channel_id": "error.path.missing"}),
        ({"url": 1, "channel_id": "1"}, {"url": "error.expected.jsstring", "channel_id": "error.expected.jsnumber"}),
        ([], {"obj": "error.expected.jsobject"}),
    ],
)
def test_a_body_with_wrong_fields_says_which(writing, body, errors):
    answer = writing.post("/v3/sites", json=body)
    assert (answer.status_code, answer.json["errors"]) == (422, errors)


@pytest.mark.parametrize("url", ["", "shop.example", "ftp://shop.example", "https://", "https://[x"])
def test_an_address_needs_scheme_and_host(writing, url):
    answer = writing.put("/v3/sites/1000", json={"url": url})
    assert answer.status_code == 422
    assert all(isinstance(value, str) for value in answer.json["errors"].values())


def test_a_site_of_no_channel_is_refused(writing, store):
    answer = writing.post("/v3/sites", json={"url": ADDRESS, "channel_id": 987654})
    assert answer.json["title"] == f"Channel id (987654) is not valid for store ({store.store_id})!"


def test_reading_sites_does_not_let_change_them(rest_as):
    rest = rest_as("store_sites_read_only")
    assert rest.get("/v3/sites/1000").status_code == 200
    assert rest.put("/v3/sites/1000", json={"url": ADDRESS}).status_code == 403
    assert rest.delete("/v3/channels/1/site").status_code == 403


def test_a_filter_by_channel_that_is_no_number_is_422(rest):
    assert rest.get("/v3/sites?channel_id:in=one").status_code == 422
