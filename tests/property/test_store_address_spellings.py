from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.core.connection import checked_name, name_key, search_key
from companion.core.errors import InvalidInput
from companion.core.store_urls import (
    canonical_hosts,
    channel_id_from_text,
    store_hash_from_text,
    store_host_from_url,
    subdomain_from_text,
)

ALPHANUMERIC = string.ascii_lowercase + string.digits
hashes = st.text(ALPHANUMERIC, min_size=1, max_size=40)
LONGEST_BARE_HASH = 27  # longer ones are taken for access tokens, unless an address says what they are
channels = st.integers(1, 2**63 - 1)
padding = st.text(" \t\r\n\u00a0", max_size=3)
labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", fullmatch=True)
paths = st.lists(st.text(string.ascii_letters + string.digits + "-._~%", min_size=1, max_size=10), max_size=4).map(
    "/".join
)
tails = st.builds(lambda query, fragment: f"?{query}#{fragment}", paths, paths) | st.just("")
schemes = st.sampled_from(["https://", "http://", "//", "", "HTTPS://"])


@st.composite
def spellings_of_a_hash(draw: st.DrawFn) -> tuple[str, str]:
    store_hash = draw(hashes)
    scheme = draw(schemes)
    dot = draw(st.sampled_from(["", "."]))
    port = draw(st.sampled_from(["", ":443"]))
    panel = f"{scheme}store-{store_hash}.mybigcommerce.com{dot}{port}/manage/{draw(paths)}{draw(tails)}"
    channel = f"{scheme}store-{store_hash}-{draw(channels)}.mybigcommerce.com/{draw(tails)}"
    api = f"{scheme}api.bigcommerce.com/stores/{store_hash}{draw(st.sampled_from(['', '/', '/v3/', '/v2/store']))}"
    bare = [store_hash] if len(store_hash) <= LONGEST_BARE_HASH else []
    spelling = draw(st.sampled_from([*bare, f"store-{store_hash}", panel, channel, api, f"/stores/{store_hash}/v3/"]))
    spelling = draw(st.sampled_from([spelling, spelling.upper(), f"<{spelling}>", f'"{spelling}"']))
    return draw(padding) + spelling + draw(padding), store_hash


@given(spellings_of_a_hash())
def test_every_spelling_of_a_stores_address_gives_its_hash(case: tuple[str, str]) -> None:
    spelling, store_hash = case
    assert store_hash_from_text(spelling) == store_hash


@given(labels, schemes, paths, tails, padding)
def test_every_spelling_of_a_storefront_gives_its_subdomain(
    label: str, scheme: str, path: str, tail: str, space: str
) -> None:
    for spelling in (label, f"{scheme}{label}.mybigcommerce.com", f"{scheme}{label}.mybigcommerce.com/{path}{tail}"):
        assert subdomain_from_text(space + spelling + space) == label
        assert subdomain_from_text(spelling.upper()) == label


@given(hashes, channels)
def test_canonical_hosts_lead_back_to_their_store_and_channel(store_hash: str, channel_id: int) -> None:
    for host in canonical_hosts(store_hash, channel_id):
        read = store_host_from_url(host)
        assert read is not None
        assert read.store_hash == store_hash
        assert read.channel_id in {channel_id, None}
    assert channel_id_from_text(str(channel_id)) == channel_id


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_what_is_read_is_safe_in_a_path_and_a_host(text: str) -> None:
    for read, pointer in ((store_hash_from_text, "/store_hash"), (subdomain_from_text, "/subdomain")):
        try:
            value = read(text)
        except InvalidInput as refused:
            pointers = [field.pointer for field in refused.fields]
        else:
            pointers = [pointer]
            assert set(value) <= set(ALPHANUMERIC + "-")
            assert read(value) == value
        assert pointers == [pointer]


@given(hashes, st.sampled_from(["evil.example", "mybigcommerce.com.evil.example", "evilmybigcommerce.com"]))
def test_a_host_elsewhere_is_no_store(store_hash: str, host: str) -> None:
    assert store_host_from_url(f"https://store-{store_hash}.{host}/manage") is None
    with pytest.raises(InvalidInput):
        store_hash_from_text(f"https://store-{store_hash}.{host}/manage")


@given(st.text(max_size=40))
def test_the_key_of_a_name_is_settled_and_survives_what_the_form_does_to_the_name(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)
    try:
        kept = checked_name(name)
    except InvalidInput:
        return
    assert name_key(kept) == name_key(name)
    assert name_key(kept)
    assert checked_name(kept) == kept
    assert search_key(kept) == search_key(name_key(kept)) != ""
