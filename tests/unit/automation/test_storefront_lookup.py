"""Reading the subdomain out of what the store says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from companion.core.vanity_address import subdomain_from_answer


def answer(vanity: object) -> dict[str, Any]:
    return {"data": {"site": {"settings": {"url": {"vanityUrl": vanity}}}}}


def test_a_vanity_address_shows_the_subdomain() -> None:
    assert subdomain_from_answer(answer("https://celigo.mybigcommerce.com")) == "celigo"


@pytest.mark.parametrize(
    "given",
    [
        answer("https://www.shop.example"),
        answer("https://store-ci4bzn8adz.mybigcommerce.com"),
        answer("https://store-ci4bzn8adz-7.mybigcommerce.com"),
        answer("https://a.b.mybigcommerce.com"),
        answer(None),
        answer(7),
        {"data": None, "errors": [{"message": "no"}]},
        {"data": {"site": None}},
        {},
    ],
)
def test_an_answer_that_shows_none_gives_none(given: dict[str, Any]) -> None:
    assert subdomain_from_answer(given) is None
