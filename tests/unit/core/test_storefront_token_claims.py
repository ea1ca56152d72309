from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from companion.core.errors import InvalidInput
from companion.core.secret import Secret
from companion.core.storefront_token import (
    ServerUse,
    TokenClaims,
    claims_from_token,
    is_due,
    renewal_margin,
    server_use,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def token_with(payload: object) -> Secret:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return Secret(f"{part({'alg': 'ES256', 'typ': 'JWT'})}.{part(payload)}.c2lnbmF0dXJl")


def claims(issued: datetime | None, expires: datetime | None = None) -> TokenClaims:
    return TokenClaims((1,), 1, issued, expires)


def test_the_claims_of_a_published_token_are_read() -> None:
    read = claims_from_token(
        token_with(
            {
                "cid": [1, 664179],
                "cors": ["https://shop.example"],
                "eat": 1_900_000_000,
                "iat": 1_800_000_000,
                "iss": "BC",
                "sid": 1000123,
                "sub": "BC",
                "sub_type": 0,
                "token_type": 1,
            }
        )
    )
    assert read == TokenClaims(
        channel_ids=(1, 664179),
        store_id=1000123,
        issued_at=datetime.fromtimestamp(1_800_000_000, UTC),
        expires_at=datetime.fromtimestamp(1_900_000_000, UTC),
    )


def test_the_expiry_is_eat_and_never_exp() -> None:
    assert claims_from_token(token_with({"exp": 1, "iat": 0})).expires_at is None
    assert claims_from_token(token_with({"exp": 1, "eat": 1_900_000_000})).expires_at == datetime.fromtimestamp(
        1_900_000_000, UTC
    )


def test_claims_that_are_absent_are_none_or_empty() -> None:
    assert claims_from_token(token_with({})) == TokenClaims((), None, None, None)
    assert claims_from_token(token_with({"cid": None, "cors": None, "jti": 7})) == claims_from_token(token_with({}))


def test_one_channel_without_a_list_is_read_too() -> None:
    assert claims_from_token(token_with({"cid": 7})).channel_ids == (7,)


def test_white_space_around_a_token_does_not_matter() -> None:
    token = token_with({"sid": 5})
    assert claims_from_token(Secret(f"\n {token.reveal()} ")) == claims_from_token(token)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a.b",
        "a.b.c.d",
        "..",
        "a..c",
        "a.!!!!.c",
        "a.e30.",
        "é.e30.c",
        "a.W10.c",
        "a.MQ.c",
        "a." + "b" * 9000 + ".c",
    ],
)
def test_what_is_no_token_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        claims_from_token(Secret(text))
    assert refused.value.fields[0].pointer == "/storefront_token"


@pytest.mark.parametrize(
    "payload",
    [
        {"eat": "soon"},
        {"eat": True},
        {"eat": -1},
        {"eat": 10**18},
        {"eat": [1]},
        {"iat": float("inf")},
        {"sid": 1.5},
        {"cid": ["x"]},
        {"cid": [{}]},
        {"eat": "9" * 5000},
    ],
    ids=str,
)
def test_claims_of_an_unknown_shape_are_refused(payload: object) -> None:
    with pytest.raises(InvalidInput):
        claims_from_token(token_with(payload))


def test_deeply_nested_claims_are_refused() -> None:
    nested = base64.urlsafe_b64encode(b"[" * 6000).rstrip(b"=").decode()
    with pytest.raises(InvalidInput):
        claims_from_token(Secret(f"a.{nested}.c"))


def test_a_token_is_due_when_its_margin_begins() -> None:
    end = NOW + timedelta(minutes=10)
    assert not is_due(claims(None, end), NOW, timedelta(minutes=9, seconds=59))
    assert is_due(claims(None, end), NOW, timedelta(minutes=10))
    assert not is_due(claims(None, end), end - timedelta(seconds=1), timedelta())
    assert is_due(claims(None, end), end, timedelta())
    assert not is_due(claims(None, None), NOW, timedelta(days=1000))


def test_the_margin_is_a_fifth_of_the_life() -> None:
    assert renewal_margin(claims(NOW, NOW + timedelta(hours=10))) == timedelta(hours=2)
    assert renewal_margin(claims(NOW, None)) == timedelta()
    assert renewal_margin(claims(NOW, NOW - timedelta(hours=1))) == timedelta()


# Dates end where they end first, in UTC+14: ten in the morning in UTC.
LAST_CREATION = datetime(2026, 6, 30, 9, 59, 59, tzinfo=UTC)
LAST_USE = datetime(2027, 3, 31, 9, 59, 59, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("issued", "now", "use"),
    [
        (LAST_CREATION, NOW, ServerUse.UNTIL_END),
        (LAST_CREATION + SECOND, NOW, ServerUse.BROWSERS_ONLY),
        (datetime(2020, 1, 1, tzinfo=UTC), LAST_USE, ServerUse.UNTIL_END),
        (datetime(2020, 1, 1, tzinfo=UTC), LAST_USE + SECOND, ServerUse.ENDED),
        (LAST_CREATION + SECOND, LAST_USE + SECOND, ServerUse.BROWSERS_ONLY),
        (None, NOW, ServerUse.BROWSERS_ONLY),
    ],
)
def test_the_timetable_of_storefront_tokens(issued: datetime | None, now: datetime, use: ServerUse) -> None:
    assert server_use(claims(issued), now) is use


def test_an_expired_token_of_the_first_kind_is_told_apart() -> None:
    assert server_use(claims(LAST_CREATION, NOW), NOW) is ServerUse.EXPIRED
    assert server_use(claims(LAST_CREATION, NOW + SECOND), NOW) is ServerUse.UNTIL_END
