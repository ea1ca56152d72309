from __future__ import annotations

import pytest

from companion.core.errors import InvalidInput
from companion.core.store_urls import (
    StoreHost,
    canonical_hosts,
    channel_id_from_text,
    host_of,
    store_hash_from_text,
    store_host_from_url,
    subdomain_from_text,
)

MADE_UP_TOKEN = "m4deup0t0ken0of0thirty0one0char"  # as long as an access token


def pointer_and_detail(refused: InvalidInput) -> tuple[str, str]:
    return refused.fields[0].pointer, refused.fields[0].detail


@pytest.mark.parametrize(
    "text",
    [
        "ci4bzn8adz",
        "CI4BZN8ADZ",
        "  ci4bzn8adz\n",
        "store-ci4bzn8adz",
        " STORE-ci4bzn8adz ",
        "store-ci4bzn8adz-664179",
        "store-ci4bzn8adz.mybigcommerce.com",
        "store-ci4bzn8adz-664179.mybigcommerce.com",
        "https://store-ci4bzn8adz.mybigcommerce.com/manage",
        "HTTPS://STORE-CI4BZN8ADZ.MYBIGCOMMERCE.COM/MANAGE",
        "http://store-ci4bzn8adz.mybigcommerce.com",
        "//store-ci4bzn8adz.mybigcommerce.com/manage/settings/auth/api-accounts",
        "https://store-ci4bzn8adz.mybigcommerce.com:443/manage/dashboard?x=/stores/other/#/stores/other/",
        "https://store-ci4bzn8adz.mybigcommerce.com./manage",
        "https://api.bigcommerce.com/stores/ci4bzn8adz/v3/",
        "https://api.bigcommerce.com/stores/ci4bzn8adz",
        "api.bigcommerce.com/stores/ci4bzn8adz/v2/store?limit=1",
        "https://api.bigcommerce.com/stores/store-ci4bzn8adz/v3/",
        "/stores/ci4bzn8adz/v3/",
        "stores/ci4bzn8adz/v3/",
        "https://api.bigcommerce.com./stores/ci4bzn8adz/v3",
        "https://store-ci4bzn8adz.mybigcommerce.com/manage/accounts/7",
        "<https://store-ci4bzn8adz.mybigcommerce.com/manage>",
        '"https://api.bigcommerce.com/stores/ci4bzn8adz/v3/"',
        "\ufeff`ci4bzn8adz`\u200b",
    ],
)
def test_every_spelling_of_a_store_gives_its_hash(text: str) -> None:
    assert store_hash_from_text(text) == "ci4bzn8adz"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "missing"),
        ("  \n", "missing"),
        ("https://celigo.mybigcommerce.com/?ctk=e237", "`celigo` is a subdomain"),
        ("https://api.bigcommerce.com/accounts/1d2e3f40-0000-4000-8000-000000000000/graphql", "account-level"),
        ("/accounts/1d2e3f40/graphql", "account-level"),
        ("https://shop.example/", "letters and digits"),
        ("https://evil.example/stores/abc/v3", "letters and digits"),
        ("https://evil.example/accounts/abc", "letters and digits"),
        ("https://api.bigcommerce.com.evil.example/stores/abc/v3", "letters and digits"),
        ("https://evil.example/?x=https://api.bigcommerce.com/stores/abc/v3", "letters and digits"),
        ("https://login.bigcommerce.com/login", "letters and digits"),
        ("https://store-abc.mybigcommerce.com.evil.example/manage", "letters and digits"),
        ("https://mybigcommerce.com/manage", "letters and digits"),
        ("https://api.bigcommerce.com/stores/", "letters and digits"),
        ("https://api.bigcommerce.com/stores/../v3", "letters and digits"),
        ("https://api.bigcommerce.com/stores/%61bc/v3", "letters and digits"),
        ("store-", "letters and digits"),
        ("abc/def", "letters and digits"),
        ("abc def", "letters and digits"),
        ("\u0430bc", "letters and digits"),
        ("١٢٣", "letters and digits"),
        ("a" * 64, "letters and digits"),
        ("https://[::1", "letters and digits"),
        ("abc\0def", "letters and digits"),
        (MADE_UP_TOKEN, "access token"),
        (f" {MADE_UP_TOKEN.upper()}\n", "access token"),
        ("0123456789abcdef" * 4, "access token"),
    ],
)
def test_what_is_no_store_hash_is_refused_by_name(text: str, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        store_hash_from_text(text)
    pointer, detail = pointer_and_detail(refused.value)
    assert pointer == "/store_hash"
    assert says in detail
    assert MADE_UP_TOKEN not in str(refused.value).lower()


def test_a_hash_may_begin_in_small_letters_as_a_jwt_does() -> None:
    assert store_hash_from_text("eyj4bzn8adz") == "eyj4bzn8adz"


@pytest.mark.parametrize(
    ("text", "subdomain"),
    [
        ("celigo", "celigo"),
        (" CELIGO ", "celigo"),
        ("https://celigo.mybigcommerce.com/?ctk=e237", "celigo"),
        ("http://celigo.mybigcommerce.com", "celigo"),
        ("celigo.mybigcommerce.com/about/", "celigo"),
        ("example-storefront-1.mybigcommerce.com", "example-storefront-1"),
        ("https://store-ci4bzn8adz.mybigcommerce.com/", "store-ci4bzn8adz"),
        ("store-ci4bzn8adz-664179", "store-ci4bzn8adz-664179"),
    ],
)
def test_every_spelling_of_a_storefront_gives_its_subdomain(text: str, subdomain: str) -> None:
    assert subdomain_from_text(text) == subdomain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://shop.example/",
        "www.celigo.mybigcommerce.com",
        "https://celigo.mybigcommerce.com.evil.example",
        "https://evil.example/celigo.mybigcommerce.com",
        "https://evilmybigcommerce.com",
        "-celigo",
        "celigo-",
        "cel_igo",
        "a" * 64,
        "celigo mybigcommerce",
        "zürich",
    ],
)
def test_what_is_no_subdomain_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        subdomain_from_text(text)
    assert pointer_and_detail(refused.value)[0] == "/subdomain"


@pytest.mark.parametrize(
    ("text", "channel_id"),
    [
        ("1", 1),
        (" 664179 ", 664179),
        ("https://store-abc.mybigcommerce.com/manage/channel/664179/settings", 664179),
        ("https://store-abc.mybigcommerce.com/manage/channels/664179", 664179),
        ("https://store-abc-664179.mybigcommerce.com/", 664179),
        (str(2**63 - 1), 2**63 - 1),
    ],
)
def test_every_spelling_of_a_channel_gives_its_id(text: str, channel_id: int) -> None:
    assert channel_id_from_text(text) == channel_id


@pytest.mark.parametrize("text", ["", "0", "-1", "1.0", "1e3", "\uff11", "one", str(2**63), "9" * 5000, "store-abc"])
def test_what_is_no_channel_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        channel_id_from_text(text)
    assert pointer_and_detail(refused.value)[0] == "/channel_id"


def test_a_store_host_tells_hash_and_channel_apart() -> None:
    assert store_host_from_url("https://celigo.mybigcommerce.com") == StoreHost("celigo", None, None)
    assert store_host_from_url("store-abc.mybigcommerce.com") == StoreHost("store-abc", "abc", None)
    assert store_host_from_url("store-abc-7.mybigcommerce.com") == StoreHost("store-abc-7", "abc", 7)
    assert store_host_from_url("store-my-shop.mybigcommerce.com") == StoreHost("store-my-shop", None, None)
    assert store_host_from_url("https://mybigcommerce.com") is None


def test_host_of_reads_the_host_alone() -> None:
    assert host_of("HTTPS://User:pass@Shop.Example:8443/x") == "shop.example"
    assert host_of("shop.example/path") == "shop.example"
    assert host_of("two words") is None
    assert host_of("") is None


def test_channel_1_has_two_canonical_hosts_and_others_one() -> None:
    assert canonical_hosts("abc", 1) == ("store-abc.mybigcommerce.com", "store-abc-1.mybigcommerce.com")
    assert canonical_hosts("abc", 7) == ("store-abc-7.mybigcommerce.com",)
