"""Which assertions count."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from identity_provider import AUDIENCE, ISSUER, ROLES, IdentityProvider

from companion.core.errors import IdentityUnavailable, NotAuthorized
from companion.core.people import Role, role_rules_from_text
from companion.core.secret import Secret
from companion.identity.assertions import Assertions
from companion.identity.signing_keys import APART, KEPT_FOR, SigningKeys, fetch_from


@pytest.fixture
def provider(tmp_path: Path) -> IdentityProvider:
    return IdentityProvider(tmp_path / "jwks.json")


@pytest.fixture
def assertions(provider: IdentityProvider) -> Assertions:
    keys = SigningKeys(fetch_from(str(provider.published)))
    return Assertions(keys, ISSUER, AUDIENCE, role_rules_from_text(ROLES))


def refusal(assertions: Assertions, text: str) -> str:
    with pytest.raises(NotAuthorized) as refused:
        assertions.person(Secret(text))
    assert text[:40] not in str(refused.value) or not text
    assert refused.value.__context__ is None
    return refused.value.explained.why


def test_what_the_provider_signed_counts(assertions: Assertions, provider: IdentityProvider) -> None:
    found = assertions.person(Secret(provider.assertion("ann@example.com", "shop-staff")))
    assert (found.name, found.subject, found.role) == ("ann@example.com", "id-of-ann@example.com", Role.USE)


def test_an_audience_among_several_counts(assertions: Assertions, provider: IdentityProvider) -> None:
    assert assertions.person(Secret(provider.assertion("a", "everyone", aud=["other", AUDIENCE]))).name == "a"


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"exp": 1_700_000_000}, "ended"),
        ({"nbf": 4_000_000_000}, "future"),
        ({"aud": "another"}, "COMPANION_IDENTITY_AUDIENCE"),
        ({"iss": "https://sign-in.example.com/"}, "COMPANION_IDENTITY_ISSUER"),
        ({"exp": None}, "claim"),
        ({"aud": None}, "claim"),
        ({"iss": None}, "claim"),
        ({"sub": None}, "claim"),
    ],
)
def test_claims_of_another_time_or_for_others_do_not(
    assertions: Assertions, provider: IdentityProvider, claims: dict[str, Any], why: str
) -> None:
    assert why in refusal(assertions, provider.assertion("ann@example.com", "shop-admins", **claims))


def _with_header(text: str, **changes: Any) -> str:
    header, claims, signature = text.split(".")
    decoded = json.loads(base64.urlsafe_b64decode(header + "=="))
    encoded = base64.urlsafe_b64encode(json.dumps({**decoded, **changes}).encode()).rstrip(b"=").decode()
    return f"{encoded}.{claims}.{signature}"


@pytest.mark.parametrize(
    "forged",
    [
        lambda text, _: _with_header(text, alg="none").rpartition(".")[0] + ".",
        lambda text, _: _with_header(text, alg="HS256"),
        lambda text, _: _with_header(text, kid="another"),
        lambda text, _: _with_header(text, kid=None),
        lambda text, _: text[:-4] + ("AAAA" if text[-4:] != "AAAA" else "BBBB"),
        lambda text, _: text.rpartition(".")[0],
        lambda _, folder: IdentityProvider(folder / "other.json").assertion("ann@example.com", "shop-admins"),
        lambda _, __: "eyJ.eyJ.sig",
        lambda _, __: "x" * 20_000,
        lambda _, __: "",
    ],
)
def test_what_the_provider_did_not_sign_does_not(
    assertions: Assertions, provider: IdentityProvider, tmp_path: Path, forged: Callable[[str, Path], str]
) -> None:
    assert refusal(assertions, forged(provider.assertion("ann@example.com", "shop-admins"), tmp_path))


def test_a_public_key_is_no_shared_secret(assertions: Assertions, provider: IdentityProvider) -> None:
    text = _with_header(provider.assertion("ann@example.com", "shop-admins"), alg="HS256").rpartition(".")[0]
    for known in (provider.public_pem(), json.dumps(provider.public_key()).encode()):
        mac = hmac.new(known, text.encode(), hashlib.sha256).digest()
        assert refusal(assertions, f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_new_key_is_found_and_unknown_ones_are_not_asked_for_again_and_again(tmp_path: Path) -> None:
    clock, asked = Clock(), []
    provider = IdentityProvider(tmp_path / "jwks.json")

    def fetch() -> bytes:
        asked.append(clock.now)
        return provider.published.read_bytes()

    keys = SigningKeys(fetch, clock)
    assert keys.key("first") is not None
    for _ in range(5):
        assert keys.key("unknown") is None
    assert asked == [0.0]
    provider.key_id = "second"
    provider.publish()
    clock.now = APART
    assert keys.key("second") is not None
    assert keys.key("first") is None
    assert asked == [0.0, APART]


def test_a_key_that_is_withdrawn_ends_and_a_provider_that_is_away_ends_nothing(tmp_path: Path) -> None:
    clock = Clock()
    provider = IdentityProvider(tmp_path / "jwks.json")
    keys = SigningKeys(provider.published.read_bytes, clock)
    assert keys.key("first") is not None
    there = provider.published.read_bytes()
    provider.published.unlink()
    clock.now = KEPT_FOR
    assert keys.key("first") is not None
    provider.published.write_bytes(there.replace(b'"first"', b'"next"'))
    clock.now += APART
    assert keys.key("first") is None


@pytest.mark.parametrize("document", [None, b"", b"[]", b"{}", b'{"keys": []}', b'{"keys": [{"kty": "?"}]}', b"\xff"])
def test_without_keys_nobody_signs_in_and_it_is_said_so(tmp_path: Path, document: bytes | None) -> None:
    file = tmp_path / "jwks.json"
    if document is not None:
        file.write_bytes(document)
    with pytest.raises(IdentityUnavailable):
        SigningKeys(file.read_bytes).key("first")
