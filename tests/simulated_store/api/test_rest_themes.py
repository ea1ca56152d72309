"""The theme of a storefront, by the steps that `stencil pull` takes."""

import pytest


@pytest.fixture
def rest(rest_as):
    return rest_as("store_themes_read_only", "store_channel_settings_read_only")


@pytest.mark.parametrize("kind", ["active", "saved"])
def test_a_configuration_leads_from_its_channel_to_its_variation(rest, kind):
    active = rest.get("/v3/channels/1/active-theme").json["data"]
    theme, wanted = active["active_theme_uuid"], active[f"{kind}_theme_configuration_uuid"]
    (found,) = rest.get(f"/v3/themes/{theme}/configurations?uuid:in={wanted}").json["data"]
    assert (found["uuid"], found["theme_uuid"]) == (wanted, theme)
    variations = rest.get(f"/v3/themes/{theme}").json["data"]["variations"]
    assert found["variation_uuid"] in [each["uuid"] for each in variations]


def test_what_was_saved_differs_from_what_is_active(rest):
    theme = rest.get("/v3/themes").json["data"][0]
    variation = theme["variations"][0]["uuid"]
    path = f"/v3/themes/{theme['uuid']}/configurations?variation_uuid="
    active, saved = rest.get(path + variation).json["data"]
    assert active["settings"] != saved["settings"]
    assert rest.get(path + theme["uuid"]).json["data"] == []


def test_a_storefront_without_a_theme_is_told_by_its_channel(rest, store):
    channel = store.add_channel("headless")
    channel.platform = "catalyst"
    answer = rest.get(f"/v3/channels/{channel.channel_id}/active-theme")
    assert answer.status_code == 404
    assert answer.json["title"] == f"No active theme found with channel_id: {channel.channel_id}"


def test_a_theme_of_another_store_is_404(rest, rest_as, bigcommerce):
    assert rest.get("/v3/themes/0b5fd9c8-0000-4000-8000-000000000000").status_code == 404
    assert rest_as("store_v2_orders").get("/v3/themes").status_code == 403
