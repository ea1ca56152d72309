"""Store profile and locale: what a store says, and what its channels inherit."""

import pytest

PROFILE = "/v3/settings/store/profile"
LOCALE = "/v3/settings/store/locale"


def test_the_locale_is_english_unless_the_shopper_is_asked(rest):
    assert rest.get(LOCALE).json["data"] == {
        "default_shopper_language": "en",
        "shopper_language_selection_method": "default_shopper_language",
    }


def test_a_changed_profile_shows_everywhere(writing, graphql, mint):
    answer = writing.put(PROFILE, json={"store_name": "Renamed", "store_phone": "555-0199"})
    assert answer.status_code == 200
    assert answer.json["data"]["store_address"]
    store = writing.get("/v2/store").json
    assert (store["name"], store["phone"]) == ("Renamed", "555-0199")
    assert graphql(mint()).json["data"]["site"]["settings"]["storeName"] == "Renamed"


def test_a_channel_inherits_until_it_says_otherwise_and_again_after_null(writing):
    path = f"{LOCALE}?channel_id=1"
    assert set(writing.get(path).json["data"].values()) == {None}
    changed = writing.put(path, json={"default_shopper_language": "fr"}).json["data"]
    assert changed == {"default_shopper_language": "fr", "shopper_language_selection_method": None}
    assert writing.get(LOCALE).json["data"]["default_shopper_language"] == "en"
    assert writing.put(path, json={"default_shopper_language": None}).json["data"]["default_shopper_language"] is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (PROFILE, {"store_name": None}),
        (PROFILE, {"store_phone": 5}),
        (PROFILE, ["store_name"]),
        (LOCALE, {"shopper_language_selection_method": "guess"}),
        (LOCALE, {"default_shopper_language": None}),
    ],
)
def test_what_does_not_fit_is_422_and_saves_nothing(writing, path, body):
    before = writing.get(path).json
    answer = writing.put(path, json=body)
    assert answer.status_code == 422
    assert all(isinstance(value, str) for value in answer.json["errors"].values())
    assert writing.get(path).json == before


def test_a_channel_of_no_one_has_no_settings(writing, store):
    answer = writing.get(f"{LOCALE}?channel_id=987654")
    assert answer.json["title"] == f"Channel id (987654) is not valid for store ({store.store_id})!"


def test_reading_settings_does_not_let_change_them(rest_as):
    rest = rest_as("store_v2_information_read_only")
    assert rest.get(LOCALE).status_code == 200
    assert rest.put(LOCALE, json={"default_shopper_language": "fr"}).status_code == 403
