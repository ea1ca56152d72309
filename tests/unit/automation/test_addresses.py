"""What addresses say: where a tab is, and which store it shows."""

import pytest

from automation.core.extract.addresses import (
    Place,
    is_account_level_path,
    panel_address,
    panel_url,
    place_of,
    store_hash_from_api_path,
    storefront_host,
)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("about:blank", Place.BLANK),
        ("", Place.BLANK),
        ("chrome-error://chromewebdata/", Place.BLANK),
        ("https://login.bigcommerce.com/login#", Place.SIGN_IN),
        ("https://login.bigcommerce.com/accounts/list", Place.SIGN_IN),
        ("https://login.bigcommerce.com./device_verifications/1", Place.SIGN_IN),
        ("https://store-abc123.mybigcommerce.com/manage", Place.PANEL),
        ("https://store-abc123.mybigcommerce.com/manage/settings/api-accounts?x=1", Place.PANEL),
        ("https://store-abc123.mybigcommerce.com/admin/index.php?ToDo=x", Place.PANEL),
        ("https://vanity.mybigcommerce.com/manage/dashboard", Place.PANEL),
        ("https://STORE-ABC123.mybigcommerce.com/manage", Place.PANEL),
        ("https://maple.mybigcommerce.com/?ctk=1", Place.STOREFRONT),
        ("https://maple.mybigcommerce.com/manager", Place.STOREFRONT),
        ("https://maple.mybigcommerce.com/administration", Place.STOREFRONT),
        ("https://shop.example/manage", Place.STOREFRONT),
        ("https://www.bigcommerce.com/", Place.ELSEWHERE),
        ("https://accounts.bigcommerce.com/tokens", Place.ELSEWHERE),
        ("https://mybigcommerce.com.evil.example/manage", Place.STOREFRONT),
        ("https://login.bigcommerce.com.evil.example/login", Place.STOREFRONT),
        ("mailto:a@b.example", Place.ELSEWHERE),
        ("https://[broken", Place.ELSEWHERE),
    ],
)
def test_a_place_is_known_by_host_and_path(url: str, place: Place):
    assert place_of(url) is place


@pytest.mark.parametrize(
    ("url", "store_hash"),
    [
        ("https://store-abc123.mybigcommerce.com/manage/dashboard", "abc123"),
        ("https://STORE-ABC123.mybigcommerce.com/manage", "abc123"),
        ("https://store-9x.mybigcommerce.com/admin", "9x"),
        ("https://vanity.mybigcommerce.com/manage", None),
        ("https://store-abc123-7.mybigcommerce.com/manage", "abc123"),
    ],
)
def test_the_store_hash_is_read_from_a_panel_address_or_not_at_all(url: str, store_hash: str | None):
    address = panel_address(url)
    assert address is not None
    assert address.store_hash == store_hash


@pytest.mark.parametrize(
    "url", ["https://login.bigcommerce.com/login", "https://maple.mybigcommerce.com/", "about:blank"]
)
def test_other_addresses_are_no_panel_addresses(url: str):
    assert panel_address(url) is None


@pytest.mark.parametrize(
    ("url", "host", "subdomain", "store_hash", "channel_id"),
    [
        (
            "https://maple-lanterns7.mybigcommerce.com/?ctk=1",
            "maple-lanterns7.mybigcommerce.com",
            "maple-lanterns7",
            None,
            None,
        ),
        ("https://store-abc123.mybigcommerce.com/", "store-abc123.mybigcommerce.com", "store-abc123", "abc123", None),
        (
            "https://store-abc123-2.mybigcommerce.com/",
            "store-abc123-2.mybigcommerce.com",
            "store-abc123-2",
            "abc123",
            2,
        ),
    ],
)
def test_a_storefronts_host_tells_what_it_can_of_the_store(
    url: str, host: str, subdomain: str, store_hash: str | None, channel_id: int | None
):
    found = storefront_host(url)
    assert found is not None
    assert found[0] == host
    assert found[1] is not None
    assert (found[1].subdomain, found[1].store_hash, found[1].channel_id) == (subdomain, store_hash, channel_id)


@pytest.mark.parametrize("url", ["https://shop.example/", "https://www.maple.mybigcommerce.com/"])
def test_another_host_gives_no_subdomain(url: str):
    found = storefront_host(url)
    assert found is not None
    assert found[1] is None


def test_a_page_that_is_no_storefront_has_no_storefront_host():
    assert storefront_host("https://login.bigcommerce.com/login") is None


@pytest.mark.parametrize(
    ("text", "store_hash"),
    [
        ("https://api.bigcommerce.com/stores/abc123/v3/", "abc123"),
        ("Path: https://api.bigcommerce.com/stores/ABC123/v2", "abc123"),
        ("api.bigcommerce.com/stores/abc123", "abc123"),
        ("https://api.bigcommerce.com/accounts/abc123/v3/", None),
        ("https://api.bigcommerce.com/stores/", None),
        ("https://api.example.com/stores/abc123/v3/", None),
        ("", None),
    ],
)
def test_an_api_path_gives_the_store_hash(text: str, store_hash: str | None):
    assert store_hash_from_api_path(text) == store_hash


def test_an_account_level_path_is_told_from_a_stores_own():
    assert is_account_level_path("https://api.bigcommerce.com/accounts/0c2d4b1e/v3/")
    assert not is_account_level_path("https://api.bigcommerce.com/stores/abc123/v3/")


def test_the_panels_address_is_read_back_as_it_was_made():
    address = panel_address(panel_url("abc123", "/settings/api-accounts"))
    assert address is not None
    assert (address.store_hash, address.path) == ("abc123", "/manage/settings/api-accounts")
