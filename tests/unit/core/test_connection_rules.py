from __future__ import annotations

import base64
import json

import pytest

from companion.core.connection import (
    MAX_NAME_LENGTH,
    MAX_SECRET_LENGTH,
    MAX_TAG_LENGTH,
    MAX_TAGS,
    AuthType,
    Draft,
    Finding,
    Severity,
    Status,
    checked_draft,
    checked_name,
    checked_tags,
    name_key,
    status_from_findings,
)
from companion.core.errors import InvalidInput
from companion.core.secret import Secret

FORM = {
    "name": "Shop",
    "subdomain": "celigo",
    "store_hash": "ci4bzn8adz",
    "access_token": Secret("made-up-token"),
}


def refused_fields(**changes: object) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        checked_draft(**(FORM | changes))  # type: ignore[arg-type]
    return {field.pointer: field.detail for field in refused.value.fields}


def test_the_smallest_form_gets_the_documented_defaults() -> None:
    assert checked_draft(**FORM) == Draft(  # type: ignore[arg-type]
        name="Shop",
        subdomain="celigo",
        auth_type=AuthType.CUSTOM,
        store_hash="ci4bzn8adz",
        channel_id=1,
        access_token=Secret("made-up-token"),
        scopes=("Unauthenticated",),
    )


def test_everything_that_is_wrong_is_said_at_once() -> None:
    fields = refused_fields(
        name=" ", subdomain="shop.example", store_hash="", channel_id=0, access_token=Secret(" "), scopes=["Admin"]
    )
    assert list(fields) == ["/name", "/subdomain", "/store_hash", "/channel_id", "/access_token", "/scopes"]


@pytest.mark.parametrize("field", ["name", "subdomain", "store_hash"])
def test_a_token_that_was_pasted_into_another_field_as_well_is_refused_and_not_repeated(field: str) -> None:
    token = "madeup0token"
    for given in (token, f" {token.upper()} "):
        fields = refused_fields(access_token=Secret(token), **{field: given})
        assert list(fields) == [f"/{field}"]
        assert token not in fields[f"/{field}"]
    carried = {"auth_type": "token", "storefront_token": Secret(token), field: token}
    assert list(refused_fields(**carried)) == [f"/{field}"]


def test_a_refused_auth_type_says_nothing_about_scopes() -> None:
    assert list(refused_fields(auth_type="oauth", scopes=["Admin"])) == ["/auth_type"]


def test_scopes_are_spelled_as_bigcommerce_does_and_stand_once() -> None:
    draft = checked_draft(**FORM, scopes=["b2b", "CUSTOMER", "customer "])  # type: ignore[arg-type]
    assert draft.scopes == ("Customer", "B2B")


def test_scopes_belong_to_custom_only() -> None:
    assert checked_draft(**FORM, auth_type="Token").scopes == ()  # type: ignore[arg-type]
    assert list(refused_fields(auth_type="token", scopes=["Customer"])) == ["/scopes"]
    assert list(refused_fields(scopes=[])) == ["/scopes"]


def test_a_storefront_token_belongs_to_token_only() -> None:
    carried = checked_draft(**FORM, auth_type="token", storefront_token=Secret(" a.b.c "))  # type: ignore[arg-type]
    assert carried.storefront_token == Secret("a.b.c")
    assert list(refused_fields(storefront_token=Secret("a.b.c"))) == ["/storefront_token"]


@pytest.mark.parametrize("token", ["", " ", "two words", "tab\tinside", "naïve", "nul\0", "\ud800", "x" * 8193])
def test_an_access_token_is_refused_without_being_repeated(token: str) -> None:
    fields = refused_fields(access_token=Secret(token))
    assert list(fields) == ["/access_token"]
    if token.strip():
        assert token not in fields["/access_token"]


def a_jwt(claims: dict[str, object]) -> str:
    parts = ({"alg": "ES256", "typ": "JWT"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJl"])


@pytest.mark.parametrize("claims", [{"cid": [1], "sid": 1001, "eat": 1_900_000_000}, {"sid": 1001}, {"cid": 1}])
def test_a_storefront_token_is_not_taken_for_an_access_token(claims: dict[str, object]) -> None:
    token = a_jwt(claims)
    fields = refused_fields(access_token=Secret(token))
    assert list(fields) == ["/access_token"]
    assert "ACCESS TOKEN" in fields["/access_token"]
    assert token not in fields["/access_token"]


def test_another_jwt_might_be_an_access_token_some_day() -> None:
    token = Secret(a_jwt({"sub": "app"}))
    assert checked_draft(**(FORM | {"access_token": token})).access_token == token  # type: ignore[arg-type]


def test_an_access_token_of_any_length_and_alphabet_is_taken() -> None:
    for token in ("x", "A-Z_09.~+/=", "x" * MAX_SECRET_LENGTH, "\n padded \t"):
        draft = checked_draft(**(FORM | {"access_token": Secret(token)}))  # type: ignore[arg-type]
        assert draft.access_token == Secret(token.strip())


@pytest.mark.parametrize(
    "name", ["Shop", "Müller & Söhne", "店舗", "متجر", "👩‍👩‍👧 shop", "a", "x" * MAX_NAME_LENGTH, "shop: v2/eu"]
)
def test_names_people_give_are_taken(name: str) -> None:
    assert checked_name(f"  {name} ") == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " \t",
        "\u200b",
        "\u2060\ufeff",
        "\u3164",
        "\u0301",
        "shop \u202egnp.exe",
        "\u2067shop\u2069",
        "a\0b",
        "a\nb",
        "a\x1bb",
        "a\u2028b",
        "\ud800",
        "x" * 101,
    ],
    ids=ascii,
)
def test_names_that_cannot_be_shown_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_name(name)
    assert refused.value.fields[0].pointer == "/name"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Shop", "sHOP"),
        ("Straße", "STRASSE"),
        ("Café", "Cafe\u0301"),
        ("\uff21\uff42\uff43", "abc"),
        ("My Shop", "my  shop "),
        ("Shop", "Sh\u200bop"),
        ("İ", "i\u0307"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
)
def test_names_that_look_the_same_are_the_same(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_names_that_look_different_are_different() -> None:
    assert len({name_key(name) for name in ("Shop", "Shop 2", "Sh-op", "Shóp", "店")}) == 5


def test_tags_stand_once_in_the_order_given() -> None:
    assert checked_tags([" eu ", "live", "eu"]) == ("eu", "live")


@pytest.mark.parametrize("tag", ["", " ", "a\nb", "x" * (MAX_TAG_LENGTH + 1), "\ud800"])
def test_a_tag_that_is_refused_is_pointed_at(tag: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_tags(["eu", tag])
    assert refused.value.fields[0].pointer == "/tags/1"


def test_too_many_tags_are_refused() -> None:
    with pytest.raises(InvalidInput):
        checked_tags([str(number) for number in range(MAX_TAGS + 1)])


@pytest.mark.parametrize(
    ("severities", "status"),
    [
        ([], Status.READY),
        ([Severity.NOTE], Status.READY),
        ([Severity.NOTE, Severity.ATTENTION], Status.ATTENTION),
        ([Severity.ATTENTION, Severity.BROKEN, Severity.NOTE], Status.BROKEN),
    ],
)
def test_the_heaviest_finding_makes_the_status(severities: list[Severity], status: Status) -> None:
    assert status_from_findings(Finding("code", "message", "action", severity) for severity in severities) is status
