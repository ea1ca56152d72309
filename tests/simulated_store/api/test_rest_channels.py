"""Creating and changing channels, and which of them a list shows."""

import pytest

NEW = {"name": "second-shop", "type": "storefront", "platform": "catalyst"}
DAY = 86_400


def error(answer):
    return answer.status_code, answer.json["title"]


def create(rest, **fields):
    answer = rest.post("/v3/channels", json=NEW | fields)
    assert answer.status_code == 200, answer.text
    return answer.json["data"]


def test_a_created_channel_is_told_with_200_and_listed(writing, clock):
    channel = create(writing, external_id="abc", is_visible=False)
    assert channel["id"] > 1
    assert (channel["name"], channel["type"], channel["platform"]) == ("second-shop", "storefront", "catalyst")
    assert (channel["status"], channel["external_id"], channel["is_visible"]) == ("active", "abc", False)
    assert writing.get("/v3/channels").json["data"][1] == channel
    assert writing.get(f"/v3/channels/{channel['id']}/site").status_code == 404


def test_a_channel_that_is_no_storefront_starts_connected(writing):
    assert create(writing, type="marketplace", platform="ebay")["status"] == "connected"


@pytest.mark.parametrize("scope", ["store_channel_settings_read_only", "store_channel_listings"])
def test_reading_channels_does_not_let_change_them(rest_as, scope):
    rest = rest_as(scope)
    assert rest.post("/v3/channels", json=NEW).status_code == 403
    assert rest.put("/v3/channels/1", json={"name": "x"}).status_code == 403


def test_missing_fields_and_wrong_types_are_named_by_their_paths(writing):
    answer = writing.post("/v3/channels", json={"name": 7, "type": "storefront", "is_visible": "yes"})
    assert error(answer) == (422, "JSON data is missing or invalid")
    assert answer.json["type"] == "/api-docs/getting-started/api-status-codes"
    assert answer.json["errors"] == {
        "platform": "error.path.missing",
        "name": "error.expected.jsstring",
        "is_visible": "error.expected.jsboolean",
    }


@pytest.mark.parametrize("body", [[], "text", 3])
def test_a_body_that_is_no_object_is_refused(writing, body):
    assert writing.post("/v3/channels", json=body).status_code == 422
    assert writing.put("/v3/channels/1", json=body).status_code == 422


@pytest.mark.parametrize("name", ["", "caf\u00e9", "a/b", "shop!", "x\n"])
def test_a_name_of_other_characters_is_refused_in_the_documented_words(writing, name):
    answer = writing.post("/v3/channels", json=NEW | {"name": name})
    assert answer.status_code == 422
    assert answer.json["title"].startswith("Only latin alphabet letters, arabic numerals, dash and underscore")


def test_type_and_platform_must_fit(writing):
    answer = writing.post("/v3/channels", json=NEW | {"type": "marketplace", "platform": "bigcommerce"})
    assert error(answer) == (422, "Input channel type [marketplace] with platform [bigcommerce] is not supported")


@pytest.mark.parametrize(
    ("fields", "taken"),
    [
        ({"status": "prelaunch"}, True),
        ({"status": "connected"}, False),
        ({"status": "terminated"}, False),
        ({"type": "pos", "platform": "square", "status": "disconnected"}, True),
        ({"type": "pos", "platform": "square", "status": "active"}, False),
    ],
)
def test_each_type_has_its_own_statuses(writing, fields, taken):
    assert writing.post("/v3/channels", json=NEW | fields).status_code == (200 if taken else 422)


def test_a_second_channel_of_the_same_name_type_and_platform_is_409(writing):
    create(writing)
    answer = writing.post("/v3/channels", json=NEW)
    assert error(answer) == (
        409,
        'Channel already exists with name: "second-shop", platform: "catalyst", and type: "storefront"',
    )
    assert create(writing, platform="next")["id"] > 1


def test_a_channel_past_the_plans_limit_is_507_and_not_made(writing, bigcommerce):
    bigcommerce.api.most_channels = 2
    channel = create(writing)
    assert writing.post("/v3/channels", json=NEW | {"name": "third"}).status_code == 507
    assert len(writing.get("/v3/channels").json["data"]) == 2
    writing.put(f"/v3/channels/{channel['id']}", json={"status": "deleted"})
    assert create(writing, name="third")["name"] == "third"


def test_only_what_the_body_names_is_changed(writing, clock):
    channel = create(writing)
    clock.advance(60)
    changed = writing.put(f"/v3/channels/{channel['id']}", json={"name": "renamed", "icon_url": "ignored"}).json["data"]
    modified = changed.pop("date_modified")
    assert modified > channel.pop("date_modified")
    assert changed == channel | {"name": "renamed"}


def test_type_and_platform_stay_what_they_were(writing):
    answer = writing.put("/v3/channels/1", json={"type": "pos", "platform": "square"})
    assert error(answer) == (422, "The following fields are invalid: type, platform")
    assert set(answer.json["errors"]) == {"type", "platform"}
    assert writing.put("/v3/channels/1", json={"type": "storefront", "name": "same type"}).status_code == 200


def test_a_rename_to_a_taken_name_is_409_and_changes_nothing(writing):
    create(writing)
    other = create(writing, name="third")
    assert writing.put(f"/v3/channels/{other['id']}", json={"name": "second-shop"}).status_code == 409
    assert writing.get(f"/v3/channels/{other['id']}").json["data"]["name"] == "third"


def test_a_deleted_channel_is_listed_apart_cannot_be_changed_and_is_terminated_after_90_days(writing, clock):
    path = f"/v3/channels/{create(writing)['id']}"
    assert writing.put(path, json={"status": "deleted"}).json["data"]["status"] == "deleted"
    assert len(writing.get("/v3/channels?available=true").json["data"]) == 1
    assert len(writing.get("/v3/channels?available=false").json["data"]) == 1
    assert error(writing.put(path, json={"name": "back"}))[1].startswith("A deleted channel cannot be updated.")
    clock.advance(90 * DAY)
    assert writing.get(path).json["data"]["status"] == "terminated"
    assert len(writing.get("/v3/channels?status:in=terminated").json["data"]) == 1


def test_the_default_channel_cannot_be_deleted(writing):
    assert writing.put("/v3/channels/1", json={"status": "deleted"}).status_code == 422
    assert writing.get("/v3/channels/1").json["data"]["status"] == "prelaunch"


def test_a_change_to_no_channel_is_404(writing):
    assert writing.put("/v3/channels/987654", json={"name": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("date_modified:min=2026-04-02", ["second-shop"]),
        ("date_modified:max=2026-04-02", ["first"]),
        ("date_created:min=2026-04-02", []),
        ("date_created=2026-03-31", ["first", "second-shop"]),
        ("date_modified=2026-04-03T23:33:20Z", ["second-shop"]),
        ("date_modified=2026-04-03T23:33:21Z", []),
    ],
)
def test_dates_of_creation_and_change_are_told_apart(writing, store, clock, query, names):
    store.channels[1].name = "first"
    channel = create(writing)
    clock.advance(3 * DAY)
    writing.put(f"/v3/channels/{channel['id']}", json={"external_id": "changed"})
    assert [each["name"] for each in writing.get(f"/v3/channels?{query}").json["data"]] == names


def test_a_date_that_is_none_is_422(writing):
    answer = writing.get("/v3/channels?date_created:min=soon")
    assert error(answer) == (422, 'Query parameter "date_created:min" value must be a date. For input string: "soon".')
