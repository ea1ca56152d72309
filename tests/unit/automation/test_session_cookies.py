"""Which cookies make a session."""

import json

import pytest

from automation.core.session_cookies import MAX_LENGTH, cookies_of, is_of_a_session, session_text
from companion.core.secret import Secret


@pytest.mark.parametrize(
    ("domain", "wanted"),
    [
        ("login.bigcommerce.com", True),
        (".login.bigcommerce.com", True),
        (".bigcommerce.com", True),
        ("store-abc123.mybigcommerce.com", True),
        (".mybigcommerce.com", True),
        ("bigcommerce.com", False),
        ("www.bigcommerce.com", False),
        ("maple-lanterns7.mybigcommerce.com", False),
        ("store-abc123-1.mybigcommerce.com", False),
        ("store-abc123.mybigcommerce.com.evil.example", False),
        ("evil-login.bigcommerce.com", False),
        ("accounts.google.com", False),
        ("", False),
    ],
)
def test_cookies_of_sign_in_and_panel_hosts_are_kept_and_no_others(domain: str, wanted: bool) -> None:
    assert is_of_a_session(domain) is wanted
    cookie = {"name": "a", "value": "b", "domain": domain, "path": "/", "expires": -1, "secure": True, "more": 1}
    text = session_text([cookie])
    assert (text is not None) is wanted
    plain = {name: value for name, value in cookie.items() if name != "more"}
    assert cookies_of(Secret(json.dumps([cookie]))) == ([plain] if wanted else [])


def test_more_than_can_be_sealed_is_not_kept() -> None:
    cookie = {"name": "a", "value": "b" * MAX_LENGTH, "domain": "login.bigcommerce.com", "path": "/"}
    assert session_text([cookie]) is None
