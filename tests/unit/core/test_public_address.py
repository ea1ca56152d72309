"""The address at which other machines reach the service."""

from __future__ import annotations

import pytest

from companion.core.errors import InvalidSetting
from companion.core.public_address import public_address_from_url


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://companion.example.com", "https://companion.example.com"),
        ("https://Companion.Example.com/", "https://companion.example.com"),
        ("https://companion.example.com:443", "https://companion.example.com"),
        ("https://companion.example.com:8443", "https://companion.example.com:8443"),
        ("https://10.1.2.3", "https://10.1.2.3"),
    ],
)
def test_an_https_address_is_taken_as_browsers_write_it(text: str, origin: str) -> None:
    assert public_address_from_url(text).origin == origin


@pytest.mark.parametrize(
    "text",
    [
        "http://companion.example.com",
        "companion.example.com",
        "https://",
        "https://companion.example.com/sub",
        "https://companion.example.com?x=1",
        "https://ann@companion.example.com",
        "https://companion.example.com:99999",
        "https://companion_example.com",
        "https://companion.example.com,evil.example",
        "https://-companion.example.com",
        "https://[::1",
    ],
)
def test_all_else_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        public_address_from_url(text)
    assert "https://companion.example.com" in refused.value.explained.next_step
